/** A follower over a test server's WAL, beginning at what a copy of its files says. */
import type { CatalogSource } from '../../src/postgres/catalog-source.js';
import { WalFollower } from '../../src/postgres/wal/follower.js';
import { walLayout } from '../../src/postgres/wal/layout.js';
import { type Lsn, parseLsn } from '../../src/postgres/wal/lsn.js';
import type { WalGeometry } from '../../src/postgres/wal/page.js';
import type { WalEnd } from '../../src/postgres/wal/reader.js';
import type { Interest } from '../../src/postgres/wal/relation-filter.js';
import type { WalFiles } from '../../src/postgres/wal/window.js';
import { catalogFiles } from '../../src/resolve/catalog-files.js';
import { type Cluster, openCluster } from '../../src/resolve/cluster.js';
import { ClusterFileError } from '../../src/resolve/files.js';
import { directoryFiles } from '../../src/resolve/files-directory.js';
import type { Server } from './server.js';

export interface Copy extends CatalogSource {
  cluster: Cluster;
}

export function openCopy(directory: string): Copy {
  const cluster = openCluster(directoryFiles(directory));
  return Object.assign(catalogFiles(cluster), { cluster });
}

export function openLive(server: Server): Copy {
  return openCopy(server.dataDir);
}

export function walFiles(directory: string): WalFiles {
  const files = directoryFiles(directory);
  return {
    list: () => files.list('pg_wal'),
    readAt(name, offset, length) {
      try {
        return files.readAt(`pg_wal/${name}`, offset, length);
      } catch (error) {
        if (error instanceof ClusterFileError) return null;
        throw error;
      }
    },
  };
}

export function geometryOf({ control, major }: Cluster): WalGeometry {
  return {
    layout: walLayout(major)!,
    blockSize: control.blockSize,
    pageSize: control.walBlockSize,
    segmentSize: control.walSegmentSize,
  };
}

/** The server's WAL from the copy's redo point on, over the copy's pages. */
export function followOver(
  copy: Copy,
  server: Server,
  interest: Interest,
): { follower: WalFollower; stop: WalEnd } {
  const { control } = copy.cluster;
  const follower = new WalFollower({
    geometry: geometryOf(copy.cluster),
    files: walFiles(server.dataDir),
    timeline: control.timeline,
    redo: Number(control.redo),
    interest,
    base(tablespace, database, filenode, block) {
      try {
        const page = copy.read({ tablespace, database, filenode }, block, 1);
        return page.length === control.blockSize ? page : null;
      } catch (error) {
        if (error instanceof ClusterFileError) return null;
        throw error;
      }
    },
  });
  return { follower, stop: follower.follow() };
}

/** Where the server's WAL ends now; all of it is in the files then. */
export async function walEnd(server: Server): Promise<Lsn> {
  const client = await server.connect();
  const { rows } = await client.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn() AS lsn');
  // A transaction that wrote something does not commit before everything up to it is flushed.
  await client.query(`SELECT pg_logical_emit_message(true, 'pgtrace', 'flush')`);
  await client.end();
  return parseLsn(rows[0]!.lsn)!;
}
