/** What the user has chosen, and how each key changes it. */

export const SORTS = ['rate', 'time', 'read', 'written', 'name'] as const;
export type Sort = (typeof SORTS)[number];

/** What a row is of. */
export const KINDS = ['relation', 'statement'] as const;
export type By = (typeof KINDS)[number];

export interface State {
  readonly screen: 'list' | 'detail' | 'help';
  readonly sort: Sort;
  readonly by: By;
  /** Tables with what belongs to them as one row. */
  readonly grouped: boolean;
  readonly paused: boolean;
  /** Rows whose name or process has it, in any case; empty for all. */
  readonly filter: string;
  /** While a filter is typed, the one before; null else. */
  readonly earlier: string | null;
  /** Rows above the first that is shown. */
  readonly offset: number;
  /** The row that the keys are at; null for the first. */
  readonly selected: string | null;
  readonly opened: string | null;
  readonly quit: boolean;
}

/** What a key finds on the screen. */
export interface Shown {
  /** The rows, by their keys. */
  readonly keys: readonly string[];
  /** How many rows fit. */
  readonly page: number;
  /** There are rows below. */
  readonly more: boolean;
}

export function initialState(sort: Sort, grouped: boolean, by: By = 'relation'): State {
  return {
    screen: 'list',
    sort,
    by,
    grouped,
    paused: false,
    filter: '',
    earlier: null,
    offset: 0,
    selected: null,
    opened: null,
    quit: false,
  };
}

/** @param key a character, or a name in capitals: `UP`, `ENTER`, `CTRL_C` … */
export function press(state: State, key: string, shown: Shown): State {
  if (key === 'CTRL_C') return { ...state, quit: true };
  if (state.earlier !== null) return typed(state, key, state.earlier);
  if (key === 'q') return { ...state, quit: true };
  if (key === 'p' || key === ' ') return { ...state, paused: !state.paused };
  if (key === '?' || key === 'h') return { ...state, screen: state.screen === 'help' ? 'list' : 'help' };
  return state.screen === 'list' ? listed(state, key, shown) : left(state, key);
}

function typed(state: State, key: string, earlier: string): State {
  const { filter } = state;
  const top = { offset: 0, selected: null };
  switch (key) {
    case 'ENTER':
    case 'KP_ENTER':
      return { ...state, earlier: null };
    case 'ESCAPE':
      return { ...state, ...top, filter: earlier, earlier: null };
    case 'BACKSPACE':
      return { ...state, ...top, filter: [...filter].slice(0, -1).join('') };
    case 'CTRL_U':
      return { ...state, ...top, filter: '' };
    default:
      // Names of keys are longer than a character.
      return [...key].length === 1 ? { ...state, ...top, filter: filter + key } : state;
  }
}

function left(state: State, key: string): State {
  return key === 'ESCAPE' || key === 'LEFT' || key === 'BACKSPACE' || key === 'ENTER'
    ? { ...state, screen: 'list', opened: null }
    : state;
}

function listed(state: State, key: string, shown: Shown): State {
  switch (key) {
    case 's':
    case 'S':
      return { ...state, sort: neighbour(state.sort, key === 's' ? 1 : -1), offset: 0 };
    case 'g':
      return { ...state, grouped: !state.grouped, offset: 0, selected: null };
    case 'b':
      return { ...state, by: state.by === 'relation' ? 'statement' : 'relation', offset: 0, selected: null };
    case '/':
      return { ...state, earlier: state.filter };
    case 'ESCAPE':
      return { ...state, filter: '', offset: 0 };
    case 'ENTER':
    case 'KP_ENTER':
    case 'RIGHT':
      return open(state, shown);
    default:
      return moved(state, key, shown);
  }
}

function open(state: State, { keys }: Shown): State {
  const key = keys[selectedIndex(state, keys)];
  return key === undefined ? state : { ...state, screen: 'detail', selected: key, opened: key };
}

function moved(state: State, key: string, { keys, page, more }: Shown): State {
  const at = selectedIndex(state, keys);
  const { offset } = state;
  const to = (offset: number, selected: string | undefined) => ({
    ...state,
    offset: Math.max(0, offset),
    selected: selected ?? null,
  });
  switch (key) {
    case 'UP':
    case 'k':
      // Above the first row there is one that is not known before it is shown.
      return at > 0 ? to(offset, keys[at - 1]) : to(offset - 1, undefined);
    case 'DOWN':
    case 'j':
      if (at + 1 < keys.length) return to(offset, keys[at + 1]);
      return more ? to(offset + 1, keys[at]) : state;
    case 'PAGE_DOWN':
      return more ? to(offset + page, undefined) : to(offset, keys.at(-1));
    case 'PAGE_UP':
      return to(offset - page, undefined);
    case 'HOME':
      return to(0, undefined);
    default:
      return state;
  }
}

/** Where the selected row is among those shown; the first where it is not there any more. */
export function selectedIndex({ selected }: State, keys: readonly string[]): number {
  return Math.max(0, selected === null ? 0 : keys.indexOf(selected));
}

function neighbour(sort: Sort, step: number): Sort {
  return SORTS[(SORTS.indexOf(sort) + step + SORTS.length) % SORTS.length]!;
}
