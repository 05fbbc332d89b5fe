/** The ftrace source against this machine's kernel. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadsOf } from '../../src/attach/ftrace/link.js';
import { FtraceSource } from '../../src/attach/ftrace/source.js';
import type { Event, SyscallEvent } from '../../src/event/types.js';
import { go, leftBehind, noFtrace, waiting } from './tracefs.js';

interface Seen {
  events: Event[];
  warnings: string[];
}

/** What a traced command does, until its end. */
async function traced(command: string, args: string[], options = {}): Promise<Seen & { pid: number }> {
  const seen: Seen = { events: [], warnings: [] };
  const source = sourceInto(seen, options);
  const child = waiting(command, ...args);
  child.stdout.resume();
  await source.start([child.pid!]);
  await go(child);
  await source.stop();
  return { ...seen, pid: child.pid! };
}

function sourceInto(seen: Seen, options = {}): FtraceSource {
  return new FtraceSource(
    {
      events(batch) {
        for (const event of batch) seen.events.push(event);
        return null;
      },
      warning: (text) => seen.warnings.push(text),
      ended: (reason) => assert.fail(reason),
    },
    options,
  );
}

/** A process without threads that makes the calls it is told to. */
const noPerl = noFtrace || (spawnSync('perl', ['-v']).error === undefined ? false : 'perl is not installed');

function scratch(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'pgtrace-ftrace-')));
}

const calls = (events: Event[], call: string): SyscallEvent[] =>
  events.filter((event): event is SyscallEvent => event.type === 'syscall' && event.call === call);

