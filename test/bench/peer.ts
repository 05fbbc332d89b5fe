/** What the stages are compared with, run as `node peer.js NAME < FILE`; prints how long its own work took. */
import split2 from 'split2';
import type { Event } from '../../src/event/types.js';
import { PLAIN } from '../../src/format/color.js';
import { createFormatStage } from '../../src/format/stage.js';
import { createEventReader } from '../../src/stream/events.js';

/** Each line handed on as a string, and dropped. */
async function splitLines(): Promise<number> {
  let lines = 0;
  for await (const _line of process.stdin.pipe(split2())) lines++;
  return lines;
}

/** JSON.parse on each line of a chunk. */
async function parseJson(): Promise<number> {
  let events = 0;
  let held = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) {
    const text = held + chunk;
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      JSON.parse(text.slice(from, end));
      events++;
      from = end + 1;
    }
    held = text.slice(from);
  }
  return events;
}

/** Our own reader alone. */
async function readEvents(): Promise<number> {
  const reader = createEventReader();
  let events = 0;
  for await (const chunk of process.stdin) events += reader.write(chunk).events.length;
  return events + reader.end().events.length;
}

/** Objects to text, as `pgtrace` does in one process. */
async function formatObjects(): Promise<number> {
  const reader = createEventReader();
  const batches: Event[][] = [];
  for await (const chunk of process.stdin) {
    batches.push(reader.write(chunk).events);
    if (batches.length === 2000) break;
  }
  const stage = createFormatStage({ format: 'text', selection: 'normal', theme: PLAIN, utc: true });
  started = process.hrtime.bigint();
  let events = 0;
  for (const batch of batches) {
    Buffer.from(stage.write(batch));
    events += batch.length;
  }
  return events;
}

const PEERS: Readonly<Record<string, () => Promise<number>>> = {
  splitLines,
  parseJson,
  readEvents,
  formatObjects,
};

let started = process.hrtime.bigint();
const lines = await PEERS[process.argv[2] ?? '']!();
console.log(JSON.stringify({ lines, seconds: Number(process.hrtime.bigint() - started) / 1e9 }));
