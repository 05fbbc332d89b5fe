/** Where the replay of a cluster's WAL begins, and the files of that WAL. */
import { type Lsn, parseLsn } from '../postgres/wal/lsn.js';
import type { WalFiles } from '../postgres/wal/window.js';
import type { Cluster } from './cluster.js';
import { ClusterFileError, type ClusterFiles } from './files.js';

export interface ReplayStart {
  timeline: number;
  lsn: Lsn;
  /** The cluster was shut down: there may be nothing to replay. */
  clean: boolean;
}

/**
 * The redo point of the last checkpoint; in a base backup that of the checkpoint it began with, because files
 * were copied from then on (backup_label, src/backend/access/transam/xlogbackup.c).
 */
export function replayStart({ files, control }: Cluster): ReplayStart {
  const clean = control.state === 'shut down' || control.state === 'shut down in recovery';
  const last = { timeline: control.timeline, lsn: Number(control.redo), clean };
  const label = readLabel(files);
  const match = /^START WAL LOCATION: (\S+) \(file ([0-9A-F]{8})[0-9A-F]{16}\)$/m.exec(label);
  const lsn = match === null ? null : parseLsn(match[1]!);
  if (lsn === null || lsn > last.lsn) return last;
  return { timeline: Number.parseInt(match![2]!, 16), lsn, clean: false };
}

function readLabel(files: ClusterFiles): string {
  try {
    return new TextDecoder().decode(files.readAt('backup_label', 0, 4096));
  } catch (error) {
    if (error instanceof ClusterFileError) return '';
    throw error;
  }
}

/** @returns what reads pg_wal; a segment that cannot be read is as good as none. */
export function walFiles(files: ClusterFiles): WalFiles {
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
