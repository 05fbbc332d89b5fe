/**
 * What a PostgreSQL process says of itself in its title: src/backend/utils/misc/ps_status.c, versions 10 to 18.
 *
 * A title is `postgres: `, with cluster_name set `NAME: `, a fixed part, and an activity that changes. With
 * update_process_title off the activity stays empty, or what it was at the fork. Nothing in a title is quoted,
 * so what cannot be split surely is left out.
 */

export interface Title {
  /** As pg_stat_activity.backend_type names it, and `postmaster`; absent where the title does not tell. */
  role?: string;
  user?: string;
  database?: string;
  /** `[local]` or `host(port)`. */
  client?: string;
  /** The leader's pid, of a parallel worker. */
  leader?: number;
}

/** What every title but the postmaster's begins with. */
export const PREFIX = 'postgres: ';

/** Fixed parts that are whole: 11 to 18 as pg_stat_activity says, and before 11 with words of their own. */
const WHOLE: ReadonlyMap<string, string> = new Map([
  ['checkpointer', 'checkpointer'],
  ['background writer', 'background writer'],
  ['walwriter', 'walwriter'],
  ['walsummarizer', 'walsummarizer'],
  ['archiver', 'archiver'],
  ['logger', 'logger'],
  ['startup', 'startup'],
  ['walreceiver', 'walreceiver'],
  ['stats collector', 'stats collector'],
  ['autovacuum launcher', 'autovacuum launcher'],
  ['logical replication launcher', 'logical replication launcher'],
  ['slotsync worker', 'slotsync worker'],
  ['checkpointer process', 'checkpointer'],
  ['writer process', 'background writer'],
  ['wal writer process', 'walwriter'],
  ['archiver process', 'archiver'],
  ['logger process', 'logger'],
  ['startup process', 'startup'],
  ['wal receiver process', 'walreceiver'],
  ['stats collector process', 'stats collector'],
  ['autovacuum launcher process', 'autovacuum launcher'],
]);

/** Fixed parts with something behind them: an activity, a number, a name. */
const BEGINNINGS: readonly (readonly [RegExp, string])[] = [
  [/^io worker \d+$/, 'io worker'],
  [/^(?:startup|startup process) +(?:recovering|waiting for|restoring) /, 'startup'],
  [/^(?:archiver|archiver process) +(?:archiving|last was|failed on) /, 'archiver'],
  [/^(?:walreceiver|wal receiver process) +(?:streaming|restarting|waiting)\b/, 'walreceiver'],
  [/^checkpointer +performing /, 'checkpointer'],
  [/^logical replication apply worker for subscription /, 'logical replication apply worker'],
  [/^logical replication parallel apply worker for subscription /, 'logical replication parallel worker'],
  [
    /^logical replication (?:tablesync|table synchronization) worker for subscription /,
    'logical replication tablesync worker',
  ],
  [/^logical replication worker for subscription /, 'logical replication worker'],
];

/** Processes that every postmaster has and whose title ends with their fixed part: what is before it is the name. */
const NAMED =
  /^postgres: (?:(.*): )?(?:checkpointer|background writer|walwriter|checkpointer process|writer process|wal writer process)$/;

/** A client as BackendInitialize (src/backend/tcop/) writes it. */
const CLIENT = /(?<= )(?:\[local\]|[^ ()]+\(\d+\))(?= |$)/g;

/**
 * @param title the process's arguments, joined with blanks.
 * @param cluster cluster_name, empty where it is not set; undefined where it is not known.
 */
export function parseTitle(title: string, cluster: string | undefined): Title {
  if (!title.startsWith(PREFIX)) return isPostmaster(title) ? { role: 'postmaster' } : {};
  const rest = title.slice(PREFIX.length).trimEnd();
  if (cluster === undefined) {
    const known = parseServerProcess(rest.slice(rest.lastIndexOf(': ') + 2)) ?? parseServerProcess(rest);
    return known ?? (rest.includes(': ') ? {} : parseBackend(rest));
  }
  const lead = cluster === '' ? '' : `${cluster}: `;
  if (!rest.startsWith(lead)) return {};
  const part = rest.slice(lead.length);
  return parseServerProcess(part.replace(/^bgworker: /, '')) ?? parseBackend(part);
}

/** cluster_name as the titles of one postmaster's children tell it; undefined where none of them can. */
export function clusterName(titles: Iterable<string>): string | undefined {
  for (const title of titles) {
    const named = NAMED.exec(title.trimEnd());
    if (named !== null) return named[1] ?? '';
  }
  return undefined;
}

/** Whether the title is one that PostgreSQL's own processes have, the postmaster's included. */
export function isPostgres(title: string): boolean {
  return title.startsWith(PREFIX) || isPostmaster(title);
}

function isPostmaster(title: string): boolean {
  return /^(?:\S*\/)?(?:postgres|postmaster)(?: |$)/.test(title);
}

function parseServerProcess(part: string): Title | null {
  const whole = WHOLE.get(part);
  if (whole !== undefined) return { role: whole };
  // While it waits for a lock (ProcSleep in src/backend/storage/lmgr/proc.c), its title says so.
  const parallel = /^parallel worker for PID (\d+)(?: +waiting)?$/.exec(part);
  if (parallel !== null) return { role: 'parallel worker', leader: Number(parallel[1]) };
  const autovacuum = /^autovacuum worker(?: process)?(?: +(.+))?$/.exec(part);
  if (autovacuum !== null) {
    const database = autovacuum[1];
    return { role: 'autovacuum worker', ...(database !== undefined && legible(database) && { database }) };
  }
  for (const [pattern, role] of BEGINNINGS) if (pattern.test(part)) return { role };
  return null;
}

/** A client backend or a walsender: the activity never looks like a client, except a base backup's label. */
function parseBackend(part: string): Title {
  const sender = /^(?:walsender|wal sender process) (.*)$/.exec(part);
  const clients = [...part.matchAll(CLIENT)];
  if (sender !== null) {
    // Its user may stand alone or with a database, so that two words may be either.
    return { role: 'walsender', ...(clients.length === 1 && { client: clients[0]![0] }) };
  }
  const last = clients.at(-1);
  if (last === undefined) return {};
  const client = last[0];
  const [user, database, ...more] = part.slice(0, last.index - 1).split(' ');
  const split = more.length === 0 && user && database && legible(user) && legible(database);
  return { role: 'client backend', ...(split && { user, database }), client };
}

/** Names are bytes in the database's own encoding: what is no UTF-8 has been replaced, and is no name. */
function legible(name: string): boolean {
  return !name.includes('\ufffd');
}
