/**
 * `node dist/test/bench/parse.js`: what each way to read a trace costs in one process, beside split2 alone.
 * Each block is read some times and its best time counts, so that what else the machine does is left out.
 */
import split2 from 'split2';
import { encodeBytes } from '../../src/event/encode.js';
import type { Event } from '../../src/event/types.js';
import { DIALECTS } from '../../src/parse/dialects.js';
import { readBlocks, readLines } from '../../src/parse/events.js';
import { blocks, lines } from '../../src/stream/lines.js';
import { generateTrace } from './generate.js';

const STEPS = 40_000;
const CHUNK = 64 << 10;
const TIMES = 8;

const files = Array.from({ length: 40 }, (_, index) => ({ path: `base/5/${16384 + index}`, blocks: 1000 }));
const trace = Buffer.from([...generateTrace(STEPS, files, '/var/lib/postgresql/15/main')].join(''));
const chunks: Buffer[] = [];
for (let start = 0; start < trace.length; start += CHUNK) chunks.push(trace.subarray(start, start + CHUNK));

const dialect = () => DIALECTS.strace({ pid: null, date: null, raw: false });

/** Nanoseconds a line of `work` over all pieces: the sum of each piece's best time. */
function cost<T>(pieces: readonly T[], work: (piece: T) => unknown): number {
  let sum = 0;
  for (let warm = 0; warm < 3; warm++) for (const piece of pieces) work(piece);
  for (const piece of pieces) {
    let best = Number.POSITIVE_INFINITY;
    for (let time = 0; time < TIMES; time++) {
      const started = process.hrtime.bigint();
      work(piece);
      best = Math.min(best, Number(process.hrtime.bigint() - started));
    }
    sum += best;
  }
  return sum / count;
}

function row(what: string, nanoseconds: number): void {
  console.log(
    `${what.padEnd(44)} ${(1000 / nanoseconds).toFixed(2).padStart(6)} M lines/s ${nanoseconds.toFixed(0).padStart(6)} ns`,
  );
}

const whole = blocks({ count: 0 });
const cut = chunks.map((chunk) => whole.write(chunk));
const bare = lines({ count: 0 });
const texts = chunks.map((chunk) => bare.write(chunk));
const count = texts.reduce((sum, text) => sum + text.length, 0);
const events: Event[][] = cut.map(
  (
    (stage) => (block) =>
      stage.write(block)
  )(readBlocks(dialect())),
);

console.log(`${count} lines, ${(trace.length / count).toFixed(0)} bytes each; node ${process.version}\n`);
const splitter = split2('\n', () => undefined);
row(
  'split2 alone',
  cost(chunks, (chunk) => splitter.write(chunk)),
);
const split = lines({ count: 0 });
row(
  'lines(), by split2',
  cost(chunks, (chunk) => split.write(chunk)),
);
const cutter = blocks({ count: 0 });
row(
  'blocks()',
  cost(chunks, (chunk) => cutter.write(chunk)),
);
const fast = readBlocks(dialect());
row(
  'blocks to events, the fast way',
  cost(cut, (block) => fast.write(block)),
);
const general = readLines(dialect());
row(
  'lines to events, the general rules',
  cost(texts, (text) => general.write(text)),
);
row(
  'events to NDJSON',
  cost(events, (batch) => encodeBytes(batch)),
);
row(
  'events to NDJSON, JSON.stringify',
  cost(events, (batch) => Buffer.from(batch.map((event) => `${JSON.stringify(event)}\n`).join(''))),
);
const all = readBlocks(dialect());
row(
  'blocks to NDJSON',
  cost(cut, (block) => encodeBytes(all.write(block))),
);
