/** What an input that cannot be read is told as. */
import { Failure } from './diagnostic.js';

/** Words and a hint for what errno(3) says; other errors are told by their names. */
const REASONS: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['no such file', 'give a FILE that is there, or the text on standard input'],
  ENOTDIR: ['no such file', 'give a FILE that is there, or the text on standard input'],
  EISDIR: ['expected a file, found a directory', 'give the files in it'],
  EACCES: ['permission denied', 'try as the user whose file it is, or with sudo'],
};

/** @param name a file, or `standard input`. */
export function cannotRead(name: string, error: unknown): Failure {
  const { code, message } = error as NodeJS.ErrnoException;
  const [reason, hint] = REASONS[code ?? ''] ?? [
    code ?? message,
    'see what the kernel says of it in dmesg(1)',
  ];
  return new Failure(`cannot read ${name} (${reason})`, hint);
}

/** What to throw where a filter failed that read `name`: the other errors are not of the input. */
export function filterFailure(name: string, error: unknown): unknown {
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall === 'open' || syscall === 'read' ? cannotRead(name, error) : error;
}
