import type { Io } from '../cli/io.js';

/** What is put before and after a part of a line; all empty where there are no colours. */
export interface Theme {
  time: string;
  object: string;
  unresolved: string;
  error: string;
  end: string;
}

export const PLAIN: Theme = { time: '', object: '', unresolved: '', error: '', end: '' };

/** ECMA-48 SGR: faint, cyan, yellow, red, and back. */
export const COLORS: Theme = {
  time: '\x1b[2m',
  object: '\x1b[36m',
  unresolved: '\x1b[33m',
  error: '\x1b[31m',
  end: '\x1b[0m',
};

export type ColorWhen = 'auto' | 'always' | 'never';

/** `auto` colours a terminal that can, unless NO_COLOR is set and not empty (no-color.org). */
export function themeFor(when: ColorWhen, io: Pick<Io, 'env' | 'stdout'>): Theme {
  if (when !== 'auto') return when === 'always' ? COLORS : PLAIN;
  const wanted = (io.env.NO_COLOR ?? '') === '' && io.env.TERM !== 'dumb';
  return wanted && io.stdout.isTTY === true ? COLORS : PLAIN;
}
