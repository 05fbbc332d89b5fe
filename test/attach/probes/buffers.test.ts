import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferAccesses } from '../../../src/attach/probes/buffers.js';
import type { BufferEvent, Event } from '../../../src/event/types.js';

const PID = 7;
const tag = (block: number, fork = 0) => Int32Array.of(1663, 5, -1294967296, fork, block);

function look(accesses: BufferAccesses, block: number, events: Event[], fork = 0): void {
  accesses.lookedUp(PID, block, tag(block, fork), 0, events);
}

const hits = (events: readonly Event[]) => events.map((event) => (event as BufferEvent).hit);

test('what is looked up is told, with numbers beyond 2^31', () => {
  const events: Event[] = [];
  look(new BufferAccesses(), 3, events, 2);
  assert.deepEqual(events, [
    {
      type: 'buffer',
      ts: 3,
      pid: PID,
      tablespace: 1663,
      databaseOid: 5,
      filenode: 3000000000,
      fork: 'vm',
      block: 3,
    },
  ]);
});

test('entered is read; looked up and not entered is a hit', () => {
  const accesses = new BufferAccesses();
  const events: Event[] = [];
  look(accesses, 1, events);
  accesses.entered(PID, tag(1), 0);
  look(accesses, 2, events);
  // A new block of another file is entered, too.
  accesses.entered(PID, tag(9), 0);
  look(accesses, 3, events);
  accesses.calls(PID, 'pwrite64');
  accesses.entered(PID, tag(3), 0);
  look(accesses, 4, events);
  accesses.calls(PID, 'sendto');
  look(accesses, 5, events);
  assert.deepEqual(hits(events), [false, true, false, true, undefined]);
});

test('a prefetch is no access, whatever it finds', () => {
  const accesses = new BufferAccesses();
  const events: Event[] = [];
  look(accesses, 1, events);
  accesses.prefetching(PID, 0, 2);
  look(accesses, 2, events);
  look(accesses, 2, events);
  // One of a temporary relation looks nothing up.
  accesses.prefetching(PID, 0, 8);
  look(accesses, 3, events);
  assert.deepEqual(
    events.map((event) => (event as BufferEvent).block),
    [1, 2, 3],
  );
  assert.deepEqual(hits(events), [true, true, undefined]);
});

test('an access waits for its answer, but not for ever', () => {
  const accesses = new BufferAccesses();
  const events: Event[] = [];
  look(accesses, 10, events);
  assert.deepEqual([...accesses.pending(5)], [events[0]]);
  assert.equal(accesses.pending(11).size, 0);
  accesses.entered(PID, tag(10), 0);
  assert.deepEqual(hits(events), [undefined]);
});

test('after a loss nothing is known of the access before it', () => {
  const accesses = new BufferAccesses();
  const events: Event[] = [];
  look(accesses, 1, events);
  accesses.lost();
  look(accesses, 2, events);
  assert.deepEqual(hits(events), [undefined, undefined]);
});
