/** The golden screens: what is pressed, and the files in fixtures/screen that show what comes of it. */
import { join } from 'node:path';
import { openPane, type PaneOptions } from './pane.js';

export interface Session extends PaneOptions {
  options: readonly string[];
  steps: readonly Step[];
}

interface Step {
  /** A key; null for the first screen. */
  key: string | null;
  /** What has to be on the screen then. */
  shown: RegExp;
  /** The golden screen that it is held to. */
  name?: string;
}

const EVENTS = join('fixtures', 'trace', '15.resolved.ndjson');
const ENDED = /\[input ended\][\s\S]*^q quit/m;

const FILTER: readonly Step[] = [
  { key: '/', shown: /^\/_$/m },
  { key: 'public.o', shown: /^\/public.o_$/m },
];

function first(name: string): Step {
  return { key: null, shown: ENDED, name };
}

export const SESSIONS: readonly Session[] = [
  {
    width: 80,
    height: 24,
    options: [],
    steps: [
      first('list'),
      { key: '?', shown: /^Keys/m, name: 'help' },
      { key: '?', shown: /^q quit/m },
      { key: 's', shown: /TIME\*/ },
      { key: 'g', shown: /orders \+\d/, name: 'group' },
    ],
  },
  {
    width: 80,
    height: 40,
    options: ['--sort', 'name'],
    steps: [
      { key: null, shown: ENDED },
      ...FILTER,
      { key: 'Enter', shown: /^q quit/m, name: 'filter' },
      { key: 'Down', shown: /^> public.orders_c/m },
      { key: 'Enter', shown: /^latency/m, name: 'detail' },
      { key: 'Escape', shown: /^> public.orders_c/m },
    ],
  },
  { width: 132, height: 20, options: ['--sort', 'read'], steps: [first('wide')] },
  { width: 40, height: 12, options: [], steps: [first('narrow')] },
  { width: 80, height: 24, options: [], env: { LC_ALL: 'C', NO_COLOR: '1' }, steps: [first('ascii')] },
];

export function screenPath(name: string): string {
  return join('fixtures', 'screen', `${name}.txt`);
}

/** The named screens of a session. */
export async function takeScreens({ options, steps, ...pane }: Session): Promise<Map<string, string>> {
  const opened = openPane(`exec '${process.execPath}' bin/pgtrace-top ${options.join(' ')} ${EVENTS}`, pane);
  const screens = new Map<string, string>();
  try {
    for (const { key, shown, name } of steps) {
      if (key !== null) opened.press(key);
      await opened.until(shown);
      if (name !== undefined) screens.set(name, await opened.settled());
    }
    return screens;
  } finally {
    opened.close();
  }
}
