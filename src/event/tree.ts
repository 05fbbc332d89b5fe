/** Lines cut into pieces, kept as a tree: each piece has those that followed it. */
import type { Cut } from './cut.js';
import { type FixedText, fixedText, isAt } from './fixed.js';
import type { Mould } from './mould.js';
import { type Branch, find, insert, newBranch } from './radix.js';

export interface Piece {
  readonly fixed: FixedText;
  /** What stands after it; null where the line ends. */
  readonly slot: Cut['slot'];
  /** The piece that followed the last time: mostly it does again. */
  recent: Piece | null;
  /** All that ever followed, where it was not always the same. */
  others: Branch<Piece> | null;
  /** Where the line ends here. */
  mould: Mould | null;
}

export interface Tree {
  readonly root: Piece;
  /** Texts such as `,"ret":` are in every line; one object for all keeps the tree small, and in the CPU's cache. */
  readonly texts: Map<string, FixedText>;
}

export function newTree(): Tree {
  return { root: newPiece(fixedText(''), null), texts: new Map() };
}

function newPiece(fixed: FixedText, slot: Cut['slot']): Piece {
  return { fixed, slot, recent: null, others: null, mould: null };
}

/** The piece after `last` that stands at `from` of the bytes, over which `view` is; null for none known. */
export function follow(last: Piece, bytes: Uint8Array, view: DataView, from: number): Piece | null {
  const { recent } = last;
  if (recent === null || isAt(recent.fixed, bytes, view, from)) return recent;
  if (last.others === null) return null;
  const found = find(last.others, bytes, view, from);
  if (found !== null) last.recent = found;
  return found;
}

/** Puts a line's pieces into the tree; gives the last, where the line ends. */
export function plant(tree: Tree, cuts: readonly Cut[]): Piece {
  let last = tree.root;
  for (const { text, slot } of cuts) {
    let fixed = tree.texts.get(text);
    if (fixed === undefined) {
      fixed = fixedText(text);
      tree.texts.set(text, fixed);
    }
    last = known(last, fixed) ?? add(last, newPiece(fixed, slot));
  }
  return last;
}

function known(last: Piece, fixed: FixedText): Piece | null {
  if (last.recent?.fixed === fixed) return last.recent;
  if (last.others === null) return null;
  const { bytes } = fixed;
  const found = find(last.others, bytes, new DataView(bytes.buffer), 0);
  // One that is the beginning of another is not it.
  return found?.fixed === fixed ? found : null;
}

function add(last: Piece, piece: Piece): Piece {
  if (last.recent !== null && last.others === null) {
    last.others = newBranch(0);
    insert(last.others, last.recent);
  }
  if (last.others !== null) insert(last.others, piece);
  last.recent = piece;
  return piece;
}
