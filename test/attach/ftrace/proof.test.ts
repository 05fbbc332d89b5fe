import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Proofs } from '../../../src/attach/ftrace/proof.js';
import type { SyscallEvent } from '../../../src/event/types.js';

const PID = 4711;
const open = (fd: number): SyscallEvent => ({ type: 'syscall', ts: 0, pid: PID, call: 'openat', ret: fd });

/** Openings of descriptors 3 and 4 whose links are read at the time 100. */
function opened(): { proofs: Proofs; three: SyscallEvent; four: SyscallEvent } {
  const proofs = new Proofs();
  const three = open(3);
  const four = open(4);
  proofs.opened(PID, 3, three);
  proofs.opened(PID, 4, four);
  proofs.read(
    (pid, fd) => ({ path: `/proc/${pid}/${fd}`, deleted: false, size: undefined }),
    () => 100,
  );
  return { proofs, three, four };
}

const CASES: [
  name: string,
  then: (proofs: Proofs) => void,
  three: boolean,
  four: boolean,
  pending: number,
][] = [
  ['no event up to the reading is known yet', (proofs) => proofs.settle(99), false, false, 2],
  ['nothing ended it up to the reading', (proofs) => proofs.settle(100), true, true, 0],
  ['a close after the reading', (proofs) => proofs.ended(PID, 3, 101), true, false, 1],
  [
    'a close before the reading',
    (proofs) => {
      proofs.ended(PID, 3, 99);
      proofs.settle(200);
    },
    false,
    true,
    0,
  ],
  [
    'a close of the same number in another process',
    (proofs) => {
      proofs.ended(PID + 1, 3, 50);
      proofs.settle(200);
    },
    true,
    true,
    0,
  ],
  [
    'an exec before the reading',
    (proofs) => {
      proofs.endedMany(PID, 99);
      proofs.settle(200);
    },
    false,
    false,
    0,
  ],
  ['the end of the process after the reading', (proofs) => proofs.endedMany(PID, 101), true, true, 0],
  [
    'events lost before all up to the reading were known',
    (proofs) => {
      proofs.gap();
      proofs.settle(200);
    },
    false,
    false,
    0,
  ],
];

for (const [name, then, three, four, pending] of CASES)
  test(`a descriptor's path: ${name}`, () => {
    const found = opened();
    then(found.proofs);
    assert.equal(found.three.retpath, three ? `/proc/${PID}/3` : undefined);
    assert.equal(found.four.retpath, four ? `/proc/${PID}/4` : undefined);
    assert.equal(found.proofs.pending, pending);
    assert.equal(found.proofs.unproven, 2 - Number(three) - Number(four) - pending);
  });

test('a descriptor that was closed before its link was read has no path', () => {
  const proofs = new Proofs();
  const event = open(3);
  proofs.opened(PID, 3, event);
  proofs.ended(PID, 3, 5);
  proofs.read(
    () => assert.fail('nothing is left to be read'),
    () => 100,
  );
  assert.deepEqual([event.retpath, proofs.pending, proofs.unproven], [undefined, 0, 1]);
});

test('a number opened again keeps only the newer opening', () => {
  const proofs = new Proofs();
  const [older, newer] = [open(3), open(3)];
  proofs.opened(PID, 3, older);
  proofs.opened(PID, 3, newer);
  proofs.read(
    () => ({ path: '/new', deleted: false, size: undefined }),
    () => 100,
  );
  proofs.settle(100);
  assert.deepEqual(
    [older.retpath, newer.retpath, proofs.unproven, proofs.pending],
    [undefined, '/new', 1, 0],
  );
});

test('a link that is gone leaves the path unknown', () => {
  const proofs = new Proofs();
  const event = open(3);
  proofs.opened(PID, 3, event);
  proofs.read(
    () => null,
    () => 100,
  );
  assert.deepEqual([event.retpath, proofs.pending, proofs.unproven], [undefined, 0, 1]);
});

test('of a process that is let go unheard nothing waits, and nothing counts as unproven', () => {
  const { proofs, three } = opened();
  proofs.forget(PID);
  proofs.settle(200);
  assert.deepEqual([proofs.pending, proofs.unproven, three.retpath], [0, 0, undefined]);
});
