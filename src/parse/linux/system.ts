/** Linux, for texts that have its numbers. */
import type { System } from '../system.js';
import { readOf } from './calls.js';
import { cloneFlags, closeRangeFlags, errnoName, hex } from './flags.js';

export const LINUX: System = {
  cwd: -100,
  words(call, key, value) {
    if (call === 'clone' && key === 'flags') return cloneFlags(value);
    if (call === 'close_range') return closeRangeFlags(value);
    const read = readOf(call, key);
    return typeof read === 'function' ? read(value) : hex(value);
  },
  errno: errnoName,
};
