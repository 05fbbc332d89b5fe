/** A real terminal emulator, tmux(1): a command in a pane, keys sent to it, the screen captured. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface PaneOptions {
  width: number;
  height: number;
  env?: Readonly<Record<string, string>>;
}

export interface Pane {
  /** A directory of its own, for files of the test. */
  readonly directory: string;
  /** Keys as tmux names them: `Down`, `Enter`, `C-l`; text as it is. */
  press(...keys: string[]): void;
  resize(width: number, height: number): void;
  /** The lines of the screen, without blanks at their ends. */
  capture(): string;
  /** A tmux format: `#{alternate_on}`. */
  ask(format: string): string;
  /** Waits until the screen shows it. @throws Error with the screen, after a while. */
  until(wanted: RegExp): Promise<string>;
  /** The screen when it has stood still for a moment: a picture may come in parts. */
  settled(): Promise<string>;
  close(): void;
}

const PATIENCE_MS = 60_000;
const LOOK_MS = 50;
/** Longer than from one picture to the next. */
const STILL_MS = 500;

/** Why there is no pane on this machine; null where there is. */
export function noPane(): string | null {
  return spawnSync('tmux', ['-V']).status === 0 ? null : 'tmux is not installed (apt install tmux)';
}

/** @param command of sh(1), in the project's directory. */
export function openPane(command: string, { width, height, env = {} }: PaneOptions): Pane {
  const directory = mkdtempSync(join(tmpdir(), 'pgtrace-pane-'));
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-u', '-S', join(directory, 'socket'), '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
  const variables = Object.entries({ LC_ALL: 'C.UTF-8', NO_COLOR: '', DIR: directory, ...env });
  // The window outlives the command, so that what it left behind can be seen.
  const line = `${command}; exec sleep ${PATIENCE_MS / 1000}`;
  const set = variables.flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  tmux('new-session', '-d', '-x', String(width), '-y', String(height), ...set, 'sh', '-c', line);

  function capture(): string {
    return tmux('capture-pane', '-p').replace(/[ ]+$/gm, '');
  }

  async function until(wanted: RegExp): Promise<string> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const screen = capture();
      if (wanted.test(screen)) return screen;
      if (Date.now() > deadline) throw new Error(`no ${wanted} on the screen:\n${screen}`);
      await sleep(LOOK_MS);
    }
  }

  async function settled(): Promise<string> {
    for (let screen = capture(); ; ) {
      await sleep(STILL_MS);
      const now = capture();
      if (now === screen) return now;
      screen = now;
    }
  }

  return {
    directory,
    press: (...keys) => void tmux('send-keys', ...keys),
    resize: (width, height) => void tmux('resize-window', '-x', String(width), '-y', String(height)),
    capture,
    ask: (format) => tmux('display-message', '-p', format).trim(),
    until,
    settled,
    close() {
      tmux('kill-server');
      rmSync(directory, { recursive: true });
    },
  };
}
