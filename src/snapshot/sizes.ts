/** The list of what a snapshot leaves out: relations' files, by their sizes, and the cluster's links. */
import type { Cluster } from '../resolve/cluster.js';
import { tablespaceVersionDirectory } from '../resolve/cluster.js';
import type { Listed } from '../resolve/files-snapshot.js';

/** Files of relations (src/common/relpath.c); others have no blocks of a total. */
const RELATION_FILE = /^(?:t\d+_)?\d+(?:_(?:fsm|vm|init))?(?:\.\d+)?$/;
const OID = /^[1-9]\d{0,9}$/;

/**
 * Relations' files, folder by folder: each call of the iterator reads one.
 * @param copied whether a file is in the snapshot itself, whose size is then that of the copy
 */
export function* listSizes(cluster: Cluster, copied: (path: string) => boolean): Generator<Listed[]> {
  const { files } = cluster;
  for (const folder of relationFolders(cluster)) {
    const listed: Listed[] = [];
    for (const name of files.list(folder)) {
      const path = `${folder}/${name}`;
      if (!RELATION_FILE.test(name) || copied(path)) continue;
      const size = files.size(path);
      if (size !== null) listed.push({ path, size });
    }
    yield listed;
  }
}

/** The links that PostgreSQL made in the data directory: where tablespaces are, and the WAL. */
export function listLinks({ files }: Cluster): Listed[] {
  return ['pg_wal', ...tablespaces(files.list('pg_tblspc'))].flatMap((path) => {
    const link = files.link(path);
    return link === null ? [] : [{ path, link }];
  });
}

function* relationFolders(cluster: Cluster): Generator<string> {
  const { files } = cluster;
  const version = tablespaceVersionDirectory(cluster);
  yield 'global';
  const parents = ['base', ...tablespaces(files.list('pg_tblspc')).map((path) => `${path}/${version}`)];
  for (const parent of parents)
    for (const name of files.list(parent)) if (OID.test(name)) yield `${parent}/${name}`;
}

function tablespaces(names: readonly string[]): string[] {
  return names.filter((name) => OID.test(name)).map((oid) => `pg_tblspc/${oid}`);
}
