/** The other two files of a sample, as bytes to values without garbage. Pure. */

/** /proc/PID/io, proc_pid_io(5), in the file's order. */
export const COUNTERS = ['rchar', 'wchar', 'syscr', 'syscw', 'read_bytes', 'write_bytes'] as const;

/** Fills `into` with the numbers at the lines' ends; false where the file has fewer. */
export function parseCounters(bytes: Uint8Array, length: number, into: Float64Array): boolean {
  let at = 0;
  for (let i = 0; i < COUNTERS.length; i++) {
    while (at < length && bytes[at] !== 0x3a) at++;
    if (at >= length) return false;
    let value = 0;
    for (at += 2; at < length && bytes[at] !== 0x0a; at++) value = value * 10 + bytes[at]! - 0x30;
    into[i] = value;
  }
  return true;
}

/** The state letter of /proc/PID/stat: behind the name, which stands in brackets and may hold brackets. */
export function parseState(bytes: Uint8Array, length: number): string {
  let at = length - 1;
  while (at >= 0 && bytes[at] !== 0x29) at--;
  const letter = bytes[at + 2];
  return at < 0 || letter === undefined || at + 2 >= length ? '?' : String.fromCharCode(letter);
}
