/** Puts `statement`, `pg` and `pg2` into the text of an event, whose every other key stays as it came. */

/**
 * The line with `members` (`"pg":{…}`, or empty) as its last keys.
 * @param line one JSON object
 * @param replace the line has a `statement`, `pg` or `pg2` of its own, which goes.
 */
export function splice(line: string, members: string, replace: boolean): string {
  const text = replace ? withoutPg(line) : line;
  if (members === '') return text;
  const end = text.length - 1;
  const before = text.charCodeAt(end - 1);
  // The one form of nearly every line; others are an empty object, or have blanks at their end.
  if (text.charCodeAt(end) === CLOSE && before !== OPEN && !isBlank(before)) {
    return `${text.slice(0, end)},${members}}`;
  }
  const inner = text.slice(text.indexOf('{') + 1, text.lastIndexOf('}')).trim();
  return inner === '' ? `{${members}}` : `{${inner},${members}}`;
}

const PUT: ReadonlySet<unknown> = new Set(['statement', 'pg', 'pg2']);
const OPEN = 123;
const CLOSE = 125;

/** Copies the top level's members, except statement, pg and pg2. */
function withoutPg(line: string): string {
  const members: string[] = [];
  let at = skipBlanks(line, line.indexOf('{') + 1);
  while (at < line.length && line[at] !== '}') {
    const keyEnd = endOfString(line, at);
    const end = endOfValue(line, skipBlanks(line, skipBlanks(line, keyEnd) + 1));
    const key = JSON.parse(line.slice(at, keyEnd));
    if (!PUT.has(key)) members.push(line.slice(at, end));
    at = skipBlanks(line, end);
    if (line[at] === ',') at = skipBlanks(line, at + 1);
  }
  return `{${members.join(',')}}`;
}

function endOfValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return endOfString(text, from);
  if (first !== '{' && first !== '[') {
    let at = from;
    while (at < text.length && !',}]'.includes(text[at]!) && !isBlank(text.charCodeAt(at))) at++;
    return at;
  }
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at) - 1;
    else if (char === '{' || char === '[') depth++;
    else if ((char === '}' || char === ']') && --depth === 0) return at + 1;
  }
  return text.length;
}

/** Past the closing quote of the string that opens at `from`. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) at++;
  return at;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}
