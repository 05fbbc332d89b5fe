/**
 * SQL with `?` for its literals: what the lexer of PostgreSQL (src/backend/parser/scan.l) takes for a string, a
 * bit string or a number. Pure. A string that does not end (its statement was cut) goes up to the end.
 * A backslash in a plain string is taken for data, as with standard_conforming_strings = on.
 */

const STRINGS = [
  // E'…', where a backslash escapes
  /\b[eE]'(?:[^'\\]|''|\\[\s\S]|\\$)*(?:'|$)/,
  // '…', B'…', X'…', N'…', U&'…'
  /(?:\b(?:[bBxXnN]|[uU]&))?'(?:[^']|'')*(?:'|$)/,
  // $$…$$, $tag$…$tag$
  /\$(?<tag>(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$(?:(?!\$\k<tag>\$)[\s\S])*(?:\$\k<tag>\$|$)/,
];
const NUMBER =
  /0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?/;
/** Comments to the end of a line, quoted identifiers, identifiers with the digits in them, parameters. */
const KEPT = /--[^\n\r]*|"(?:[^"]|"")*(?:"|$)|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\$\d+/;

/** In the order in which they are tried. */
const TOKEN = new RegExp(
  `(?<comment>/\\*)|(?<string>${STRINGS.map(({ source }) => source).join('|')})|${KEPT.source}|(?<number>${NUMBER.source})`,
  'g',
);

export function redact(sql: string): string {
  let text = '';
  let at = 0;
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(sql); found !== null; found = TOKEN.exec(sql)) {
    const { comment, string, number } = found.groups!;
    if (comment !== undefined) TOKEN.lastIndex = endOfComment(sql, found.index);
    if (string === undefined && number === undefined) continue;
    text += `${sql.slice(at, found.index)}?`;
    at = TOKEN.lastIndex;
  }
  return text + sql.slice(at);
}

/** Comments nest. */
function endOfComment(sql: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}
