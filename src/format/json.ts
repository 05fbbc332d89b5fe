/** Events as they came, one a line. */
import type { Event } from '../event/types.js';
import { isSelected, type Selection } from './select.js';

/** @param lines the JSON text of each event. */
export function formatJson(events: readonly Event[], lines: readonly string[], selection: Selection): string {
  let text = '';
  for (let index = 0; index < events.length; index++) {
    if (isSelected(events[index]!, selection)) text += `${printableJson(lines[index]!)}\n`;
  }
  return text;
}

/** Characters that safe() escapes and JSON does not have to. */
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The line with nothing unprintable in it, and the same value: such characters as `\uXXXX`. */
function printableJson(line: string): string {
  if (line.search(UNPRINTABLE) < 0) return line;
  // Outside strings a tab is white space; written anew there is none.
  const text = JSON.stringify(JSON.parse(line));
  return text.replace(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
