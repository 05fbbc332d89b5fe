/** What a client asks for, out of the bodies of its messages (PostgreSQL's documentation, "Message Formats"). Pure. */
import type { Message } from './framing.js';

/** A text, or as much of it as there is. */
export interface Text {
  text: string;
  cut: boolean;
}

/** The zero-terminated string at `at`, as UTF-8; null where its beginning is not there. And what follows it. */
function readString(body: Buffer, at: number): { value: Text | null; end: number } {
  if (at > body.length) return { value: null, end: at };
  const zero = body.indexOf(0, at);
  if (zero !== -1) return { value: { text: body.toString('utf8', at, zero), cut: false }, end: zero + 1 };
  // With `stream`, a character that is not whole is left out.
  const text = new TextDecoder().decode(body.subarray(at), { stream: true });
  return { value: { text, cut: true }, end: body.length + 1 };
}

/** A name by which later messages call it; null where it is not all there. */
function nameOf({ value }: { value: Text | null }): string | null {
  return value === null || value.cut ? null : value.text;
}

/** A message that the server has yet to work off, or to answer. */
export interface Step {
  type: 'Q' | 'F' | 'P' | 'B' | 'E' | 'C' | 'S';
  /** The statement's or portal's that it makes, executes or closes; null where it is not known. */
  name: string | null;
  /** Of Bind the statement's; of Close what it closes. */
  of: string | null;
  text: Text | null;
  reported: boolean;
}

/** Null for a message that makes no difference to what is executed. */
export function readStep({ type, body }: Message): Step | null {
  const step: Step = { type: type as Step['type'], name: null, of: null, text: null, reported: false };
  const first = readString(body, 0);
  switch (type) {
    case 'Q':
      step.text = first.value;
      return step;
    case 'P':
      step.name = nameOf(first);
      step.text = readString(body, first.end).value;
      return step;
    case 'B':
      step.name = nameOf(first);
      step.of = nameOf(readString(body, first.end));
      return step;
    case 'E':
      step.name = nameOf(first);
      return step;
    case 'C':
      step.of = String.fromCharCode(body[0] ?? 0);
      step.name = nameOf(readString(body, 1));
      return step;
    case 'F':
    case 'S':
      return step;
    default:
      return null;
  }
}
