/**
 * The functions of a server that are worth a probe, with what their arguments are: rows of data, newest first.
 * All of them are extern in a translation unit of their callers' reach, so that a server's own symbol table has
 * them; `integer` arguments are counted from 0, in the order of the C declaration.
 */

/** src/backend/utils/activity/backend_status.c (14 and newer), src/backend/postmaster/pgstat.c: BackendState, const char *cmd_str. */
export const ACTIVITY = { name: 'pgstat_report_activity', state: 0, text: 1 } as const;

/** BackendState: src/include/utils/backend_status.h (14 and newer), src/include/pgstat.h. */
const STATES: readonly { since: number; words: readonly string[] }[] = [
  {
    // STATE_STARTING is new
    since: 18,
    words: [
      'undefined',
      'starting',
      'idle',
      'running',
      'idle in transaction',
      'fastpath',
      'idle in transaction (aborted)',
      'disabled',
    ],
  },
  {
    since: 10,
    words: [
      'undefined',
      'idle',
      'running',
      'idle in transaction',
      'fastpath',
      'idle in transaction (aborted)',
      'disabled',
    ],
  },
];

/** Those in which a statement runs. */
export const RUNNING: ReadonlySet<string> = new Set(['running', 'fastpath']);

/** Of a major version newer than the newest known, the newest known; null before 10. */
export function backendStates(major: number): readonly string[] | null {
  return STATES.find(({ since }) => major >= since)?.words ?? null;
}

/**
 * What a parallel worker calls before it runs its part of a statement: PGPROC *leader, int pid, the leader's.
 * src/backend/storage/lmgr/proc.c, called by ParallelWorkerMain() of src/backend/access/transam/parallel.c.
 */
export const JOINING = { name: 'BecomeLockGroupMember', leader: 1 } as const;

/**
 * src/backend/storage/file/fd.c, the one for 11 and newer first: what opens every file but those of ALLOCATING, and
 * calls open(2) at once with its own path, again after EMFILE or ENFILE.
 */
export const OPENING: readonly { name: string; path: number }[] = [
  { name: 'BasicOpenFilePerm', path: 0 },
  { name: 'BasicOpenFile', path: 0 },
];

/** fd.c as well: by fopen(3) and opendir(3), maybe after closing files that were not used of late. */
export const ALLOCATING: readonly { name: string; path: number }[] = [
  { name: 'AllocateFile', path: 0 },
  { name: 'AllocateDir', path: 0 },
];

/**
 * The table that every access of a shared buffer goes through once, by BufferAlloc(), whichever function asked
 * for the block (ReadBufferExtended() up to 16; since 17 StartReadBuffers() of a read stream too, which are
 * told how many blocks to read at most, not how many they do): src/backend/storage/buffer/buf_table.c. Being in
 * a file of its own, it is not inlined into bufmgr.c. A tag that is entered after it was looked up is read.
 * What it calls first is hash_search_with_hash_value(table, tag, …) of src/backend/utils/hash/dynahash.c.
 */
export const LOOKUP = { name: 'BufTableLookup', tag: 0, tagOfCalled: 1 } as const;
export const INSERT = { name: 'BufTableInsert', tag: 0 } as const;

/** src/backend/storage/buffer/bufmgr.c: Relation, ForkNumber, BlockNumber. Looks a tag up that it does not access. */
export const PREFETCH = { name: 'PrefetchBuffer', relation: 0, fork: 1, block: 2 } as const;

/** What a Relation points at begins with its file, rd_node or since 16 rd_locator, in bytes: src/include/utils/rel.h. */
export const RELATION = { tablespace: 0, database: 4, filenode: 8 } as const;

/**
 * BufferTag, in bytes, all of them 32-bit words: tablespace, database, relfilenode, fork, block. The same since
 * 10, under other names (RelFileNode rnode up to 15, spcOid … since 16): src/include/storage/buf_internals.h.
 */
export const BUFFER_TAG = { tablespace: 0, database: 4, filenode: 8, fork: 12, block: 16 } as const;

/** ForkNumber, src/include/common/relpath.h: the same in all versions. */
export const FORKS = ['main', 'fsm', 'vm', 'init'] as const;
