import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/event/types.js';
import { createFollower, type Follower, follow } from '../../src/resolve/follow.js';
import { close, open, read, seek, syscall } from './events.js';

function after(...events: Event[]): Follower {
  const follower = createFollower();
  for (const event of events) follow(follower, event);
  return follower;
}

/** What descriptor `fd` of `pid` is after the events: its path, what made it, or null. */
function fileAt(events: readonly Event[], fd: number, pid = 10): string | null {
  const file = after(...events)
    .processes.byPid.get(pid)
    ?.table.files.get(fd);
  return file === undefined ? null : (file.path ?? file.made);
}

/** Where the last of the events begins to read or write. */
function offsetOf(...events: Event[]): number {
  const last = events.pop()!;
  return follow(after(...events), last).first.offset;
}

test('a descriptor is what was opened, until it is closed or opened again', () => {
  assert.equal(fileAt([open('/a', 3)], 3), '/a');
  assert.equal(fileAt([open('/a', 3), close(3)], 3), null);
  assert.equal(fileAt([open('/a', 3), close(3), open('/b', 3)], 3), '/b');
  assert.equal(fileAt([syscall('creat', { path: '/a', ret: 4 })], 4), '/a');
  assert.equal(fileAt([open('x', 3, { dirpath: '/srv' })], 3), '/srv/x');
  assert.equal(fileAt([open('x', 3, { dirpath: '/srv', retpath: '/real/x' })], 3), '/real/x');
  assert.equal(fileAt([open('x', 3, { dirfd: 9, dirpath: '/d' })], 3), '/d/x');
  assert.equal(fileAt([open('/d', 9), open('x', 3, { dirfd: 9 })], 3), '/d/x');
  assert.equal(fileAt([open('x', 3, { dirfd: 9 })], 3), null);
});

test('a failed call changes nothing; a close frees unless the descriptor was bad', () => {
  assert.equal(fileAt([open('/a', 3), open('/b', -1, { errno: 'ENOENT' })], 3), '/a');
  assert.equal(fileAt([open('/a', 3), close(3, { ret: -1, errno: 'EBADF' })], 3), '/a');
  assert.equal(fileAt([open('/a', 3), close(3, { ret: -1, errno: 'EIO' })], 3), null);
  assert.equal(fileAt([open('/a', 3), close(3, { ret: null, unfinished: true })], 3), '/a');
  const dup = syscall('dup2', { fd: 3, newfd: 4, ret: -1, errno: 'EBUSY' });
  assert.equal(fileAt([open('/a', 3), open('/b', 4), dup], 4), '/b');
});

test('the working directory: of the process, of chdir, of fchdir, of what an open shows', () => {
  const cwd: Event = { type: 'process', ts: null, pid: 10, cwd: '/srv' };
  assert.equal(fileAt([cwd, open('base/5/1', 3)], 3), '/srv/base/5/1');
  assert.equal(fileAt([open('base/5/1', 3)], 3), 'base/5/1');
  assert.equal(fileAt([syscall('chdir', { path: '/srv' }), open('x', 3)], 3), '/srv/x');
  assert.equal(fileAt([cwd, syscall('chdir', { path: 'sub' }), open('x', 3)], 3), '/srv/sub/x');
  assert.equal(
    fileAt([cwd, syscall('chdir', { path: 'sub', ret: -1, errno: 'ENOENT' }), open('x', 3)], 3),
    '/srv/x',
  );
  assert.equal(fileAt([open('/d', 5), syscall('fchdir', { fd: 5 }), open('x', 3)], 3), '/d/x');
  assert.equal(fileAt([open('base/5/1', 3, { retpath: '/pg/base/5/1' }), open('x', 4)], 4), '/pg/x');
  assert.equal(fileAt([open('pg_wal/1', 3, { retpath: '/wal/pg_wal/1' }), open('x', 4)], 4), 'x');
});

test('dup and its like lead to the same open file', () => {
  const a = open('/a', 3);
  assert.equal(fileAt([a, syscall('dup', { fd: 3, ret: 7 })], 7), '/a');
  assert.equal(fileAt([a, open('/b', 7), syscall('dup2', { fd: 3, newfd: 7, ret: 7 })], 7), '/a');
  assert.equal(fileAt([a, syscall('dup2', { fd: 3, newfd: 3, ret: 3 })], 3), '/a');
  assert.equal(fileAt([a, syscall('fcntl', { fd: 3, cmd: 'F_DUPFD_CLOEXEC', newfd: 9, ret: 9 })], 9), '/a');
  assert.equal(fileAt([open('/b', 7), syscall('dup2', { fd: 3, newfd: 7, ret: 7 })], 7), null);
  assert.equal(offsetOf(a, syscall('dup', { fd: 3, ret: 7 }), read(3, 100), read(7, 1)), 100);
});

