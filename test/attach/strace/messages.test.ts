import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  attachFailure,
  type Message,
  type Permissions,
  parseMessage,
} from '../../../src/attach/strace/messages.js';

const lines: readonly (readonly [line: string, expected: Message])[] = [
  ['strace: Process 6980 attached', { kind: 'attached', pid: 6980 }],
  ['strace: Process 6980 attached with 3 threads', { kind: 'attached', pid: 6980 }],
  ['strace: Process 6980 detached', { kind: 'detached', pid: 6980 }],
  [
    'strace: attach: ptrace(PTRACE_SEIZE, 999999): No such process',
    { kind: 'refused', pid: 999999, reason: 'No such process' },
  ],
  [
    'strace: attach: ptrace(PTRACE_ATTACH, 7): Operation not permitted',
    { kind: 'refused', pid: 7, reason: 'Operation not permitted' },
  ],
  ['strace: Could not attach to process.', { kind: 'other', text: 'Could not attach to process.' }],
  ['sh: 1: strace: not found', { kind: 'other', text: 'sh: 1: strace: not found' }],
];

for (const [line, expected] of lines) {
  test(`strace says ${JSON.stringify(line)}`, () => assert.deepEqual(parseMessage(line), expected));
}

const able: Permissions = { uid: 0, owner: 101, capable: true, yama: null, tracer: 0 };
const NOT_PERMITTED = 'Operation not permitted';

const hints: readonly (readonly [reason: string, may: Permissions, hint: RegExp])[] = [
  ['No such process', able, /has ended/],
  [NOT_PERMITTED, { ...able, tracer: 42 }, /process 42 traces it already/],
  [NOT_PERMITTED, { ...able, yama: 3 }, /ptrace_scope is 3/],
  [NOT_PERMITTED, able, /security module/],
  [NOT_PERMITTED, { ...able, capable: false }, /--cap-add SYS_PTRACE/],
  [NOT_PERMITTED, { ...able, uid: 1000, capable: false }, /as root or as the user/],
  [NOT_PERMITTED, { ...able, uid: 101, capable: false, yama: 1 }, /ptrace_scope=0 \(found 1\)/],
  [NOT_PERMITTED, { ...able, uid: 101, capable: false }, /as root/],
];

for (const [reason, may, hint] of hints) {
  test(`${reason} with ${JSON.stringify(may)}`, () => {
    const failure = attachFailure(7, reason, may);
    assert.match(failure.message, /7/);
    assert.ok(failure.message.includes(reason));
    assert.match(failure.hint!, hint);
  });
}
