/** Where a cluster keeps a relation's files (src/common/relpath.c, GetRelationPath). */
import { DEFAULT_TABLESPACE, GLOBAL_TABLESPACE, type RelationFile } from '../postgres/catalog-source.js';
import { type Cluster, tablespaceVersionDirectory } from './cluster.js';

/** The directory of a database in a tablespace, relative to the data directory. */
export function databaseDirectory(cluster: Cluster, tablespace: number, database: number): string {
  if (tablespace === GLOBAL_TABLESPACE) return 'global';
  if (tablespace === DEFAULT_TABLESPACE) return `base/${database}`;
  return `pg_tblspc/${tablespace}/${tablespaceVersionDirectory(cluster)}/${database}`;
}

export function mapPath(cluster: Cluster, tablespace: number, database: number): string {
  return `${databaseDirectory(cluster, tablespace, database)}/pg_filenode.map`;
}

/** A segment of a relation's main fork. */
export function segmentPath(cluster: Cluster, file: RelationFile, segment: number): string {
  const path = `${databaseDirectory(cluster, file.tablespace, file.database)}/${file.filenode}`;
  return segment === 0 ? path : `${path}.${segment}`;
}
