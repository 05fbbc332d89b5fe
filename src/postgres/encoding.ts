/**
 * Names' bytes to text, in the encoding that pg_database.encoding tells (pg_enc, src/include/mb/pg_wchar.h).
 * Bytes that are no text in that encoding are shown as `\xHH`, so that two names never become one.
 */
const UTF8 = 6;
const LATIN1 = 8;

/** WHATWG labels by pg_enc. SQL_ASCII (0), EUC_TW, EUC_JIS_2004 and MULE_INTERNAL have none. */
const LABELS: Readonly<Record<number, string>> = {
  1: 'euc-jp',
  2: 'gbk',
  3: 'euc-kr',
  [UTF8]: 'utf-8',
  9: 'iso-8859-2',
  10: 'iso-8859-3',
  11: 'iso-8859-4',
  12: 'iso-8859-9',
  13: 'iso-8859-10',
  14: 'iso-8859-13',
  15: 'iso-8859-14',
  16: 'iso-8859-15',
  17: 'iso-8859-16',
  18: 'windows-1256',
  19: 'windows-1258',
  20: 'ibm866',
  21: 'windows-874',
  22: 'koi8-r',
  23: 'windows-1251',
  24: 'windows-1252',
  25: 'iso-8859-5',
  26: 'iso-8859-6',
  27: 'iso-8859-7',
  28: 'iso-8859-8',
  29: 'windows-1250',
  30: 'windows-1253',
  31: 'windows-1254',
  32: 'windows-1255',
  33: 'windows-1257',
  34: 'koi8-u',
};

export type DecodeName = (bytes: Uint8Array) => string;

/** The decoder of a database's names; undefined, as for the shared catalogs, takes UTF-8 where it fits. */
export function nameDecoder(encoding: number | undefined): DecodeName {
  if (encoding === LATIN1) return (bytes) => String.fromCharCode(...bytes);
  const label = encoding === undefined ? 'utf-8' : LABELS[encoding];
  if (label === undefined) return (bytes) => escapeBytes(bytes);
  const decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true });
  return (bytes) => {
    if (bytes.every(isAscii)) return String.fromCharCode(...bytes);
    try {
      return decoder.decode(bytes);
    } catch {
      return escapeBytes(bytes);
    }
  };
}

function isAscii(byte: number): boolean {
  return byte < 0x80;
}

function escapeBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    text += byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}
