/**
 * The messages of the frontend/backend protocol 3, as data (PostgreSQL's documentation, "Message Formats"; the greatest
 * lengths are SocketBackend()'s of src/backend/tcop/postgres.c), and the fields of those that say what is executed.
 */

export interface MessageType {
  /** Of the body, in bytes. */
  least: number;
  most: number;
  /** Whether its body says something. */
  wanted: boolean;
}

/** PQ_LARGE_MESSAGE_LIMIT, PQ_SMALL_MESSAGE_LIMIT and PQ_MAX_AUTH_TOKEN_LENGTH of src/include/libpq/libpq.h. */
const LARGE = 0x3ffffffe;
const SMALL = 10_000;
const TOKEN = 65_535;

type Row = readonly [types: string, least: number, most: number, wanted: boolean];

function table(rows: readonly Row[]): ReadonlyMap<number, MessageType> {
  return new Map(
    rows.flatMap(([types, least, most, wanted]) =>
      [...types].map((type) => [type.charCodeAt(0), { least, most, wanted }] as const),
    ),
  );
}

/** Query, Parse, Bind, FunctionCall, Execute, Close, Describe, Sync, Flush, CopyData, CopyDone, CopyFail, a password, Terminate. */
export const FRONTEND = table([
  ['Q', 1, LARGE, true],
  ['P', 4, LARGE, true],
  ['B', 8, LARGE, true],
  ['F', 8, LARGE, false],
  ['E', 5, SMALL, true],
  ['C', 2, SMALL, true],
  ['D', 2, SMALL, false],
  ['SHXc', 0, 0, false],
  ['d', 0, LARGE, false],
  ['f', 1, SMALL, false],
  ['p', 0, TOKEN, false],
]);

/** Those that say how far the server is first: ReadyForQuery; completions of Parse, Bind, Close; then the rest. */
export const BACKEND = table([
  ['Z', 1, 1, true],
  ['123nsIc', 0, 0, false],
  ['RKSTDCENAtGHWdVv', 0, LARGE, false],
]);

/** What a client begins with (ProcessStartupPacket() of src/backend/tcop/backend_startup.c, postmaster.c before 17). */
export type Opening = 'startup' | 'cancel' | 'TLS' | 'GSSAPI';

const CODES: ReadonlyMap<number, Opening> = new Map([
  [80877102, 'cancel'],
  [80877103, 'TLS'],
  [80877104, 'GSSAPI'],
]);
const MOST_STARTUP = 10_000;

/** The opening packet that the bytes begin with, and its length; null where they do not. */
export function readOpening(data: Buffer): { opening: Opening; length: number } | null {
  if (data.length < 8) return null;
  const length = data.readUInt32BE(0);
  const code = data.readUInt32BE(4);
  const opening = code >>> 16 === 3 ? 'startup' : CODES.get(code);
  return opening === undefined || length < 8 || length > MOST_STARTUP ? null : { opening, length };
}

/** A record of TLS: its content type, and its version 3.x (RFC 8446, 5.1). */
export function isTls(data: Buffer): boolean {
  return data.length >= 3 && data[0]! >= 0x14 && data[0]! <= 0x17 && data[1] === 3 && data[2]! <= 4;
}
