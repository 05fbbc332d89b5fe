/** The columns of a summary: one list for the table of people and for the rows of programs. */
import { roundedSize } from '../../format/size.js';
import type { Progress } from '../progress.js';
import { duration, percent } from '../units.js';
import type { Row } from './rows.js';

export interface Column {
  /** In JSON and CSV, and of --sort. */
  readonly key: string;
  readonly header: string;
  /** Bytes, counts, seconds, shares (0 to 1); null where a row has no such figure. */
  value(row: Row): number | null;
  text(value: number, row: Row): string;
  /** In a narrow terminal columns with a high number go first; 0 stays. */
  readonly spare: number;
}

const count = (value: number) => String(value);
const size = roundedSize;

export const COLUMNS: readonly Column[] = [
  { key: 'runs', header: 'RUNS', value: ({ statement }) => statement?.runs ?? null, text: count, spare: 1 },
  {
    key: 'elapsed',
    header: 'ELAPSED',
    value: ({ statement }) => statement?.elapsed ?? null,
    text: duration,
    spare: 1,
  },
  { key: 'hit', header: 'HIT', value: hitRatio, text: percent, spare: 1 },
  { key: 'calls', header: 'CALLS', value: ({ tally }) => tally.calls, text: count, spare: 0 },
  { key: 'samples', header: 'SAMPLES', value: ({ tally }) => tally.samples, text: count, spare: 1 },
  { key: 'read', header: 'READ', value: ({ tally }) => tally.read, text: size, spare: 0 },
  { key: 'written', header: 'WRITTEN', value: ({ tally }) => tally.written, text: size, spare: 0 },
  { key: 'blocks', header: 'BLOCKS', value: ({ blocks }) => blocks, text: count, spare: 2 },
  { key: 'accesses', header: 'ACCESSES', value: accesses, text: count, spare: 1 },
  { key: 'sequential', header: 'SEQ', value: sequential, text: percent, spare: 3 },
  { key: 'errors', header: 'ERRORS', value: ({ tally }) => tally.errors, text: count, spare: 4 },
  { key: 'time', header: 'TIME', value: ({ tally }) => timed(tally.time, tally), text: duration, spare: 0 },
  { key: 'outside', header: 'OUTSIDE', value: ({ outside }) => outside, text: duration, spare: 2 },
  {
    key: 'mean',
    header: 'MEAN',
    value: ({ tally }) => timed(tally.time / tally.latency.count, tally),
    text: duration,
    spare: 7,
  },
  { key: 'p50', header: 'P50', value: (row) => percentile(row, 0.5), text: duration, spare: 5 },
  { key: 'p95', header: 'P95', value: (row) => percentile(row, 0.95), text: duration, spare: 8 },
  { key: 'p99', header: 'P99', value: (row) => percentile(row, 0.99), text: duration, spare: 6 },
  {
    key: 'max',
    header: 'MAX',
    value: ({ tally }) => timed(tally.latency.max, tally),
    text: duration,
    spare: 4,
  },
  { key: 'done', header: 'DONE', value: ({ progress }) => part(progress), text: doneText, spare: 1 },
];

function hitRatio({ statement }: Row): number | null {
  return statement === null || statement.accesses === 0 ? null : statement.hits / statement.accesses;
}

function accesses({ statement, tally }: Row): number {
  return statement?.accesses ?? tally.accesses;
}

function sequential({ tally }: Row): number | null {
  return tally.steps === 0 ? null : tally.sequential / tally.steps;
}

function percentile({ tally }: Row, p: number): number | null {
  return tally.latency.percentile(p);
}

function timed(seconds: number, { latency }: Row['tally']): number | null {
  return latency.count === 0 ? null : seconds;
}

/** A scan's part done, or at least done; what else was read has none. */
function part(progress: Progress | null): number | null {
  if (progress === null) return null;
  return progress.done ?? (progress.low > 0 ? progress.low : null);
}

/** `73%`; `>40%` where the calls only tell the least that is done. */
function doneText(value: number, { progress }: Row): string {
  return progress?.done === null ? `>${percent(value)}` : percent(value);
}
