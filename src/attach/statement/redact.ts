/**
 * SQL with `?` for its literals: what the lexer of PostgreSQL (src/backend/parser/scan.l) takes for a string, a
 * bit string or a number. Pure. A string that does not end (its statement was cut) goes up to the end.
 * A backslash in a plain string is taken for data, as with standard_conforming_strings = on.
 */

/** In the order in which they are tried; whatever has no group of its own stays. */
const TOKEN = new RegExp(
  [
    // comments and quoted identifiers, U&"…" too
    /--[^\n\r]*|"(?:[^"]|"")*(?:"|$)/,
    // E'…', where a backslash escapes
    /(?<escaped>\b[eE]'(?:[^'\\]|''|\\[\s\S]|\\$)*(?:'|$))/,
    // '…', B'…', X'…', N'…', U&'…'
    /(?<plain>(?:\b(?:[bBxXnN]|[uU]&))?'(?:[^']|'')*(?:'|$))/,
    // $$…$$, $tag$…$tag$
    /(?<dollar>\$(?<tag>(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$(?:(?!\$\k<tag>\$)[\s\S])*(?:\$\k<tag>\$|$))/,
    // identifiers, with the digits and dollars in them, and parameters
    /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\$\d+/,
    /(?<number>0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)/,
  ]
    .map((part) => part.source)
    .join('|'),
  'g',
);

export function redact(sql: string): string {
  return sql.replace(TOKEN, (token: string, ...rest: unknown[]) => {
    const { escaped, plain, dollar, number } = rest.at(-1) as Record<string, string | undefined>;
    return (escaped ?? plain ?? dollar ?? number) === undefined ? token : '?';
  });
}
