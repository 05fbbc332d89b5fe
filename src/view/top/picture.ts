/** All that is on the screen: the model and what the user chose, as lines. Nothing here knows a terminal. */
import { detailLines } from './detail.js';
import type { Glyphs } from './glyphs.js';
import { header, placedPart } from './header.js';
import { helpLines } from './help.js';
import { cut, type Line, span } from './lines.js';
import { listLines } from './list.js';
import { listRows, type Model, rowOf } from './rows.js';
import { type Shown, type State, selectedIndex } from './state.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Picture {
  /** As many as the screen is high. */
  readonly lines: readonly Line[];
  readonly shown: Shown;
  /** Not all relations are in their families yet: another picture goes on with that. */
  readonly partial: boolean;
}

/** The header, the list's own head, and the line of keys. */
const HEADER = 2;
const HEAD = 1;
const FOOTER = 1;

const KEYS: Readonly<Record<State['screen'], string>> = {
  list: 'q quit  s sort  / filter  g group  b statements  p pause  Enter detail  ? help',
  detail: 'Esc back  p pause  ? help  q quit',
  help: '? back  q quit',
};

export function picture(model: Model, state: State, glyphs: Glyphs, { width, height }: Size): Picture {
  const room = Math.max(0, height - HEADER - FOOTER);
  const page = Math.max(1, room - HEAD);
  const { rows, more } = listRows(model, state, page);
  const shown = { keys: rows.map(({ key }) => key), page, more };
  const body = () => {
    if (state.screen === 'help') return helpLines();
    const opened = state.screen === 'detail' && state.opened !== null ? rowOf(model, state.opened) : null;
    if (opened !== null) return detailLines(opened, model, glyphs, width, room);
    return listLines(rows, selectedIndex(state, shown.keys), state, glyphs, width);
  };
  const lines = body()
    .slice(0, room)
    .map((line) => cut(line, width));
  while (lines.length < room) lines.push([]);
  const all = [...header(model, state, glyphs, width), ...lines, cut(footer(state, glyphs), width)];
  return { lines: all.slice(0, height), shown, partial: placedPart(model, state) !== null };
}

function footer(state: State, glyphs: Glyphs): Line {
  if (state.earlier !== null) return [span(`/${glyphs.text(state.filter)}_`, 'title')];
  return [span(KEYS[state.screen], 'faint')];
}

/** The same for what is no terminal: a table, as wide as it is told, of `count` rows. */
export function tableText(model: Model, state: State, glyphs: Glyphs, width: number, count: number): string {
  const { rows } = listRows(model, state, count);
  const lines = [...header(model, state, glyphs, width), ...listLines(rows, -1, state, glyphs, width)];
  return lines
    .map(
      (line) =>
        `${line
          .map(({ text }) => text)
          .join('')
          .trimEnd()}\n`,
    )
    .join('');
}
