/** What a call touches: a file, and which bytes of it. */
import type { OpenFile } from './descriptors.js';

export interface Touch {
  /** The file under the call's descriptor. */
  file: OpenFile | null;
  /** The path of a call without one, absolute or relative to a directory that is not known. */
  path: string | null;
  /** The first byte that the call touches; -1 where it touches none, or it is not known. */
  offset: number;
  /** How many; -1 where that is not known, or is no matter of bytes. */
  length: number;
  /** The file's size in bytes, where the call proves it; else -1. */
  size: number;
  /** The file reaches at least to the end of what was touched. */
  reaches: boolean;
  /** The call has a descriptor and nothing says what it is. */
  unknown: boolean;
  /** The call has a path, and nothing says from which directory it counts. */
  unplaced: boolean;
}

/** What an event touches. One object serves all events: nothing is allocated for each. */
export interface Touches {
  first: Touch;
  second: Touch;
  /** Of a successful open: the path that was asked for. */
  opened: string | null;
}

export function createTouches(): Touches {
  return { first: createTouch(), second: createTouch(), opened: null };
}

export function clearTouches(touches: Touches): void {
  clearTouch(touches.first);
  clearTouch(touches.second);
  touches.opened = null;
}

function createTouch(): Touch {
  return {
    file: null,
    path: null,
    offset: -1,
    length: -1,
    size: -1,
    reaches: false,
    unknown: false,
    unplaced: false,
  };
}

function clearTouch(touch: Touch): void {
  touch.file = null;
  touch.path = null;
  touch.offset = -1;
  touch.length = -1;
  touch.size = -1;
  touch.reaches = false;
  touch.unknown = false;
  touch.unplaced = false;
}
