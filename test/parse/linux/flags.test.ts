import assert from 'node:assert/strict';
import { constants as fs } from 'node:fs';
import { constants as os } from 'node:os';
import { test } from 'node:test';
import * as flags from '../../../src/parse/linux/flags.js';

const CASES: [said: string, expected: string][] = [
  [flags.openFlags(fs.O_RDONLY), 'O_RDONLY'],
  [flags.openFlags(fs.O_RDWR | fs.O_CREAT | fs.O_EXCL | 0o2000000), 'O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC'],
  [flags.openFlags(fs.O_WRONLY | fs.O_SYNC), 'O_WRONLY|O_SYNC'],
  [flags.openFlags(fs.O_WRONLY | fs.O_DSYNC), 'O_WRONLY|O_DSYNC'],
  [flags.openFlags(fs.O_RDONLY | fs.O_DIRECTORY | fs.O_NONBLOCK), 'O_RDONLY|O_NONBLOCK|O_DIRECTORY'],
  [flags.openFlags(fs.O_RDWR | 0o20000000 | fs.O_DIRECTORY), 'O_RDWR|O_TMPFILE'],
  [flags.openFlags(fs.O_RDWR | 0x40000000), 'O_RDWR|0x40000000'],
  [flags.mode(0o600), '0600'],
  [flags.mode(0), '000'],
  [flags.mode(0o7), '007'],
  [flags.mode(0o1777), '01777'],
  [flags.whence(0), 'SEEK_SET'],
  [flags.whence(4), 'SEEK_HOLE'],
  [flags.whence(9), '0x9'],
  [flags.prot(0), 'PROT_NONE'],
  [flags.prot(5), 'PROT_READ|PROT_EXEC'],
  [flags.mapFlags(0x22), 'MAP_PRIVATE|MAP_ANONYMOUS'],
  [flags.mapFlags(0x40021), 'MAP_SHARED|MAP_ANONYMOUS|MAP_HUGETLB'],
  [flags.syncRangeFlags(2), 'SYNC_FILE_RANGE_WRITE'],
  [flags.fallocateMode(0), '0'],
  [flags.fallocateMode(3), 'FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE'],
  [flags.fileAdvice(3), 'POSIX_FADV_WILLNEED'],
  [flags.atFlags(0x1000), 'AT_EMPTY_PATH'],
  [flags.fcntlCommand(1030), 'F_DUPFD_CLOEXEC'],
  [flags.fcntlCommand(7777), '0x1e61'],
  [flags.cloneFlags(0x1200011), 'CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD'],
  [flags.cloneFlags(0x4111), 'CLONE_VM|CLONE_VFORK|SIGCHLD'],
  [flags.errnoName(os.errno.EAGAIN), 'EAGAIN'],
  [flags.errnoName(os.errno.EOPNOTSUPP), 'EOPNOTSUPP'],
  [flags.errnoName(512), 'ERESTARTSYS'],
  [flags.errnoName(4000), 'ERRNO_4000'],
  [flags.signalName(os.signals.SIGABRT), 'SIGABRT'],
  [flags.signalName(os.signals.SIGIO), 'SIGIO'],
  [flags.signalName(34), 'SIGRT_2'],
];

for (const [said, expected] of CASES)
  test(`a number in strace's words: ${expected}`, () => {
    assert.equal(said, expected);
  });
