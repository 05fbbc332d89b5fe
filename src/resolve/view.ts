/** Opens a data directory, or a snapshot of one, for resolving. */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../cli/diagnostic.js';
import { type Catalog, openCatalog } from './catalog.js';
import { openCluster, tablespaceVersionDirectory } from './cluster.js';
import { ClusterFileError, type ClusterFiles } from './files.js';
import { directoryFiles } from './files-directory.js';
import { withSnapshotSizes } from './files-snapshot.js';
import { createOverlay } from './overlay.js';
import type { ClusterView } from './target.js';

export interface OpenedDirectory {
  view: ClusterView;
  systemIdentifier: string;
  warnings: readonly string[];
  /** Absolute directories, of this machine or of the one it was copied from, and what they are below it. */
  mounts: { prefix: string; below: string }[];
  tablespaces: number[];
}

/** @throws Failure where it is missing, unreadable, or no data directory that is understood. */
export function openDirectory(directory: string): OpenedDirectory {
  const files = openFiles(directory);
  const cluster = openCluster(files);
  const overlay = createOverlay();
  const catalog = openCatalog(cluster, (opened) => overlay.source(opened));
  const { blockSize, segmentBlocks, walSegmentSize, systemIdentifier } = cluster.control;
  const tablespaces = files.list('pg_tblspc').filter((name) => /^[1-9]\d{0,9}$/.test(name));
  return {
    view: {
      names: catalog,
      reload: () => catalog.reload(),
      damage: () => inWords(catalog.damage) ?? overlay.trouble(),
      files,
      major: cluster.major,
      blockSize,
      segmentBlocks,
      walSegmentSize,
      versionFolder: tablespaceVersionDirectory(cluster),
    },
    systemIdentifier,
    warnings: cluster.warnings,
    mounts: [
      ...homes(directory, files).map((prefix) => ({ prefix, below: '' })),
      ...['pg_wal', ...tablespaces.map((oid) => `pg_tblspc/${oid}`)].flatMap((below) => {
        const target = files.link(below);
        return target?.startsWith('/') ? [{ prefix: target, below }] : [];
      }),
    ],
    tablespaces: tablespaces.map(Number),
  };
}

/** What initdb gave the cluster to tell it from all others. @throws as openDirectory(). */
export function systemIdentifierOf(directory: string): string {
  return openCluster(openFiles(directory)).control.systemIdentifier;
}

function inWords({ pages, rows, first }: Catalog['damage']): string | null {
  return first === null
    ? null
    : `${pages} pages and ${rows} rows of the catalogs are broken (first: ${first})`;
}

function openFiles(directory: string): ClusterFiles {
  try {
    return withSnapshotSizes(directoryFiles(directory));
  } catch (error) {
    if (!(error instanceof ClusterFileError)) throw error;
    throw new Failure(
      error.message,
      error.code === 'EACCES' || error.code === 'EPERM'
        ? "only the server's own user and root may read a data directory; try sudo"
        : 'give the data directory, the one that SHOW data_directory tells, or a snapshot of it',
    );
  }
}

/**
 * Under which paths the directory is, or was where it was copied from: the second line of postmaster.pid and
 * the -D of postmaster.opts (src/backend/utils/init/miscinit.c).
 */
function homes(directory: string, files: ClusterFiles): string[] {
  const lockFile = text(files, 'postmaster.pid').split('\n')[1] ?? '';
  const option = /"-D" "([^"\n]+)"/.exec(text(files, 'postmaster.opts'))?.[1] ?? '';
  return [resolve(directory), realpathSync(directory), lockFile, option];
}

function text(files: ClusterFiles, path: string): string {
  try {
    return new TextDecoder().decode(files.readAt(path, 0, 16384));
  } catch {
    return '';
  }
}
