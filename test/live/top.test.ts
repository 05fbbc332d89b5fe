/** The live screen in a real terminal emulator: golden screens, resizing, and the terminal given back. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { noPane, openPane, type Pane } from './pane.js';
import { SESSIONS, screenPath, takeScreens } from './screens.js';

const EVENTS = join('fixtures', 'trace', '15.resolved.ndjson');
const TOP = `'${process.execPath}' bin/pgtrace-top`;
/** The same, with its process id in a file. */
const REPORTING = `sh -c 'echo $$ > $DIR/pid; exec ${TOP.replaceAll("'", '"')} ${EVENTS}'`;
const SIZE = { width: 80, height: 24 };

/** Runs `command` with the terminal's settings before and after it in files, and its status on the screen. */
function openChecked(command: string, env: Readonly<Record<string, string>> = {}): Pane {
  const line = `echo shell; stty -a > $DIR/before; ${command}; echo "status $?"; stty -a > $DIR/after; echo done`;
  return openPane(line, { ...SIZE, env });
}

/** The settings are those before, the alternate screen is left, and the cursor shows. */
async function assertRestored(pane: Pane, status: RegExp): Promise<void> {
  const screen = await pane.until(/^done$/m);
  assert.match(screen, status);
  assert.match(screen, /^shell$/m, 'what was on the screen before is there again');
  assert.equal(pane.ask('#{alternate_on} #{cursor_flag}'), '0 1');
  const settings = (name: string) => readFileSync(join(pane.directory, name), 'utf8');
  assert.equal(settings('after'), settings('before'));
}

function pidOf(pane: Pane): number {
  return Number(readFileSync(join(pane.directory, 'pid'), 'utf8'));
}

async function withPane(pane: Pane, use: (pane: Pane) => Promise<void>): Promise<void> {
  try {
    await use(pane);
  } finally {
    pane.close();
  }
}

describe('pgtrace-top on a terminal', { skip: noPane() ?? false, concurrency: 3 }, () => {
  for (const session of SESSIONS) {
    const names = session.steps.flatMap(({ name }) => name ?? []);
    test(`the screens ${names.join(', ')}`, async () => {
      const screens = await takeScreens(session);
      assert.deepEqual([...screens.keys()], names);
      for (const [name, screen] of screens)
        assert.equal(screen, readFileSync(screenPath(name), 'utf8'), name);
    });
  }

  test('events come through standard input, keys from the terminal; q gives it back', async () => {
    await withPane(openChecked(`cat ${EVENTS} | ${TOP}`), async (pane) => {
      await pane.until(/\[input ended\]/);
      assert.equal(pane.ask('#{alternate_on} #{cursor_flag}'), '1 0');
      pane.press('q');
      await assertRestored(pane, /^status 0$/m);
    });
  });

  test('q ends it while events still come', async () => {
    await withPane(openChecked(`(cat ${EVENTS}; sleep 2; echo) | ${TOP}`), async (pane) => {
      await pane.until(/^> wal/m);
      pane.press('q');
      await assertRestored(pane, /^status 0$/m);
    });
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
    test(`${signal} gives the terminal back`, async () => {
      await withPane(openChecked(REPORTING), async (pane) => {
        await pane.until(/\[input ended\]/);
        process.kill(pidOf(pane), signal);
        await assertRestored(pane, /^status 0$/m);
      });
    });
  }

  test('a crash gives the terminal back, and shows after it', async () => {
    const crash = "process.on('SIGUSR2', () => { throw new Error('on purpose') })";
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(crash)}` };
    await withPane(openChecked(REPORTING, env), async (pane) => {
      await pane.until(/\[input ended\]/);
      process.kill(pidOf(pane), 'SIGUSR2');
      await assertRestored(pane, /Error: on purpose[\s\S]*^status 1$/m);
    });
  });

  test('the screen follows the size of the terminal', async () => {
    await withPane(openPane(`${TOP} ${EVENTS}`, SIZE), async (pane) => {
      await pane.until(/\[input ended\]/);
      pane.resize(132, 12);
      const wide = await pane.until(/^ {2}RELATION {40,}/m);
      assert.match(wide, /^q quit/m);
      pane.resize(40, 8);
      const narrow = await pane.until(/^ {2}RELATION {1,24}\S/m);
      assert.match(narrow, /^q quit/m);
      assert.ok(narrow.split('\n').length <= 9, narrow);
    });
  });

  test('a paused screen stands still', async () => {
    const command = `(cat ${EVENTS}; while sleep 0.2; do cat ${EVENTS}; done) | ${TOP}`;
    await withPane(openPane(command, SIZE), async (pane) => {
      await pane.until(/^> wal/m);
      pane.press('p');
      await pane.until(/\[paused\]/);
      const still = await pane.settled();
      await sleep(700);
      assert.equal(pane.capture(), still);
      pane.press('p');
      await pane.until(/^pgtrace-top(?![^\n]*paused)/m);
    });
  });

  test('what another program writes over it goes with Ctrl-L', async () => {
    await withPane(openPane(`${TOP} ${EVENTS}`, SIZE), async (pane) => {
      await pane.until(/\[input ended\]/);
      const before = await pane.settled();
      const tty = pane.ask('#{pane_tty}');
      // Now and then all is drawn again without a key, so it may go before it was seen.
      let seen = false;
      for (let tries = 0; tries < 100 && !seen; tries++) {
        writeFileSync(tty, 'overwritten');
        seen = pane.capture().includes('overwritten');
      }
      assert.ok(seen);
      pane.press('C-l');
      await pane.until(/^q quit(?![\s\S]*overwritten)/m);
      assert.equal(await pane.settled(), before);
    });
  });
});
