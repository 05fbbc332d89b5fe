/** The live screen: when it is drawn, and what a key does to it. */
import type { Io } from '../../cli/io.js';
import { PLAIN, themeFor } from '../../format/color.js';
import { glyphsFor } from './glyphs.js';
import { picture } from './picture.js';
import type { Model } from './rows.js';
import { press, type Shown, type State } from './state.js';
import { openTerminal, type Terminal } from './terminal.js';

export interface Screen {
  /** Resolves when the user has quit. */
  readonly quit: Promise<void>;
  close(): void;
}

/** Milliseconds between two pictures; a picture takes this part of the time at most, while it is not too rare. */
const FRAME = 500;
/** After one that is not finished yet. */
const UNFINISHED = 250;
const PART = 0.1;
const RAREST = 3000;
/** Milliseconds after which all is drawn again: another command of the pipeline may have written over it. */
const WHOLE = 2000;

/** @param model what is to be shown at this moment. */
export async function openScreen(io: Io, first: State, model: () => Model): Promise<Screen> {
  const glyphs = glyphsFor(io.env);
  const colored = themeFor('auto', io) !== PLAIN;
  let state = first;
  let shown: Shown = { keys: [], page: 1, more: false };
  let timer: NodeJS.Timeout | null = null;
  let pause = FRAME;
  let partial = false;
  let lastWhole = 0;
  let answering: NodeJS.Immediate | null = null;
  let wholeAnswer = false;
  let quit: () => void = () => undefined;
  const quitting = new Promise<void>((resolve) => {
    quit = resolve;
  });

  function draw(whole: boolean): void {
    const began = performance.now();
    const all = whole || began - lastWhole >= WHOLE;
    const made = picture(model(), state, glyphs, terminal.size());
    ({ shown, partial } = made);
    terminal.draw(made.lines, all);
    const ended = performance.now();
    if (all) lastWhole = ended;
    pause = partial ? UNFINISHED : Math.min(RAREST, Math.max(FRAME, (ended - began) / PART));
  }

  function next(): void {
    timer = setTimeout(() => {
      if (!state.paused || partial) draw(false);
      next();
    }, pause);
  }

  /** One picture for all the keys that came while the last one was made: with many relations it may take long. */
  function answer(whole: boolean): void {
    wholeAnswer ||= whole;
    answering ??= setImmediate(() => {
      answering = null;
      draw(wholeAnswer);
      wholeAnswer = false;
    });
  }

  const terminal: Terminal = await openTerminal(io, colored, {
    key(name) {
      state = press(state, name, shown);
      if (state.quit) quit();
      else answer(name === 'CTRL_L');
    },
    changed: () => draw(true),
    gone: quit,
  });
  draw(true);
  next();

  return {
    quit: quitting,
    close() {
      if (timer !== null) clearTimeout(timer);
      if (answering !== null) clearImmediate(answering);
      terminal.close();
    },
  };
}
