/** Traces the processes of its arguments by ftrace until SIGTERM or its parent's end; events to standard output. */
import { FtraceSource } from '../../src/attach/ftrace/source.js';

const [, , ...words] = process.argv;
const followForks = words.includes('--follow');
const pids = words.filter((word) => /^\d+$/.test(word)).map(Number);
const source = new FtraceSource(
  {
    events(batch) {
      process.stdout.write(`${batch.map((event) => JSON.stringify(event)).join('\n')}\n`);
      return null;
    },
    warning: (text) => process.stderr.write(`warning: ${text}\n`),
    ended: (reason) => process.stderr.write(`ended: ${reason}\n`),
  },
  { followForks },
);
await source.start(pids);
process.stderr.write('tracing\n');
const stop = () => source.stop().then(() => process.exit(0));
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.stdin.on('end', stop).resume();
