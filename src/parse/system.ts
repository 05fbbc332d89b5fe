/** What differs between the systems whose calls are traced. */

/** The parameters whose values are words: flags and the like. */
export type WordKey = 'whence' | 'flags' | 'mode' | 'prot' | 'cmd' | 'advice';

/** How a system's numbers are to be understood. */
export interface System {
  /** AT_FDCWD. */
  cwd: number;
  /** A number in the words that strace would have. `call` is the name by which calls.ts knows it. */
  words(call: string, key: WordKey, value: number): string;
  /** The name of an error. */
  errno(value: number): string;
}
