import type { Writable } from 'node:stream';

/** What ends a command with a message for its user: `expected` and `found` belong in the message. */
export class Failure extends Error {
  readonly hint: string | undefined;
  readonly status: number;

  constructor(message: string, hint?: string, status = 1) {
    super(message);
    this.hint = hint;
    this.status = status;
  }
}

/** Bad usage: exit status 2. */
export class UsageError extends Failure {
  constructor(message: string, hint?: string) {
    super(message, hint, 2);
  }
}

/**
 * Writes `command: message` and, with a hint, a second line `hint: …`. What a message quotes from a trace or
 * a data directory may hold anything, so control characters are shown as escapes.
 */
export function diagnose(stderr: Writable, command: string, message: string, hint?: string): void {
  stderr.write(
    `${command}: ${printable(message)}\n${hint === undefined ? '' : `hint: ${printable(hint)}\n`}`,
  );
}

/**
 * What shows nothing, or moves, colours, reorders or hides what a terminal shows: Unicode's categories Other
 * (controls, format characters, surrogates, private use, unassigned) and the line and paragraph separators.
 */
export const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Text that is safe on a terminal: what is unprintable as `\xHH` or `\u{H}`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => {
    const code = char.codePointAt(0)!;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
