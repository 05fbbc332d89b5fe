/** pg_control, as decoded here and as the server's own functions tell it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeControl } from '../../src/postgres/control.js';
import { VERSIONS } from '../../src/postgres/layout/versions.js';
import { startServer } from './server.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();

for (const [name, initdbArgs, checksums] of [
  ['with checksums', ['--data-checksums'], true],
  ['without checksums', version >= 18 ? ['--no-data-checksums'] : [], false],
] as const) {
  test(`the control file ${name}`, async () => {
    const server = await startServer({ version, initdbArgs });
    try {
      const client = await server.connect();
      await client.query('BEGIN; SELECT txid_current(); COMMIT; CHECKPOINT');
      const { rows } = await client.query(`
        SELECT system_identifier, pg_control_version, catalog_version_no, checkpoint_lsn, redo_lsn, timeline_id,
               next_xid, next_oid::text, next_multixact_id::text, next_multi_offset::text, oldest_xid::text,
               oldest_active_xid::text, database_block_size, blocks_per_segment, wal_block_size,
               bytes_per_wal_segment, min_recovery_end_lsn
          FROM pg_control_system(), pg_control_checkpoint(), pg_control_init(), pg_control_recovery()`);
      const control = decodeControl(readFileSync(join(server.dataDir, 'global/pg_control')));
      const told = {
        system_identifier: control.systemIdentifier,
        pg_control_version: control.version,
        catalog_version_no: control.catalogVersion,
        checkpoint_lsn: lsn(control.checkPoint),
        redo_lsn: lsn(control.redo),
        timeline_id: control.timeline,
        next_xid: `${control.nextXid >> 32n}:${control.nextXid & 0xffffffffn}`,
        next_oid: String(control.nextOid),
        next_multixact_id: String(control.nextMulti),
        next_multi_offset: String(control.nextMultiOffset),
        oldest_xid: String(control.oldestXid),
        oldest_active_xid: String(control.oldestActiveXid),
        database_block_size: control.blockSize,
        blocks_per_segment: control.segmentBlocks,
        wal_block_size: control.walBlockSize,
        bytes_per_wal_segment: control.walSegmentSize,
        min_recovery_end_lsn: lsn(control.minRecoveryPoint),
      };
      assert.deepEqual(told, rows[0]);
      assert.equal(control.checksums, checksums);
      assert.equal(control.state, 'in production');

      const row = VERSIONS.find(({ major }) => major === version)!;
      assert.equal(control.version, row.controlVersion);
      assert.equal(control.catalogVersion, row.catalogVersion);
      const wal = join(server.dataDir, 'pg_wal');
      const segment = readdirSync(wal).find((file) => /^[0-9A-F]{24}$/.test(file))!;
      assert.equal(readFileSync(join(wal, segment)).readUInt16LE(0), row.walMagic);

      await server.stop();
      const stopped = decodeControl(readFileSync(join(server.dataDir, 'global/pg_control')));
      assert.equal(stopped.state, 'shut down');
    } finally {
      await server.remove();
    }
  });
}

function lsn(value: bigint): string {
  return `${(value >> 32n).toString(16)}/${(value & 0xffffffffn).toString(16)}`.toUpperCase();
}
