/**
 * Traces the processes of its arguments by ftrace until SIGTERM, SIGINT or the end of its standard input; events
 * go to standard output, an account of them as one line of JSON to standard error.
 */

import { FtraceSource } from '../../src/attach/ftrace/source.js';
import { openProc } from '../../src/attach/inventory/procfs.js';
import type { Event } from '../../src/event/types.js';

export interface Account {
  events: number;
  /** By name of the call. */
  calls: Record<string, number>;
  lost: number;
  /** Accesses of shared buffers. */
  buffers: number;
  /** Statements begun. */
  statements: number;
  /** Of each batch the time from its oldest event's end to here, in seconds. */
  delays: number[];
}

const [, , ...words] = process.argv;
const account: Account = { events: 0, calls: {}, lost: 0, buffers: 0, statements: 0, delays: [] };
const source = new FtraceSource(
  {
    events(batch) {
      count(batch);
      process.stdout.write(`${batch.map((event) => JSON.stringify(event)).join('\n')}\n`);
      return null;
    },
    warning: (text) => process.stderr.write(`warning: ${text}\n`),
    ended: (reason) => process.stderr.write(`ended: ${reason}\n`),
  },
  {
    followForks: words.includes('--follow'),
    statements: words.includes('--statements'),
    buffers: words.includes('--buffers=count') ? 'count' : words.includes('--buffers'),
    version: (pid) => openProc().version(pid),
  },
);

function count(batch: Event[]): void {
  const oldest = batch[0];
  if (oldest?.type === 'syscall' && oldest.dur !== undefined)
    account.delays.push(Date.now() / 1000 - oldest.ts! - oldest.dur);
  for (const event of batch) {
    account.events++;
    if (event.type === 'syscall') account.calls[event.call] = (account.calls[event.call] ?? 0) + 1;
    else if (event.type === 'lost') account.lost += event.count;
    else if (event.type === 'buffer') account.buffers++;
    else if (event.type === 'buffers') account.buffers += event.count;
    else if (event.type === 'statement' && event.dur === undefined) account.statements++;
  }
}

await source.start(words.filter((word) => /^\d+$/.test(word)).map(Number));
process.stderr.write('tracing\n');
const stop = async () => {
  await source.stop();
  // Whoever reads the one may be slower than the reader of the other: both are to have all.
  process.stdout.write('', () => process.stderr.write(`${JSON.stringify(account)}\n`, () => process.exit(0)));
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.stdin.on('end', stop).resume();
