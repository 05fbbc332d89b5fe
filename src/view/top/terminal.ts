/** The terminal itself: the alternate screen, what is drawn there, and the keys. The library is loaded here only. */
import { openSync, writeSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { ReadStream } from 'node:tty';
import type { Io } from '../../cli/io.js';
import { widthOf } from '../width.js';
import type { Line, Style } from './lines.js';
import type { Size } from './picture.js';

export interface Terminal {
  size(): Size;
  /** Draws what changed; all of it where `whole`, whatever another program wrote in between. */
  draw(lines: readonly Line[], whole: boolean): void;
  /** Gives the terminal back as it was. May be called again. */
  close(): void;
}

export interface Listener {
  /** A character, or a name in capitals: `UP`, `ENTER`, `CTRL_C` … */
  key(name: string): void;
  /** The size is another, or the screen has to be drawn again after a stop. */
  changed(): void;
  /** The terminal has gone, or SIGQUIT says that it is to be let go. */
  gone(): void;
}

type Attributes = { color?: string; bold?: true; dim?: true; inverse?: true; underline?: true };

const STYLES: Readonly<Record<Style, Attributes>> = {
  plain: {},
  title: { bold: true },
  head: { underline: true },
  selected: { inverse: true },
  faint: { dim: true },
  alert: { bold: true },
  bar: {},
};

const COLORS: Readonly<Record<Style, Attributes>> = {
  ...STYLES,
  alert: { bold: true, color: 'red' },
  bar: { color: 'cyan' },
};

/** Whether there is a screen to draw on. */
export function isScreen({ stdout, env }: Io): boolean {
  return stdout.isTTY === true && env.TERM !== 'dumb' && (env.TERM ?? '') !== '';
}

/** Standard input is the events', so the keys are the controlling terminal's. Null where there is none. */
function openKeys(): ReadStream | null {
  try {
    return new ReadStream(openSync('/dev/tty', 'r'));
  } catch {
    return null;
  }
}

/** Takes the terminal of standard output. However the process ends, `close` is called, SIGKILL excepted. */
export async function openTerminal(io: Io, colored: boolean, listener: Listener): Promise<Terminal> {
  const { createTerminal, ScreenBuffer } = (await import('terminal-kit')).default;
  const keys = openKeys();
  // The library makes a file name of it.
  const type = /^[\w.+-]+$/.test(io.env.TERM ?? '') ? io.env.TERM! : 'xterm';
  const term = createTerminal({
    stdin: keys ?? new PassThrough(),
    stdout: io.stdout,
    stderr: io.stderr,
    generic: type,
    appId: type,
    appName: type,
    isTTY: true,
    processSigwinch: false,
    preferProcessSigwinch: false,
  });
  const styles = colored ? COLORS : STYLES;
  const cells = new ScreenBuffer({ dst: term, ...size(), noFill: true });
  let open = false;

  function size(): Size {
    // A terminal may say that it has no size.
    return { width: Math.max(1, term.width || 80), height: Math.max(1, term.height || 24) };
  }

  function enter(): void {
    open = true;
    term.fullscreen(true);
    term.hideCursor();
    if (keys !== null) term.grabInput(true);
  }

  function leave(): void {
    if (!open) return;
    open = false;
    if (keys !== null) term.grabInput(false);
    if (!isThere()) return;
    term.styleReset();
    term.hideCursor(false);
    term.fullscreen(false);
  }

  /** Whether writing to it can work: a terminal that hung up only gives errors. */
  function isThere(): boolean {
    try {
      writeSync((io.stdout as { fd?: number }).fd ?? 1, '\r');
      return true;
    } catch {
      return false;
    }
  }

  /** Ctrl-Z: the whole pipeline stops, as it does for other programs. */
  function stop(): void {
    leave();
    process.kill(0, 'SIGTSTP');
  }

  function proceed(): void {
    enter();
    listener.changed();
  }

  function close(): void {
    leave();
    process.off('exit', leave);
    process.off('SIGCONT', proceed);
    process.off('SIGHUP', listener.gone);
    process.off('SIGQUIT', listener.gone);
    keys?.destroy();
  }

  term.on('key', (name: string) => (name === 'CTRL_Z' ? stop() : listener.key(name)));
  term.on('resize', () => {
    cells.resize({ x: 0, y: 0, ...size() });
    listener.changed();
  });
  keys?.on('end', listener.gone);
  keys?.on('error', listener.gone);
  process.on('exit', leave);
  process.on('SIGCONT', proceed);
  process.on('SIGHUP', listener.gone);
  process.on('SIGQUIT', listener.gone);
  enter();

  return {
    size,
    draw(lines, whole) {
      if (!open) return;
      cells.fill({ attr: {}, char: ' ' });
      lines.forEach((line, y) => {
        let x = 0;
        for (const { text, style } of line) {
          cells.put({ x, y, attr: { ...styles[style] }, wrap: false, dx: 1, dy: 0 }, text);
          x += widthOf(text);
        }
      });
      cells.draw({ delta: !whole });
    },
    close,
  };
}
