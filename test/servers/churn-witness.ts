/** Whoever is told, step by step, what sessions do to their relations, and holds somebody to it. */
import type { Expected } from './relations.js';

/** What the server says of relations, by the path of their main fork. */
export type Relations = ReadonlyMap<string, Expected>;

/** When a statement was sent and when it was answered, in milliseconds since the epoch. */
export interface Span {
  from: number;
  to: number;
}

export interface Witness {
  /** Nothing is open: what was committed before the statement, and what is now. */
  checkCommitted(before: Relations, now: Relations, span: Span): void;
  /** A transaction is open, in which `seen` is what its own session sees; all its WAL is in its file. */
  checkOpen(committed: Relations, seen: Relations, span: Span): void;
  /** The transaction that `seen` was of has been rolled back. */
  checkRolledBack(committed: Relations, seen: Relations, span: Span): void;
  /** A statement failed, which was undone at the span's end: what it made on its way was seen by nobody. */
  refuse(span: Span): void;
}
