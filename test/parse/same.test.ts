/** One recorded piece of work, in the words of every tracer, resolves to the same files and blocks. */
import assert from 'node:assert/strict';
import { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import type { Main } from '../../src/cli/io.js';
import type { SyscallEvent } from '../../src/event/types.js';
import { main as parse } from '../../src/parse/main.js';
import { main as resolve } from '../../src/resolve/main.js';
import { dtrussText, kdumpText, trussText } from './same/bsd.js';
import { kernelText, perfText } from './same/linux.js';
import { sunText } from './same/sun.js';
import { CASE, readWork } from './same/work.js';

process.env.TZ = 'UTC';

const WRITERS: Readonly<Record<string, (events: readonly SyscallEvent[]) => string>> = {
  'perf trace': perfText,
  'the kernel': kernelText,
  dtruss: dtrussText,
  'truss of FreeBSD': trussText,
  'truss of illumos': sunText,
  'kdump of FreeBSD': (events) => kdumpText(events, 'freebsd'),
  'kdump of OpenBSD': (events) => kdumpText(events, 'openbsd'),
  'kdump of NetBSD': (events) => kdumpText(events, 'netbsd'),
};

async function run(main: Main, argv: string[], input: string): Promise<string> {
  const out: Buffer[] = [];
  const stdout = new Writable({ write: (chunk, _encoding, done) => done(void out.push(chunk)) });
  const stderr = new Writable({ write: (_chunk, _encoding, done) => done() });
  assert.equal(
    await main({ argv, env: { TZ: 'UTC' }, stdin: Readable.from([Buffer.from(input)]), stdout, stderr }),
    0,
  );
  return Buffer.concat(out).toString();
}

/** What a call touched, if it is a file of the cluster; in the order of process and descriptor, which all tell. */
function touched(events: readonly SyscallEvent[]): string[] {
  return events
    .filter(
      ({ pg }) => pg !== undefined && !['socket', 'pipe', 'epoll', 'other', 'outside'].includes(pg.kind),
    )
    .map(({ pid, fd, offset, length, ret, errno, pg, pg2 }) =>
      JSON.stringify({ pid, fd, offset, length, ret, errno, pg, pg2 }),
    )
    .sort();
}

const work = readWork();
const expected = touched(work);

test('the work touches relations and more', () => {
  assert.ok(expected.length > 150);
  assert.ok(work.filter(({ pg }) => pg?.kind === 'relation' && pg.block !== undefined).length > 40);
});

for (const [tracer, write] of Object.entries(WRITERS)) {
  test(`the same work as ${tracer} tells it`, async () => {
    const parsed = await run(parse, ['--strict'], write(work));
    const resolved = await run(resolve, ['-D', 'fixtures/pgdata/15', '--lsof', `${CASE}.lsof`], parsed);
    const events = resolved
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as SyscallEvent);
    const found = touched(events.filter(({ type }) => type === 'syscall'));
    const at = expected.findIndex((line, index) => line !== found[index]);
    if (at !== -1) assert.equal(found[at], expected[at]);
    assert.equal(found.length, expected.length);
  });
}
