/** `npm start`: the main job on a real server, live; on a recorded trace where no server can be had. */
import { showLive } from './live.js';
import { showRecorded } from './recorded.js';

try {
  await showLive();
} catch (error) {
  console.log(`No live demonstration here: ${error instanceof Error ? error.message : error}\n`);
  showRecorded();
}
console.log(`
Try next:
    sudo bin/pgtrace -p PID                 a backend of your own server (SELECT pg_backend_pid())
    sudo bin/pgtrace-attach -p PID | sudo bin/pgtrace-resolve | jq -c 'select(.pg.kind == "wal")'
    sudo strace -f -ttt -T -y -o trace.log -p PID        save a trace, and read it later:
    bin/pgtrace-parse trace.log | sudo bin/pgtrace-resolve -D "$PGDATA" | bin/pgtrace-format
    bin/pgtrace-parse fixtures/trace/15.strace | bin/pgtrace-resolve -D fixtures/pgdata/15 | bin/pgtrace-format -d | less
    npm test                                lint, types and every test
    npm run test:servers                    the same questions to running servers, 10 to 18`);
