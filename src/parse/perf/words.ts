/**
 * perf trace's words in strace's: it leaves the prefix of a group of names out (`RDWR|CREAT`, tools/perf/trace/beauty),
 * unless trace.show_prefix is set, and has an order of its own.
 */
import type { Parameter } from '../calls.js';
import { OPEN_ORDER, mode as octal } from '../linux/flags.js';

const PREFIXES: Partial<Record<Parameter, string>> = {
  whence: 'SEEK_',
  prot: 'PROT_',
  advice: 'POSIX_FADV_',
};

const IN_CALL: Readonly<Record<string, Partial<Record<Parameter, string>>>> = {
  open: { flags: 'O_' },
  openat: { flags: 'O_' },
  dup3: { flags: 'O_' },
  pipe2: { flags: 'O_' },
  fcntl: { cmd: 'F_', arg: 'O_' },
  mmap: { flags: 'MAP_' },
  flock: { cmd: 'LOCK_' },
  epoll_ctl: { cmd: 'EPOLL_CTL_' },
  sync_file_range: { flags: 'SYNC_FILE_RANGE_' },
  renameat2: { flags: 'RENAME_' },
  newfstatat: { flags: 'AT_' },
  statx: { flags: 'AT_' },
  unlinkat: { flags: 'AT_' },
  accept4: { flags: 'SOCK_' },
  sendto: { flags: 'MSG_' },
  recvfrom: { flags: 'MSG_' },
  sendmsg: { flags: 'MSG_' },
  recvmsg: { flags: 'MSG_' },
  clone: { 'flags=': 'CLONE_' },
  access: { mode: '' },
  faccessat: { mode: '' },
  faccessat2: { mode: '' },
  fallocate: { mode: 'FALLOC_FL_' },
};

const ACCESS = ['O_RDONLY', 'O_WRONLY', 'O_RDWR'];

/** beauty/mode_t.c. */
const MODES: Readonly<Record<string, number>> = {
  ALLUGO: 0o7777,
  RWXUGO: 0o777,
  RUGO: 0o444,
  WUGO: 0o222,
  XUGO: 0o111,
  RWXU: 0o700,
  RUSR: 0o400,
  WUSR: 0o200,
  XUSR: 0o100,
  RWXG: 0o70,
  RGRP: 0o40,
  WGRP: 0o20,
  XGRP: 0o10,
  RWXO: 0o7,
  ROTH: 0o4,
  WOTH: 0o2,
  XOTH: 0o1,
  SUID: 0o4000,
  SGID: 0o2000,
  SVTX: 0o1000,
  FREG: 0o100000,
  FDIR: 0o40000,
};

/** The text as strace has it; a number stays one. */
export function withPrefix(call: string, parameter: Parameter, text: string): string {
  if (/^(?:-?\d|0x)/.test(text)) return text;
  if (parameter === 'mode' && IN_CALL[call]?.mode === undefined) return modeOf(text);
  const prefix = IN_CALL[call]?.[parameter] ?? PREFIXES[parameter];
  if (prefix === undefined) return text;
  const words = text.split('|').map((word) => wordOf(call, prefix, word));
  return (prefix === 'O_' ? words.sort((one, other) => placeOf(one) - placeOf(other)) : words).join('|');
}

/** strace has the way of access first, and what has no name last. */
function placeOf(word: string): number {
  if (ACCESS.includes(word)) return -1;
  const place = OPEN_ORDER.indexOf(word);
  return place === -1 ? OPEN_ORDER.length : place;
}

function wordOf(call: string, prefix: string, word: string): string {
  if ((call === 'access' || call.startsWith('faccessat')) && /^[RWXF]$/.test(word)) return `${word}_OK`;
  return /^(?:0x|\d)/.test(word) || word.startsWith(prefix) ? word : prefix + word;
}

/** `IRUSR|IWUSR` as `0600`. */
function modeOf(text: string): string {
  let value = 0;
  for (const word of text.split('|')) {
    const bits = word.startsWith('0x') ? Number(word) : MODES[word.replace(/^(?:S_)?I/, '')];
    if (bits === undefined) return text;
    value |= bits;
  }
  return octal(value);
}
