/** raw_syscalls, the way for kernels without an event a call, against the events of this kernel that has them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openClock } from '../../src/attach/ftrace/clock.js';
import { Joiner } from '../../src/attach/ftrace/join.js';
import { merge } from '../../src/attach/ftrace/merge.js';
import { Proofs } from '../../src/attach/ftrace/proof.js';
import { Reader } from '../../src/attach/ftrace/reader.js';
import { enableEvents, prepare, readLayouts } from '../../src/attach/ftrace/setup.js';
import { findTracefs, Instance, instanceName } from '../../src/attach/ftrace/tracefs.js';
import type { Event } from '../../src/event/types.js';
import { callNumbers } from '../../src/parse/linux/numbers.js';
import { go, noFtrace, waiting } from './tracefs.js';

class WithoutCalls extends Instance {
  override has(file: string): boolean {
    return file !== 'events/syscalls' && super.has(file);
  }
}

const skip =
  noFtrace ||
  (callNumbers(process.arch) === undefined ? `the numbers of calls on ${process.arch} are not known` : false);

/** Traces a process into one instance; the function returned ends it and gives the events. */
function trace(instance: Instance, pid: number, allCalls: boolean): () => Event[] {
  prepare(instance, [pid]);
  const clock = openClock();
  const reader = new Reader(instance.directory, readLayouts(instance, clock.origin));
  const schema = enableEvents(instance, { allCalls, followForks: false });
  const joiner = new Joiner(schema, new Proofs(), clock.seconds, (_, count) => count);
  joiner.processes.watch(pid);
  return () => {
    instance.write('tracing_on', '0');
    do reader.read();
    while (merge(reader.streams, Number.POSITIVE_INFINITY, joiner) !== Number.POSITIVE_INFINITY);
    reader.close();
    instance.remove();
    return joiner.takeEvents();
  };
}

for (const allCalls of [false, true])
  test(`raw events tell the same as those of each call${allCalls ? ', for all calls' : ''}`, {
    skip,
  }, async () => {
    const tracefs = findTracefs();
    // Not by the names of pgtrace’s own: these have no guard, and a start beside us must not take them for stale.
    const names = ['a', 'b'].map((letter) => `test-${letter}-${instanceName()}`);
    const child = waiting('find', '/etc', '/dev', '-maxdepth', '1', '-newer', '/etc/passwd');
    child.stdout.resume();
    const endings = [new Instance(tracefs, names[0]!), new WithoutCalls(tracefs, names[1]!)].map((instance) =>
      trace(instance, child.pid!, allCalls),
    );
    assert.equal(await go(child), 0);
    const [perCall, raw] = endings.map((end) =>
      end().map((event) => {
        const { ts: _, ...rest } = event as Event & { ts: number };
        return 'dur' in rest ? { ...rest, dur: undefined } : rest;
      }),
    );
    const calls = (events: object[]) => events.filter((event) => 'dur' in event);
    assert.ok(calls(perCall!).length > 20);
    // Calls without a row of numbers have another name and the same arguments.
    const known = (events: object[]) =>
      calls(events).filter(
        (event) => 'call' in event && [...callNumbers(process.arch)!.values()].includes(String(event.call)),
      );
    assert.deepEqual(known(raw!), known(perCall!));
    assert.equal(calls(raw!).length, calls(perCall!).length);
  });
