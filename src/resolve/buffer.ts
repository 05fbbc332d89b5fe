/** The file of a buffer's block, as GetRelationPath() of src/common/relpath.c builds it. Temporary relations have no shared buffers. */
import type { BufferEvent, BuffersEvent } from '../event/types.js';
import { DEFAULT_TABLESPACE, GLOBAL_TABLESPACE } from '../postgres/catalog-source.js';

/** @returns null for a tablespace's file where the name of its version folder is not known. */
export function bufferPath(
  event: BufferEvent | BuffersEvent,
  segment: number,
  versionFolder: string | null,
): string | null {
  const fork = event.fork === 'main' ? '' : `_${event.fork}`;
  const file = `${event.filenode}${fork}${segment === 0 ? '' : `.${segment}`}`;
  if (event.tablespace === GLOBAL_TABLESPACE) return `global/${file}`;
  if (event.tablespace === DEFAULT_TABLESPACE) return `base/${event.databaseOid}/${file}`;
  if (versionFolder === null) return null;
  return `pg_tblspc/${event.tablespace}/${versionFolder}/${event.databaseOid}/${file}`;
}
