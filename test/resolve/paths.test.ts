import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, isTelling } from '../../src/resolve/paths.js';

/** Path below the data directory, and what of it matters. */
const CASES: readonly (readonly [string, Record<string, unknown>])[] = [
  [
    'base/5/16384',
    { kind: 'relation', database: 5, filenode: 16384, fork: 'main', segment: 0, backend: null },
  ],
  ['base/5/16384', { tablespace: 1663, first: 'base/5/16384' }],
  ['base/5/16384.17', { kind: 'relation', segment: 17, first: 'base/5/16384' }],
  ['base/5/16384_fsm', { kind: 'relation', fork: 'fsm', first: 'base/5/16384_fsm' }],
  ['base/5/16384_vm.2', { kind: 'relation', fork: 'vm', segment: 2, first: 'base/5/16384_vm' }],
  ['base/5/16384_init', { kind: 'relation', fork: 'init' }],
  ['base/5/t3_16400', { kind: 'relation', filenode: 16400, backend: 3 }],
  ['base/5/t0_16400_vm.1', { kind: 'relation', filenode: 16400, backend: 0, fork: 'vm', segment: 1 }],
  ['base/4294967295/4294967295', { kind: 'relation', database: 4294967295, filenode: 4294967295 }],
  ['base/4294967296/1', { kind: 'other' }],
  ['base/5/4294967296', { kind: 'other', database: 5 }],
  ['base/5/016384', { kind: 'other' }],
  ['base/5/16384.0', { kind: 'other' }],
  ['base/5/16384_xxx', { kind: 'other' }],
  ['base/5/16384/x', { kind: 'other' }],
  ['base/5', { kind: 'directory', database: 5 }],
  ['base', { kind: 'directory' }],
  ['', { kind: 'directory' }],
  ['base/5/PG_VERSION', { kind: 'version', database: 5 }],
  ['base/5/pg_filenode.map', { kind: 'relmap', database: 5 }],
  ['base/5/pg_internal.init.3820', { kind: 'relcache', database: 5 }],
  ['global/1262', { kind: 'relation', tablespace: 1664, database: 0, filenode: 1262 }],
  ['global/pg_control', { kind: 'control' }],
  ['global/pg_filenode.map', { kind: 'relmap', database: null }],
  ['global/pg_internal.init', { kind: 'relcache' }],
  ['global/config_exec_params', { kind: 'config' }],
  [
    'pg_tblspc/16399/PG_15_202209061/5/16400.1',
    { kind: 'relation', tablespace: 16399, database: 5, segment: 1 },
  ],
  ['pg_tblspc/16399/PG_9.6_201608131/5/16400', { kind: 'relation', tablespace: 16399 }],
  ['pg_tblspc/16399/PG_15_202209061/pgsql_tmp/pgsql_tmp9.1', { kind: 'temp', tablespace: 16399, creator: 9 }],
  ['pg_tblspc/16399/PG_15_202209061/5/PG_VERSION', { kind: 'version', tablespace: 16399, database: 5 }],
  ['pg_tblspc/16399/PG_15_202209061', { kind: 'directory', tablespace: 16399 }],
  ['pg_tblspc/16399', { kind: 'directory', tablespace: 16399 }],
  ['pg_tblspc', { kind: 'directory' }],
  ['pg_tblspc/16399/other/5/16400', { kind: 'other' }],
  ['pg_tblspc/x/PG_15_202209061/5/16400', { kind: 'other' }],
  ['base/pgsql_tmp/pgsql_tmp3820.4', { kind: 'temp', tablespace: 1663, creator: 3820, number: 4 }],
  ['base/pgsql_tmp/pgsql_tmp3820.0.fileset/i1of4.p0.0', { kind: 'temp', creator: 3820, number: 0 }],
  ['base/pgsql_tmp/pgsql_tmp3820.7.sharedfileset/0.1', { kind: 'temp', creator: 3820, number: 7 }],
  ['base/pgsql_tmp/strange', { kind: 'temp', creator: null, number: null }],
  ['base/pgsql_tmp', { kind: 'directory' }],
  [
    'pg_wal/0000000100000000000000FE',
    { kind: 'wal', timeline: 1, segno: { high: 0, low: 0xfe }, segment: '0000000100000000000000FE' },
  ],
  ['pg_wal/00000002000000AB00000003.partial', { kind: 'wal', timeline: 2, segno: { high: 0xab, low: 3 } }],
  ['pg_xlog/000000010000000000000001', { kind: 'wal', timeline: 1 }],
  ['pg_wal/00000003.history', { kind: 'wal', timeline: 3, segno: null, segment: '00000003.history' }],
  ['pg_wal/000000010000000000000002.00000028.backup', { kind: 'wal', timeline: 1, segno: null }],
  [
    'pg_wal/archive_status/000000010000000000000002.ready',
    { kind: 'wal', timeline: 1, segno: null, segment: '000000010000000000000002.ready' },
  ],
  ['pg_wal/summaries/0000000100000000010000280000000001039A40.summary', { kind: 'wal', lsn: '0/1000028' }],
  ['pg_wal/xlogtemp.3820', { kind: 'wal', timeline: null, segno: null }],
  ['pg_wal/archive_status', { kind: 'directory' }],
  ['pg_wal', { kind: 'directory' }],
  ['pg_wal/0000000100000000000000fe', { kind: 'other' }],
  ['pg_wal/000000000000000000000001', { kind: 'other' }],
  ['pg_xact/000A', { kind: 'xact', segment: 10, part: null, long: false }],
  ['pg_clog/0000', { kind: 'xact' }],
  ['pg_multixact/offsets/0001', { kind: 'multixact', part: 'offsets', segment: 1 }],
  ['pg_multixact/members/14078', { kind: 'multixact', part: 'members', segment: 0x14078 }],
  ['pg_multixact/members', { kind: 'directory' }],
  ['pg_subtrans/0000', { kind: 'subtrans' }],
  ['pg_commit_ts/0000', { kind: 'commit_ts' }],
  ['pg_notify/000000000000001', { kind: 'notify', long: true }],
  ['pg_serial/0000', { kind: 'serial' }],
  ['pg_xact/zz', { kind: 'other' }],
  ['pg_twophase/00000317', { kind: 'twophase' }],
  ['pg_snapshots/00000004-00000008-1', { kind: 'snapshot' }],
  ['pg_logical/snapshots/0-15CE7C0.snap', { kind: 'snapshot' }],
  ['pg_logical/mappings/map-1-2', { kind: 'logical' }],
  ['pg_logical/replorigin_checkpoint', { kind: 'logical' }],
  ['pg_replslot/standby_1/state', { kind: 'replslot', slot: 'standby_1' }],
  ['pg_replslot/standby_1.tmp/state.tmp', { kind: 'replslot', slot: 'standby_1' }],
  ['pg_replslot/standby_1', { kind: 'replslot', slot: 'standby_1' }],
  ['pg_stat_tmp/db_5.stat', { kind: 'stat', database: 5 }],
  ['pg_stat_tmp/db_0.tmp', { kind: 'stat', database: null }],
  ['pg_stat/pgstat.stat', { kind: 'stat' }],
  ['pg_dynshmem/mmap.12', { kind: 'dynshmem' }],
  ['PG_VERSION', { kind: 'version' }],
  ['postgresql.auto.conf', { kind: 'config' }],
  ['pg_hba.conf', { kind: 'config' }],
  ['standby.signal', { kind: 'config' }],
  ['log/postgresql-2026-01-01.log', { kind: 'log' }],
  ['current_logfiles', { kind: 'log' }],
  ['postmaster.pid', { kind: 'pid' }],
  ['postmaster.opts', { kind: 'pid' }],
  ['backup_label', { kind: 'backup' }],
  ['tablespace_map', { kind: 'backup' }],
  ['core.3820', { kind: 'other' }],
];

for (const [path, expected] of CASES) {
  test(`'${path}' is ${JSON.stringify(expected)}`, () => {
    const file = { ...classify(path) } as Record<string, unknown>;
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(file[key], value, key);
  });
}

test('a form that other programs use too does not tell a data directory', () => {
  for (const path of ['global/1262', 'log/x', 'PG_VERSION', 'base/5', 'pg_wal', 'pg_stat/x'])
    assert.equal(isTelling(classify(path)), false, path);
  for (const path of ['base/5/1259', 'global/pg_control', 'pg_wal/000000010000000000000001', 'pg_xact/0000'])
    assert.equal(isTelling(classify(path)), true, path);
});
