import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseListing } from '../../src/listing/listing.js';

const file = (pid: number, fd: number, path: string) => ({ type: 'fd', ts: null, pid, fd, path });

test('procstat -f of FreeBSD', () => {
  const text = [
    '  PID COMM                FD T V FLAGS    REF  OFFSET PRO NAME',
    ' 3820 postgres          text v r r-------   -       - -   /usr/local/bin/postgres',
    ' 3820 postgres           cwd v d r-------   -       - -   /srv/pg data',
    ' 3820 postgres          root v d r-------   -       - -   /',
    ' 3820 postgres             2 v c rw------   7  372071 -   /dev/null',
    ' 3820 postgres             3 k - rw------   2       0 -   -',
    ' 3820 postgres             6 p - rw------   2       0 -   -',
    ' 3820 postgres             7 s - rw---n--   1       0 UDS /tmp/.s.PGSQL.5432',
    ' 3820 postgres            15 v r rw------   1    8192 -   /srv/pg data/base/5/16384',
    ' 3820 postgres            16 v r rw------   1       0 -   -',
    ' 3821 my worker          255 v r rw------   1       0 -   /srv/pg data/base/5/1259',
    '',
  ].join('\n');
  assert.deepEqual(parseListing(text), {
    cwds: [{ pid: 3820, cwd: '/srv/pg data' }],
    files: [
      file(3820, 2, '/dev/null'),
      file(3820, 3, 'anon_inode:[kqueue]'),
      file(3820, 6, 'pipe:[-]'),
      file(3820, 7, 'socket:[UDS /tmp/.s.PGSQL.5432]'),
      file(3820, 15, '/srv/pg data/base/5/16384'),
      file(3821, 255, '/srv/pg data/base/5/1259'),
    ],
  });
});

test('pfiles of illumos', () => {
  const text = [
    '3820:\t/usr/postgres/bin/postgres -D /srv/pg',
    '  Current rlimit: 65536 file descriptors',
    '   0: S_IFCHR mode:0666 dev:520,0 ino:34 uid:0 gid:3 rdev:135,2',
    '      O_RDONLY',
    '      /dev/null',
    '      offset:0',
    '   6: S_IFSOCK mode:0666 dev:527,0 ino:5127 uid:0 gid:0 rdev:0,0',
    '      O_RDWR|O_NONBLOCK FD_CLOEXEC',
    '\tSOCK_STREAM',
    '\tSO_SNDBUF(16384),SO_RCVBUF(5120)',
    '\tsockname: AF_UNIX /tmp/.s.PGSQL.5432',
    '\tpeer: psql[501] zone: global[0]',
    '  15: S_IFREG mode:0600 dev:182,65538 ino:12 uid:90 gid:90 size:286720',
    '      O_RDWR|O_LARGEFILE FD_CLOEXEC',
    '      advisory write lock set by process 3821',
    '      /srv/pg/base/5/16 384',
    '  16: S_IFREG mode:0600 dev:182,65538 ino:13 uid:90 gid:90 size:0',
    '      O_RDWR',
    '3821:\t/usr/postgres/bin/postgres -D /srv/pg',
    '  Current soft rlimit: 65536 file descriptors',
    '   3: S_IFREG mode:0600 dev:182,65538 ino:14 uid:90 gid:90 size:0',
    '      O_RDWR',
    '      /srv/pg/global/1262',
    '',
  ].join('\n');
  assert.deepEqual(parseListing(text), {
    cwds: [],
    files: [
      file(3820, 0, '/dev/null'),
      file(3820, 6, 'socket:[AF_UNIX /tmp/.s.PGSQL.5432]'),
      file(3820, 15, '/srv/pg/base/5/16 384'),
      file(3821, 3, '/srv/pg/global/1262'),
    ],
  });
});

test('lsof, or nothing', () => {
  assert.deepEqual(parseListing('p10\nf4\nn/a\n')?.files, [file(10, 4, '/a')]);
  for (const text of ['', 'hello\n', '3820:\t/usr/bin/postgres\n', 'PID COMM\n'])
    assert.equal(parseListing(text), null);
});