test('close_range closes both ends of the range', () => {
  const opened = [open('/a', 3), open('/b', 4), open('/c', 5)];
  const events = [...opened, syscall('close_range', { fd: 4, lastfd: 4294967295 })];
  assert.deepEqual(
    [3, 4, 5].map((fd) => fileAt(events, fd)),
    ['/a', null, null],
  );
  const marked = syscall('close_range', { fd: 4, lastfd: 5, flags: 'CLOSE_RANGE_CLOEXEC' });
  assert.equal(fileAt([...opened, marked], 4), '/b');
});

test('a child has what its parent had; a thread has the same table', () => {
  const fork = syscall('clone', { flags: 'CLONE_CHILD_SETTID|SIGCHLD', ret: 11 });
  assert.equal(fileAt([open('/a', 3), fork, close(3)], 3, 11), '/a');
  assert.equal(fileAt([open('/a', 3), fork, open('/b', 4)], 4, 11), null);
  const thread = syscall('clone3', { flags: 'CLONE_VM|CLONE_FILES', ret: 11 });
  assert.equal(fileAt([thread, open('/b', 4)], 4, 11), '/b');
  assert.equal(
    fileAt([syscall('chdir', { path: '/srv' }), fork, open('x', 4, { pid: 11 })], 4, 11),
    '/srv/x',
  );
});

test('a child that ran before its parent saw it', () => {
  const fork = syscall('clone', { flags: 'SIGCHLD', ret: 11 });
  const events = [
    open('/a', 3, { ts: 1 }),
    open('/b', 4, { ts: 1 }),
    close(3, { pid: 11, ts: 3 }),
    open('/c', 5, { pid: 11, ts: 3 }),
    { ...fork, ts: 2 },
  ];
  assert.deepEqual(
    [3, 4, 5].map((fd) => fileAt(events, fd, 11)),
    [null, '/b', '/c'],
  );
  // An earlier process of the same pid is another one.
  const reused = [open('/old', 5, { pid: 11, ts: 1 }), { ...fork, ts: 2 }];
  assert.equal(fileAt(reused, 5, 11), null);
});

test('execve keeps what is known to be kept', () => {
  const exec = syscall('execve', { path: '/bin/true' });
  assert.equal(fileAt([open('/a', 3), exec], 3), '/a');
  assert.equal(fileAt([open('/a', 3, { flags: 'O_RDONLY|O_CLOEXEC' }), exec], 3), null);
  assert.equal(fileAt([open('/a', 3, { flags: '524290' }), exec], 3), null);
  const set = (flags: string) => syscall('fcntl', { fd: 3, cmd: 'F_SETFD', flags });
  assert.equal(fileAt([open('/a', 3), set('FD_CLOEXEC'), exec], 3), null);
  assert.equal(fileAt([open('/a', 3), set('FD_CLOEXEC'), set('0'), exec], 3), '/a');
  assert.equal(fileAt([read(3, 1, { path: '/a' }), exec], 3), null);
  assert.equal(fileAt([open('/a', 3), syscall('execve', { ret: -1, errno: 'ENOENT' })], 3), '/a');
});

test('what has no path is known by its call', () => {
  assert.equal(fileAt([syscall('socket', { ret: 3 })], 3), 'socket');
  assert.equal(fileAt([syscall('accept4', { fd: 3, ret: 4 })], 4), 'socket');
  assert.equal(fileAt([syscall('epoll_create1', { ret: 5 })], 5), 'epoll');
  assert.equal(fileAt([syscall('pipe2', { fd: 6, newfd: 7 })], 7), 'pipe');
  assert.equal(fileAt([syscall('socketpair', { fd: 6, newfd: 7 })], 6), 'socket');
  assert.equal(fileAt([syscall('recvfrom', { fd: 9, length: 8, ret: 8 })], 9), 'socket');
  assert.equal(fileAt([syscall('recvfrom', { fd: 9, ret: -1, errno: 'ENOTSOCK' })], 9), null);
});

test('what the trace shows of a descriptor is the truth of the moment', () => {
  assert.equal(fileAt([open('/a', 3), read(3, 1, { path: '/b' })], 3), '/b');
  assert.equal(fileAt([read(3, 1, { path: '/b' })], 3), '/b');
  assert.equal(offsetOf(open('/a', 3), read(3, 8), read(3, 8, { path: '/b' }), read(3, 8)), -1);
  assert.equal(offsetOf(open('a', 3), read(3, 8), read(3, 8, { path: '/srv/a' })), 8);
});