test('reads are told with their places, times and the proven path of their file', {
  skip: noFtrace,
}, async () => {
  const directory = scratch();
  try {
    const file = join(directory, 'a file (deleted)');
    writeFileSync(file, Buffer.alloc(20 * 8192));
    const before = Date.now() / 1000;
    const { events } = await traced('perl', [
      '-e',
      `sysopen(my $file, $ARGV[0], 0);
       for (my $block = 19; $block >= 0; $block--) { sysseek($file, $block * 8192, 0); sysread($file, $_, 8192) }
       select(undef, undef, undef, 0.2);
       sysseek($file, 2 ** 40, 0); sysread($file, $_, 100);`,
      file,
    ]);
    const after = Date.now() / 1000;
    const open = calls(events, 'openat').filter((event) => event.retpath === file);
    assert.equal(open.length, 1);
    const own = events
      .slice(events.indexOf(open[0]!))
      .filter((event): event is SyscallEvent => event.type === 'syscall' && event.fd === open[0]!.ret);
    const seeks = own.filter((event) => event.call === 'lseek' && event.whence === 'SEEK_SET');
    const places = Array.from({ length: 20 }, (_, i) => (19 - i) * 8192);
    assert.deepEqual(
      seeks.map(({ offset, ret }) => [offset, ret]),
      [...places, 2 ** 40].map((place) => [place, place]),
    );
    const reads = calls(own, 'read');
    assert.deepEqual(
      reads.map(({ length, ret }) => [length, ret]),
      [...places.map(() => [8192, 8192]), [100, 0]],
    );
    for (const { ts, dur } of reads) {
      assert.ok(ts! >= before && ts! <= after, `${ts} between ${before} and ${after}`);
      assert.ok(dur! > 0 && dur! < 1);
    }
    const exit = events.at(-1)!;
    assert.deepEqual([exit.type, exit.type === 'exit' && exit.status], ['exit', 0]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a path is never that of another file under the same descriptor', { skip: noPerl }, async () => {
  const directory = scratch();
  try {
    const files = ['even', 'odd'].map((name) => join(directory, name));
    for (const file of files) writeFileSync(file, '');
    // Opened and closed as fast as can be, with a rest here and there in which a path can be proven.
    const { events, warnings } = await traced('perl', [
      '-e',
      `for (my $i = 0; $i < 3000; $i++) {
         sysopen(my $file, $ARGV[$i % 2], 0);
         select(undef, undef, undef, 0.05) if $i % 100 == 0;
         select(undef, undef, undef, 0.00002) if $i % 7 == 0;
         close($file);
       }`,
      ...files,
    ]);
    const opened = calls(events, 'openat').filter((event) => event.ret !== -1);
    const first = opened.findIndex((event) => files.includes(event.retpath ?? ''));
    assert.ok(first >= 0, 'no path was proven');
    const loop = opened.slice(first, first + 3000);
    const proven = loop.flatMap((event, i) => (event.retpath === undefined ? [] : [[i % 2, event.retpath]]));
    const parity = loop[0]!.retpath === files[0] ? 0 : 1;
    for (const [i, path] of proven) assert.equal(path, files[((i as number) + parity) % 2]);
    assert.ok(proven.length >= 20, `${proven.length} of 3000 paths were proven`);
    assert.match(warnings.join(), /closed before their path could be read/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a process with threads is warned of, and no path is taken for proven', { skip: noFtrace }, async () => {
  const seen: Seen = { events: [], warnings: [] };
  const source = sourceInto(seen);
  const child = spawn(
    process.execPath,
    [
      '-e',
      `process.stdin.once('data', () => { require('fs').openSync('/etc/passwd'); setTimeout(() => process.exit(), 200) })`,
    ],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  );
  while (threadsOf(child.pid!) < 2) await sleep(10);
  // Until its main thread waits for its input.
  await sleep(300);
  await source.start([child.pid!]);
  await go(child);
  await source.stop();
  assert.match(seen.warnings[0] ?? '', /has threads/);
  const opened = calls(seen.events, 'openat').filter((event) => event.ret !== -1);
  assert.ok(opened.length > 0);
  assert.ok(opened.every((event) => event.retpath === undefined));
});

test('every call is told or counted as lost when nobody reads for a while', { skip: noFtrace }, async () => {
  const seen: Seen = { events: [], warnings: [] };
  let release = () => {};
  const busy = new Promise<void>((resolve) => {
    release = resolve;
  });
  const source = new FtraceSource({
    events(batch) {
      for (const event of batch) seen.events.push(event);
      return seen.events.length > 100 ? busy : null;
    },
    warning: (text) => seen.warnings.push(text),
    ended: (reason) => assert.fail(reason),
  });
  const count = 700_000;
  const child = waiting('dd', 'if=/dev/zero', 'of=/dev/null', 'bs=1', `count=${count}`, 'status=none');
  await source.start([child.pid!]);
  await go(child);
  release();
  await source.stop();
  let records = 0;
  let lost = 0;
  let paths = 0;
  for (const event of seen.events) {
    if (event.type === 'lost') lost += event.count;
    else if (event.type === 'fd') paths++;
    else if (event.type === 'syscall' && (event.call === 'read' || event.call === 'write'))
      records += event.dur === undefined ? 1 : 2;
  }
  assert.ok(lost > 0, 'the buffer held everything: nothing was tested');
  // Before and after its reads and writes dd makes some calls more, and has a linker.
  const surplus = records + lost - 4 * count;
  assert.ok(surplus >= 0 && surplus < 1000, `${records} records and ${lost} lost of ${4 * count}`);
  assert.ok(paths <= 2, `${paths} descriptors told after the losses of descriptors 0 and 1`);
});

test('children are followed from their first call on where that is asked for', {
  skip: noFtrace,
}, async () => {
  const { events, pid } = await traced('/bin/sh', ['-c', 'cat /etc/hostname; cat /etc/hostname; exit 3'], {
    followForks: true,
  });
  const exits = events.filter((event) => event.type === 'exit');
  assert.deepEqual(
    exits.map((event) => event.status),
    [0, 0, 3],
  );
  assert.equal(exits[2]!.pid, pid);
  for (const { pid: child } of exits.slice(0, 2)) {
    const own = events.filter((event) => event.type === 'syscall' && event.pid === child);
    // What a child does first is to return from the call that made it.
    assert.match((own[0] as SyscallEvent).call, /^(v?fork|clone3?)$/);
    assert.equal((own[0] as SyscallEvent).ret, 0);
    assert.ok(own.some((event) => event.type === 'syscall' && event.call === 'execve'));
  }
});

test('processes may be added and let go', { skip: noFtrace }, async () => {
  const seen: Seen = { events: [], warnings: [] };
  const source = sourceInto(seen);
  const dd = () => waiting('dd', 'if=/dev/zero', 'of=/dev/null', 'bs=77', 'count=3', 'status=none');
  const [unknown, added, gone] = [dd(), dd(), dd()];
  await source.start([gone.pid!]);
  source.add(added.pid!);
  source.remove(gone.pid!);
  for (const child of [unknown, added, gone]) await go(child);
  await source.stop();
  const reads = calls(seen.events, 'read').filter((event) => event.length === 77);
  assert.deepEqual(
    reads.map(({ pid, ret }) => [pid, ret]),
    Array(3).fill([added.pid, 77]),
  );
  assert.deepEqual(await leftBehind(process.pid, 0), []);
});

test('two at once do not disturb each other', { skip: noFtrace }, async () => {
  const children = [1111, 2222].map((size) =>
    waiting('dd', 'if=/dev/zero', 'of=/dev/null', `bs=${size}`, 'count=2000', 'status=none'),
  );
  const script = new URL('ftrace.js', import.meta.url).pathname;
  const tracers = children.map((child) =>
    spawn(process.execPath, [script, String(child.pid)], { stdio: ['pipe', 'pipe', 'pipe'] }),
  );
  const output = tracers.map(() => '');
  await Promise.all(
    tracers.map((tracer, i) => {
      tracer.stdout.on('data', (chunk) => {
        output[i] += chunk;
      });
      return once(tracer.stderr, 'data');
    }),
  );
  const closed = tracers.map((tracer) => once(tracer, 'close'));
  // The second starts while the first traces, and the first ends while the second does.
  await go(children[0]!);
  tracers[0]!.kill('SIGTERM');
  await closed[0];
  await go(children[1]!);
  tracers[1]!.kill('SIGTERM');
  await closed[1];
  output.forEach((text, i) => {
    const events = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Event);
    assert.equal(calls(events, 'read').filter((event) => event.length === [1111, 2222][i]).length, 2000);
    assert.ok(events.every((event) => !('pid' in event) || event.pid === children[i]!.pid));
  });
  for (const tracer of tracers) assert.deepEqual(await leftBehind(tracer.pid!, 0), []);
});
