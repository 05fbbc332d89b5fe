import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProcFs } from '../../src/attach/inventory/procfs.js';
import { openWatch, type Wish } from '../../src/attach/watch.js';

interface Fake {
  title: string;
  parent: number;
  began: number;
  state?: string;
}

const POSTMASTER = '/usr/lib/postgresql/15/bin/postgres -D data';
const BACKEND = 'postgres: alice shop [local] SELECT';

/** A /proc of few processes, which the test changes as it goes. */
function fakeProc(processes: Map<number, Fake>): ProcFs {
  const none = () => null;
  return {
    mounted: true,
    pids: () => [...processes.keys()],
    stat: (pid) => {
      const found = processes.get(pid);
      if (found === undefined) return null;
      return { comm: 'postgres', state: found.state ?? 'S', parent: found.parent, began: found.began };
    },
    title: (pid) => processes.get(pid)?.title ?? null,
    children: (pid) => [...processes].filter(([, { parent }]) => parent === pid).map(([child]) => child),
    files: none,
    cwd: none,
    version: none,
    status: none,
    offset: none,
    syscall: none,
    ioCalls: none,
    worksIn: () => false,
  };
}

function cluster(): Map<number, Fake> {
  return new Map([
    [100, { title: POSTMASTER, parent: 1, began: 1 }],
    [101, { title: 'postgres: checkpointer', parent: 100, began: 2 }],
    [110, { title: BACKEND, parent: 100, began: 3 }],
    [111, { title: BACKEND, parent: 100, began: 3 }],
  ]);
}

/** Ends of processes are looked for every tenth time. */
function pollAll(watch: ReturnType<typeof openWatch>): { joined: number[]; left: number[] } {
  const changes = Array.from({ length: 10 }, () => watch.poll());
  return { joined: changes.flatMap(({ joined }) => joined), left: changes.flatMap(({ left }) => left) };
}

const wishing = (wish: Partial<Wish>): Wish => ({ pids: [], postmasters: [], workers: true, ...wish });

test('a backend is joined by its own parallel workers, as soon as their titles tell', () => {
  const processes = cluster();
  const watch = openWatch(fakeProc(processes), wishing({ pids: [110] }));
  assert.deepEqual(watch.start(), { joined: [110], left: [], named: [], refused: [] });
  processes.set(120, { title: POSTMASTER, parent: 100, began: 9 });
  processes.set(121, { title: 'postgres: parallel worker for PID 111', parent: 100, began: 9 });
  assert.deepEqual(watch.poll(), { joined: [], left: [], named: [], refused: [121] });
  processes.get(120)!.title = 'postgres: parallel worker for PID 110';
  assert.deepEqual(watch.poll(), { joined: [120], left: [], named: [], refused: [] });
  processes.delete(120);
  assert.deepEqual(pollAll(watch), { joined: [], left: [120] });
  assert.deepEqual([...watch.members.keys()], [110]);
});

test('who was named is not refused when its title comes', () => {
  const processes = cluster();
  processes.set(112, { title: POSTMASTER, parent: 100, began: 4 });
  const watch = openWatch(fakeProc(processes), wishing({ pids: [112] }));
  assert.deepEqual(watch.start().joined, [112]);
  processes.get(112)!.title = BACKEND;
  assert.deepEqual(watch.poll().refused, []);
});

test('I/O workers are of everybody', () => {
  const processes = cluster();
  processes.set(130, { title: 'postgres: io worker 0', parent: 100, began: 2 });
  assert.deepEqual(openWatch(fakeProc(processes), wishing({ pids: [110] })).start().joined, [110, 130]);
  assert.deepEqual(
    openWatch(fakeProc(processes), wishing({ pids: [110], workers: false })).start().joined,
    [110],
  );
});

test('a cluster is every process of it, those that begin later too', () => {
  const processes = cluster();
  const watch = openWatch(fakeProc(processes), wishing({ postmasters: [100] }));
  assert.deepEqual(watch.start().joined, [100, 101, 110, 111]);
  processes.set(120, { title: POSTMASTER, parent: 100, began: 9 });
  assert.deepEqual(watch.poll(), { joined: [120], left: [], named: [], refused: [] });
  assert.deepEqual(watch.poll().named, []);
  processes.get(120)!.title = BACKEND;
  assert.deepEqual(watch.poll(), { joined: [], left: [], named: [120], refused: [] });
});

test('a cluster without workers waits until a new process has its title', () => {
  const processes = cluster();
  const watch = openWatch(fakeProc(processes), wishing({ postmasters: [100], workers: false }));
  watch.start();
  processes.set(120, { title: POSTMASTER, parent: 100, began: 9 });
  processes.set(121, { title: 'postgres: parallel worker for PID 111', parent: 100, began: 9 });
  assert.deepEqual(watch.poll().joined, []);
  processes.get(120)!.title = BACKEND;
  assert.deepEqual(watch.poll().joined, [120]);
});

test('it is over when what was named has ended, or its pid is another process', () => {
  for (const end of [
    (processes: Map<number, Fake>) => processes.delete(110),
    (processes: Map<number, Fake>) => processes.set(110, { title: 'sh', parent: 1, began: 99 }),
    (processes: Map<number, Fake>) => processes.set(110, { title: '', parent: 100, began: 3, state: 'Z' }),
  ]) {
    const processes = cluster();
    const watch = openWatch(fakeProc(processes), wishing({ pids: [110] }));
    watch.start();
    assert.equal(watch.ended(), false);
    end(processes);
    assert.deepEqual(pollAll(watch).left, [110]);
    assert.equal(watch.ended(), true);
  }
});

test('a title is told when it changes', () => {
  const processes = cluster();
  const watch = openWatch(fakeProc(processes), wishing({ pids: [110] }));
  watch.start();
  assert.deepEqual(watch.retitled(), []);
  processes.get(110)!.title = 'postgres: alice shop [local] idle';
  assert.deepEqual(watch.retitled(), [110]);
  assert.deepEqual(watch.retitled(), []);
});

test('a process that is not of PostgreSQL has no family', () => {
  const processes = new Map<number, Fake>([
    [200, { title: 'sh', parent: 1, began: 1 }],
    [201, { title: 'postgres: parallel worker for PID 200', parent: 1, began: 1 }],
  ]);
  assert.deepEqual(openWatch(fakeProc(processes), wishing({ pids: [200] })).start().joined, [200]);
});