test('the position follows reads, writes and seeks, and nothing else', () => {
  const a = open('/a', 3);
  const other = (call: string) => syscall(call, { fd: 3, offset: 4096, length: 50, ret: 50 });
  assert.equal(offsetOf(a, read(3, 100)), 0);
  assert.equal(offsetOf(a, read(3, 100), read(3, 100)), 100);
  assert.equal(offsetOf(a, read(3, 100, { ret: 30 }), read(3, 100)), 30);
  assert.equal(offsetOf(a, read(3, 100, { ret: 0 }), read(3, 100)), 0);
  assert.equal(offsetOf(a, read(3, 100, { ret: -1, errno: 'EIO' }), read(3, 100)), 0);
  assert.equal(offsetOf(a, read(3, 100, { ret: null, unfinished: true }), read(3, 100)), -1);
  assert.equal(offsetOf(a, syscall('writev', { fd: 3, ret: 10 }), read(3, 1)), 10);
  assert.equal(offsetOf(a, other('pread64'), read(3, 1)), 0);
  assert.equal(offsetOf(a, other('pwrite64'), read(3, 1)), 0);
  assert.equal(offsetOf(a, syscall('preadv2', { fd: 3, offset: -1, ret: 7 }), read(3, 1)), 7);
  assert.equal(offsetOf(a, seek(3, 8192), read(3, 100)), 8192);
  assert.equal(offsetOf(a, seek(3, -8192, { whence: 'SEEK_END', ret: 16384 }), read(3, 1)), 16384);
  assert.equal(offsetOf(a, seek(3, 5, { whence: 'SEEK_CUR', ret: 5 }), read(3, 1)), 5);
  assert.equal(offsetOf(a, seek(3, 5, { ret: -1, errno: 'EINVAL' }), read(3, 1)), 0);
  const llseek = syscall('_llseek', { fd: 3, offset: 0, outoffset: 4294967296, whence: 'SEEK_CUR' });
  assert.equal(offsetOf(a, llseek, read(3, 1)), 4294967296);
});

test('a position that is not known stays unknown', () => {
  assert.equal(offsetOf(read(3, 8, { path: '/a' }), read(3, 8)), -1);
  assert.equal(offsetOf(read(3, 8, { path: '/a' }), seek(3, 0), read(3, 8)), 0);
  assert.equal(
    offsetOf(open('/a', 3, { flags: 'O_RDWR|O_APPEND' }), syscall('write', { fd: 3, ret: 8 })),
    -1,
  );
  assert.equal(offsetOf({ type: 'fd', ts: 1, pid: 10, fd: 3, path: '/a' }, read(3, 8)), -1);
  assert.equal(offsetOf({ type: 'fd', ts: 1, pid: 10, fd: 3, path: '/a', offset: 64 }, read(3, 8)), 64);
});

test('copies between descriptors move the positions that they use', () => {
  const files = [open('/a', 3), open('/b', 4)];
  const sent = syscall('sendfile', { outfd: 4, fd: 3, length: 100, ret: 100 });
  assert.equal(offsetOf(...files, sent, read(3, 1)), 100);
  assert.equal(offsetOf(...files, sent, read(4, 1)), 100);
  const placed = syscall('copy_file_range', { fd: 3, offset: 0, outfd: 4, outoffset: 0, ret: 100 });
  assert.equal(offsetOf(...files, placed, read(3, 1)), 0);
  const touches = follow(after(...files), { ...placed, offset: 8192, outoffset: 16384 });
  assert.deepEqual(
    [touches.first.offset, touches.second.offset, touches.second.file?.path],
    [8192, 16384, '/b'],
  );
});

test('the end of a process, lost events and a new capture make descriptors unknown', () => {
  const a = open('/a', 3);
  assert.equal(fileAt([a, { type: 'exit', ts: 1, pid: 10, status: 0 }], 3), null);
  assert.equal(fileAt([a, { type: 'lost', ts: 1, count: 5, reason: 'full' }], 3), null);
  const trace: Event = { type: 'trace', schema: 1, source: 'strace', tool: 'x' };
  assert.equal(fileAt([trace, a], 3), '/a');
  assert.equal(fileAt([trace, a, trace], 3), null);
});

test("what was missed of one process's beginning leaves what the others have open", () => {
  assert.equal(fileAt([open('/a', 3), { type: 'lost', ts: 1, pid: 11, count: 5, reason: 'late' }], 3), '/a');
});

test('a sample changes nothing', () => {
  const sample: Event = { type: 'sample', ts: 1, pid: 10, state: 'D', call: 'read', fd: 3, length: 8 };
  assert.equal(offsetOf(open('/a', 3), sample, sample), -1);
  assert.equal(offsetOf(open('/a', 3), sample, { ...sample, offset: 4096 }), 4096);
  assert.equal(offsetOf(open('/a', 3), { ...sample, offset: 4096 }, read(3, 8)), 0);
  assert.equal(offsetOf(open('/a', 3), { ...sample, call: 'pread64', offset: 8192 }), 8192);
});
