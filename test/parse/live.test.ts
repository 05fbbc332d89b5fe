/** What the strace of this machine prints, with every option that changes how, is understood. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Event, SyscallEvent } from '../../src/event/types.js';
import { DIALECTS } from '../../src/parse/dialects.js';

const folder = mkdtempSync(join(tmpdir(), 'pgtrace-strace-'));
after(() => rmSync(folder, { recursive: true }));

/** Names with all that strace and its readers trip over. */
const AWKWARD = join(folder, 'a>b, c) = "d" é\n<e');
writeFileSync(AWKWARD, 'row\n');

const SCRIPT = `
exec 3<'${AWKWARD}' 4>'${join(folder, 'out')}'
cat <&3 >&4
rm '${join(folder, 'out')}'
(exit 3) & wait
sleep 0.01 & kill $!
wait
`;

const OPTIONS: readonly (readonly string[])[] = [
  [],
  ['-f', '-ttt', '-T', '-y'],
  ['-f', '-tt', '-yy', '-Y'],
  ['-f', '-t', '-v'],
  ['-f', '-r'],
  ['-f', '-r', '-tt', '-T'],
  ['-f', '--absolute-timestamps=unix,ns', '--syscall-times=ns'],
  ['-f', '--absolute-timestamps=unix,s'],
  ['-f', '--relative-timestamps=s'],
  ['-f', '-n', '-i'],
  ['-f', '-x', '-y'],
  ['-f', '-xx', '-yy'],
  ['-f', '-s', '0'],
  ['-f', '-s', '4096', '-v'],
  ['-f', '-X', 'raw', '-y'],
  ['-f', '-X', 'verbose', '-y'],
  ['-f', '-e', 'raw=all'],
  ['-f', '-e', 'read=all', '-e', 'write=all'],
  ['-f', '-k', '-e', 'trace=openat,read'],
  ['-f', '-C'],
  ['-f', '-e', 'inject=close:delay_exit=10'],
  ['-e', 'status=successful'],
];

/** Why strace cannot be run here; undefined where it can. */
const missing = ((): string | undefined => {
  const run = spawnSync('strace', ['-o', join(folder, 'probe'), 'true']);
  if (run.error !== undefined) return 'no strace on this machine';
  return run.status === 0 ? undefined : `strace cannot trace here: ${run.stderr}`;
})();
const skip = missing === undefined ? {} : { skip: missing };

function parse(text: string): { events: Event[]; unparsed: string[] } {
  const dialect = DIALECTS.strace({ pid: null, date: null, raw: false });
  const events: Event[] = [];
  for (const line of text.trimEnd().split('\n')) dialect.line(line, events);
  dialect.end(events);
  return { events, unparsed: events.flatMap((event) => (event.type === 'unparsed' ? [event.text] : [])) };
}

const calls = (events: readonly Event[], name: string): SyscallEvent[] =>
  events.filter((event) => event.type === 'syscall').filter((event) => event.call === name);

for (const options of OPTIONS) {
  test(`strace ${options.join(' ')}`, skip, () => {
    const log = join(folder, 'log');
    spawnSync('strace', [...options, '-o', log, 'sh', '-c', SCRIPT]);
    const { events, unparsed } = parse(readFileSync(log, 'utf8'));
    assert.deepEqual(unparsed, []);
    const raw = options.includes('raw=all');
    const opened = calls(events, 'openat').filter((event) => event.path === AWKWARD);
    if (!raw) assert.equal(opened.length, 1, 'the file with the awkward name');
    if (options.includes('-y') || options.includes('-yy')) assert.equal(opened[0]?.retpath, AWKWARD);
    if (options.includes('-f') && !options.some((option) => option.startsWith('trace='))) {
      assert.ok(
        [...calls(events, 'read'), ...calls(events, 'copy_file_range')].some(
          (event) => event.fd === 0 && event.ret === 4,
        ),
        'cat reads the row',
      );
      assert.ok(events.some((event) => event.type === 'exit' && event.status === 3));
    }
  });
}

test('strace on stderr, where its own messages break into lines', skip, () => {
  const run = spawnSync('strace', ['-f', '-e', 'signal=none', 'sh', '-c', SCRIPT], { encoding: 'utf8' });
  const { events, unparsed } = parse(run.stderr);
  assert.deepEqual(unparsed, []);
  const forks = events
    .filter((event) => event.type === 'syscall')
    .filter((event) => /^(v?fork|clone3?)$/.test(event.call));
  assert.ok(forks.length >= 2);
  for (const { ret } of forks) assert.ok(typeof ret === 'number' && ret > 0, 'each returned its child');
});
