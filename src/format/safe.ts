/** Text from a trace or a data directory made safe to show; names come again and again, so answers are kept. */
import { printable } from '../cli/diagnostic.js';
import { qualifiedName } from '../event/pg.js';

const MOST = 8192;
const LONGEST = 1024;

const shown = new Map<string, string>();

/** The text with nothing in it that moves, colours, reorders or hides what a terminal shows. */
export function safe(text: string): string {
  const known = shown.get(text);
  if (known !== undefined) return known;
  const made = printable(text);
  if (text.length > LONGEST) return made;
  if (shown.size >= MOST) shown.clear();
  shown.set(text, made);
  return made;
}

/** As safe(), in double quotes, `"` and `\` in it escaped as strace(1) does. */
export function quoted(text: string): string {
  return `"${safe(text.replace(/["\\]/g, '\\$&'))}"`;
}

const names = new Map<string, Map<string, string>>();
let count = 0;

/** `schema.name`, quoted as SQL where that is needed, and safe. */
export function safeName(schema: string, name: string): string {
  let ofSchema = names.get(schema);
  const known = ofSchema?.get(name);
  if (known !== undefined) return known;
  if (++count > MOST) {
    names.clear();
    ofSchema = undefined;
    count = 1;
  }
  if (ofSchema === undefined) {
    ofSchema = new Map();
    names.set(schema, ofSchema);
  }
  const made = printable(qualifiedName(schema, name));
  ofSchema.set(name, made);
  return made;
}
