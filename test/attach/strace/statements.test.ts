/** Statements out of strace's own text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StraceStatements } from '../../../src/attach/strace/statements.js';
import type { Event } from '../../../src/event/types.js';
import { DIALECTS } from '../../../src/parse/dialects.js';

function told(lines: readonly string[]): { events: Event[]; warnings: string[] } {
  const warnings: string[] = [];
  const statements = new StraceStatements({ length: 1024, redact: false }, (text) => warnings.push(text));
  const dialect = DIALECTS.strace({ pid: null, date: null, raw: false, carried: statements.carried });
  const events: Event[] = [];
  for (const line of lines) {
    const bytes = Buffer.from(line);
    dialect.bytes(bytes, 0, bytes.length, events);
  }
  return { events: statements.tell(events), warnings };
}

/** A call that reads a statement. */
const RUNNING = 'recvfrom(9<socket:[1]>, "Q\\0\\0\\0\\rSELECT 2\\0", 8192, 0, NULL, NULL) = 14 <0.000010>';

const brief = (events: readonly Event[]) =>
  events.map((event) => {
    if (event.type === 'syscall') return `${event.call} ${event.ret}`;
    if (event.type !== 'statement') return event.type;
    const { ts, state, number, text, dur } = event;
    return [ts, state, number, text ?? (dur === undefined ? undefined : `took ${dur}`)]
      .filter((part) => part !== undefined)
      .join(' ');
  });

test('a statement begins after the call that read it, and ends before the one that answers', () => {
  const { events } = told([
    '7 1795324700.000000 recvfrom(9<socket:[1]>,  <unfinished ...>',
    '8 1795324700.500000 recvfrom(9<socket:[2]>, "Q\\0\\0\\0\\rSELECT 2\\0", 8192, 0, NULL, NULL) = 14 <0.250000>',
    '7 1795324701.000000 <... recvfrom resumed>"Q\\0\\0\\0\\22SELECT \'\\303\\251\\"\\\\\'\\0", 8192, 0, NULL, NULL) = 19 <1.000000>',
    '7 1795324701.100000 pread64(5</data/1>, "\\0\\0\\0\\0"..., 8192, 0) = 8192 <0.000010>',
    '7 1795324701.500000 sendto(9<socket:[1]>, "C\\0\\0\\0\\rSELECT 1\\0Z\\0\\0\\0\\5T", 20, 0, NULL, 0) = 20 <0.000010>',
    '8 1795324702.000000 sendto(9<socket:[2]>, "C\\0\\0\\0\\rSELECT 1\\0Z\\0\\0\\0\\5I", 20, 0, NULL, 0) = 20 <0.000010>',
  ]);
  assert.deepEqual(brief(events), [
    'recvfrom 14',
    '1795324700.75 running 1 SELECT 2',
    'recvfrom 19',
    "1795324701 running 2 SELECT 'é\"\\'",
    'pread64 8192',
    '1795324701.5 idle in transaction 2 took 0.5',
    'sendto 20',
    '1795324702 idle 1 took 1.25',
    'sendto 20',
  ]);
  for (const event of events)
    if (event.type === 'syscall') assert.doesNotMatch(JSON.stringify(event), /SELECT/);
});

test('what was not sent is sent again', () => {
  const { events } = told([
    `7 1795324700.000000 ${RUNNING}`,
    '7 1795324701.000000 sendto(9<socket:[1]>, "Z\\0\\0\\0\\5I", 6, 0, NULL, 0) = -1 EAGAIN (Resource temporarily unavailable) <0.000010>',
    '7 1795324702.000000 sendto(9<socket:[1]>, "Z\\0\\0\\0\\5I", 6, 0, NULL, 0) = 4 <0.000010>',
    '7 1795324703.000000 sendto(9<socket:[1]>, "\\5I", 2, 0, NULL, 0) = 2 <0.000010>',
  ]);
  assert.deepEqual(brief(events).slice(2), [
    'sendto -1',
    'sendto 4',
    '1795324703 idle 1 took 2.99999',
    'sendto 2',
  ]);
});

test('encryption is told once a process', () => {
  const record = 'recvfrom(9<socket:[1]>, "\\27\\3\\3\\0\\"", 5, 0, NULL, NULL) = 5 <0.000010>';
  const { warnings } = told([
    `7 1795324700.000000 ${record}`,
    `7 1795324701.000000 ${record}`,
    `8 1795324702.000000 ${record}`,
  ]);
  assert.deepEqual(
    warnings,
    [7, 8].map(
      (pid) =>
        `process ${pid}: no statements of a connection that is encrypted by TLS; --via ftrace tells them`,
    ),
  );
});

test('what a process did before its end or a loss says nothing of what comes after', () => {
  const { events } = told([
    `7 1795324700.000000 ${RUNNING}`,
    '7 1795324701.000000 +++ exited with 0 +++',
    `7 1795324702.000000 ${RUNNING}`,
  ]);
  assert.deepEqual(brief(events), [
    'recvfrom 14',
    '1795324700.00001 running 1 SELECT 2',
    'exit',
    'recvfrom 14',
    '1795324702.00001 running 2 SELECT 2',
  ]);
});
