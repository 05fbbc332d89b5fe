/**
 * A line of JSON as a value, by the ndjson package: for the lines that the fast way does not know. ndjson is a
 * stream; written and read by turns it is synchronous, and its strict mode tells which row was bad. A row costs
 * 3 to 4 µs so, which is why the hot path goes around it (src/event/template.ts, 0.7 µs).
 */
import ndjson from 'ndjson';

/** The object that the line holds; undefined where it is no JSON object. */
export type RowReader = (line: string) => unknown;

export function createRowReader(): RowReader {
  const parser = ndjson.parse({ strict: true });
  parser.on('error', () => undefined);
  return (line) => {
    // A row `null` would end an object stream; nothing but an object can be an event anyway.
    if (!/^[ \t\r]*\{/.test(line)) return undefined;
    parser.write(`${line}\n`);
    return parser.read() ?? undefined;
  };
}
