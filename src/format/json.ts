/** Events as they came, one a line. */
import { UNPRINTABLE } from '../cli/diagnostic.js';
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

/** The line with nothing unprintable in it, and the same value: such characters by their code, as in `\u001b`. */
function printableJson(line: string): string {
  if (line.search(UNPRINTABLE) < 0) return line;
  // Outside strings a tab is white space; written anew there is none.
  const text = JSON.stringify(JSON.parse(line));
  return text.replace(UNPRINTABLE, (char) => {
    let escapes = '';
    for (let at = 0; at < char.length; at++) {
      escapes += `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`;
    }
    return escapes;
  });
}
