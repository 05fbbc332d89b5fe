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

/** Text that is safe on a terminal: C0, DEL and C1 controls, and what reorders or hides text, as `\xHH`, `\u{H}`. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
