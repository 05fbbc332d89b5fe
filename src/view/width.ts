/** How wide a text is on a terminal. */

/** Marks that stand on the character before them. */
const NARROW = /\p{M}/u;
/** Unicode's East Asian wide and fullwidth characters, and pictures (EastAsianWidth.txt, W and F). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;

/** Columns that a printable text takes. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** The text in exactly `width` columns: filled with blanks, or cut with `~` at its end. */
export function fit(text: string, width: number): string {
  const own = widthOf(text);
  if (own <= width) return text + ' '.repeat(width - own);
  let kept = '';
  let used = 0;
  for (const char of text) {
    const next = charWidth(char);
    if (used + next > width - 1) break;
    kept += char;
    used += next;
  }
  return `${kept}${'~'.repeat(Math.min(1, width))}${' '.repeat(Math.max(0, width - 1 - used))}`;
}

function charWidth(char: string): number {
  return NARROW.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
}
