/** The golden screens: what is pressed, and the file in fixtures/screen that shows what comes of it. */
import { join } from 'node:path';
import { openPane, type PaneOptions } from './pane.js';

export interface Screen extends PaneOptions {
  name: string;
  options: readonly string[];
  /** Keys, and what has to be on the screen before the next. */
  steps: readonly (readonly [key: string, shown: RegExp])[];
}

const EVENTS = join('fixtures', 'trace', '15.resolved.ndjson');

const ENDED = /\[input ended\][\s\S]*q quit/;

export const SCREENS: readonly Screen[] = [
  { name: 'list', options: [], width: 80, height: 24, steps: [] },
  { name: 'wide', options: ['--sort', 'read'], width: 132, height: 20, steps: [] },
  { name: 'narrow', options: [], width: 40, height: 12, steps: [] },
  { name: 'ascii', options: [], width: 80, height: 24, env: { LC_ALL: 'C', NO_COLOR: '1' }, steps: [] },
  { name: 'group', options: ['--sort', 'time'], width: 80, height: 24, steps: [['g', /orders \+\d/]] },
  {
    name: 'filter',
    options: ['--sort', 'name'],
    width: 80,
    height: 24,
    steps: [
      ['/', /^\/_$/m],
      ['orders', /^\/orders_$/m],
      ['Enter', /^q quit/m],
    ],
  },
  {
    name: 'detail',
    options: [],
    width: 80,
    height: 40,
    steps: [
      ['/', /^\/_$/m],
      ['public.orders', /^\/public.orders_$/m],
      ['Enter', /^q quit/m],
      ['Enter', /latency/],
    ],
  },
  { name: 'help', options: [], width: 80, height: 24, steps: [['?', /^Keys/m]] },
];

export function screenPath(name: string): string {
  return join('fixtures', 'screen', `${name}.txt`);
}

export async function takeScreen({ options, steps, ...pane }: Screen): Promise<string> {
  const opened = openPane(`exec '${process.execPath}' bin/pgtrace-top ${options.join(' ')} ${EVENTS}`, pane);
  try {
    let screen = await opened.until(ENDED);
    for (const [key, shown] of steps) {
      opened.press(key);
      screen = await opened.until(shown);
    }
    return screen;
  } finally {
    opened.close();
  }
}
