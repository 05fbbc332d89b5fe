/** Reads all that naming a cluster's files needs, and copies it. */
import { unboundControl } from '../postgres/control.js';
import { catalogFiles, slruPlace } from '../resolve/catalog-files.js';
import { CatalogGeneration } from '../resolve/catalog-generation.js';
import type { ScanDamage } from '../resolve/catalog-scan.js';
import { type Cluster, CONTROL_FILE, openCluster, VERSION_FILE } from '../resolve/cluster.js';
import { createOverlay } from '../resolve/overlay.js';
import { settle } from '../resolve/settle.js';
import { RecordedTransactions } from './answers.js';
import { type Copies, recordingSource } from './recording.js';
import { rewrittenCatalogs } from './scout.js';

export interface Unread {
  database: string;
  reason: string;
}

export interface Captured {
  databases: number;
  /** Databases that are not in it. */
  unread: Unread[];
  damage: Readonly<ScanDamage>;
  /** What of the WAL could not be read. */
  trouble: string | null;
}

/**
 * @param wal whether to read the catalogs as the WAL leaves them, or as the files are
 * @param onDatabase is told how many of how many are done
 * @throws Failure where the shared catalogs cannot be read.
 */
export async function capture(
  cluster: Cluster,
  copies: Copies,
  wal: boolean,
  onDatabase: (done: number, all: number) => Promise<void>,
): Promise<Captured> {
  const overlay = createOverlay();
  if (wal) overlay.expect(rewrittenCatalogs(cluster, overlay.source(cluster)));
  // Opened anew: a checkpoint may have come since, and the WAL before it be gone.
  const source = wal ? overlay.source(openCluster(cluster.files)) : catalogFiles(cluster);
  const transactions = new RecordedTransactions(() => source.transactions);
  const recording = recordingSource(cluster, source, transactions, copies);
  const generation = new CatalogGeneration(cluster, recording.source);
  if (cluster.warnings.length > 0) generation.prove();
  const unread: Unread[] = [];
  let done = 0;
  for (const [oid, { name }] of generation.databases) {
    const reason = generation.open(oid);
    if (reason !== null) {
      recording.forget(oid);
      unread.push({ database: name, reason });
    }
    await onDatabase(++done, generation.databases.size);
  }
  copyTransactions(cluster, transactions, copies);
  copyHeads(cluster, copies);
  return {
    databases: done - unread.length,
    unread,
    damage: generation.damage,
    trouble: wal ? overlay.trouble() : null,
  };
}

function copyTransactions(cluster: Cluster, transactions: RecordedTransactions, copies: Copies): void {
  const { blockSize } = cluster.control;
  for (const { directory, number, bytes } of transactions.pages(blockSize)) {
    const { path, page } = slruPlace(directory, number);
    copies.write(path, page * blockSize, bytes);
  }
}

/** What says that this is a data directory, and of which version. */
function copyHeads({ files }: Cluster, copies: Copies): void {
  copies.write(VERSION_FILE, 0, files.readAt(VERSION_FILE, 0, 64));
  copies.write(
    CONTROL_FILE,
    0,
    settle(() => unboundControl(files.read(CONTROL_FILE))),
  );
}
