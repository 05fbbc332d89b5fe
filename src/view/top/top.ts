/** Events in, a screen out (or tables, where there is no terminal): what pgtrace-top and `pgtrace --top` show. */
import type { Writable } from 'node:stream';
import type { Io } from '../../cli/io.js';
import { cast } from '../../event/mould.js';
import type { Event } from '../../event/types.js';
import { openSink } from '../../stream/filter.js';
import type { Stage } from '../../stream/stage.js';
import { createAggregates } from '../aggregates.js';
import { createFamilies } from '../families.js';
import type { Counting } from '../reading.js';
import { createStatements, type Statements } from '../statements.js';
import { glyphsFor } from './glyphs.js';
import { holdBack } from './hold.js';
import { createListing } from './listing.js';
import { tableText } from './picture.js';
import type { Model } from './rows.js';
import { openScreen } from './screen.js';
import { type By, initialState, type Sort, type State } from './state.js';
import { isScreen } from './terminal.js';

export interface TopOptions {
  sort: Sort;
  by: By;
  grouped: boolean;
  /** Seconds between two tables where there is no screen. */
  interval: number;
}

/** A stage that gives nothing: what there is to see is drawn when it is due. */
export interface Top extends Stage<readonly Event[], string>, Counting {
  /** Where diagnostics are to be written: they are shown when the screen is gone. */
  readonly stderr: Writable;
  /** After the end of the input the last picture stays until the user quits. */
  finish(): Promise<void>;
  close(): void;
}

/** Milliseconds of a picture in which relations are placed in families: a key waits no longer. */
const PLACING = 100;

/** Of a table where there is no screen. */
const ROWS = 40;
const COLUMNS = 120;

/** @param stop aborted when the user quits; an abort from elsewhere ends the screen at once. */
export async function openTop(io: Io, options: TopOptions, stop: AbortController): Promise<Top> {
  const aggregates = createAggregates();
  const families = createFamilies();
  const listing = createListing(isScreen(io) ? PLACING : undefined);
  const state = initialState(options.sort, options.grouped, options.by);
  let statements: Statements | null = null;
  let lastTake = performance.now();
  let ended = false;

  function model(): Model {
    // The trace's time goes on while nothing happens, so that rates fall.
    const since = ended ? 0 : (performance.now() - lastTake) / 1000;
    return { aggregates, families, listing, statements, now: (aggregates.lastTs() ?? 0) + since, ended };
  }

  function take(event: Event): void {
    aggregates.take(event);
    if (event.type === 'statement') statements ??= createStatements();
    statements?.take(event);
  }

  function pause(): void {
    lastTake = performance.now();
  }

  const view = isScreen(io)
    ? await openView(io, state, model, stop)
    : openTables(io, state, model, options.interval, stop);
  return {
    take,
    takeLike(mould, values) {
      if (statements === null) aggregates.takeLike(mould, values);
      else take(cast(mould, values));
    },
    pause,
    write(events) {
      events.forEach(take);
      pause();
      return '';
    },
    end() {
      ended = true;
      return '';
    },
    ...view,
  };
}

type View = Pick<Top, 'stderr' | 'finish' | 'close'>;

async function openView(io: Io, state: State, model: () => Model, stop: AbortController): Promise<View> {
  const held = holdBack(io.stderr);
  const screen = await openScreen(io, state, model);
  const { signal } = stop;
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  const close = () => {
    screen.close();
    held.release();
  };
  // At once: a second signal ends the process without another word.
  signal.addEventListener('abort', close);
  void screen.quit.then(() => stop.abort());
  return { stderr: held.stderr, finish: () => aborted, close };
}

function openTables(io: Io, state: State, model: () => Model, interval: number, stop: AbortController): View {
  const sink = openSink(io.stdout);
  const glyphs = glyphsFor(io.env);
  const print = () => sink.write(tableText(model(), state, glyphs, COLUMNS, ROWS));
  const timer = setInterval(() => void print(), interval * 1000);
  io.stdout.once('close', () => stop.abort());
  return {
    stderr: io.stderr,
    finish: async () => {
      await print();
    },
    close: () => clearInterval(timer),
  };
}
