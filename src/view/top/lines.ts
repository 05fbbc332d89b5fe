/** Lines of a screen: spans of text, each with what it is; how that looks is the terminal's affair. */
import { fit, widthOf } from '../width.js';

export type Style = 'plain' | 'title' | 'head' | 'selected' | 'faint' | 'alert' | 'bar';

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type Line = readonly Span[];

export function span(text: string, style: Style = 'plain'): Span {
  return { text, style };
}

/** One span in exactly `width` columns. */
export function cell(text: string, width: number, style: Style = 'plain'): Span {
  return { text: fit(text, width), style };
}

/** As cell(), at the right. */
export function figure(text: string, width: number, style: Style = 'plain'): Span {
  const own = widthOf(text);
  return own > width ? cell(text, width, style) : { text: ' '.repeat(width - own) + text, style };
}

/** The line cut to `width` columns. */
export function cut(line: Line, width: number): Line {
  const kept: Span[] = [];
  let left = width;
  for (const { text, style } of line) {
    const own = widthOf(text);
    kept.push(own <= left ? { text, style } : cell(text, left, style));
    left -= Math.min(own, left);
    if (left === 0) break;
  }
  return kept;
}

/** `start` at the left of a line of `width` columns, `end` at its right where there is room for both. */
export function spread(start: Line, end: Span, width: number): Line {
  const room = width - widthOf(end.text) - 1;
  const shown = cut(start, Math.max(0, room));
  const used = shown.reduce((sum, { text }) => sum + widthOf(text), 0);
  return room < 20 ? cut(start, width) : [...shown, span(' '.repeat(width - used - widthOf(end.text))), end];
}

export function textOf(line: Line): string {
  return line.map(({ text }) => text).join('');
}
