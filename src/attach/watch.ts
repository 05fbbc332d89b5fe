/**
 * Which processes belong to the trace: those that were named, their parallel workers, the I/O workers of their
 * server, or a whole cluster. The kernel tells nobody of a fork without privileges, so the postmaster's
 * children are looked at again and again: one small read where nothing has changed.
 */
import type { ProcFs } from './inventory/procfs.js';
import { isPostgres, parseTitle } from './inventory/title.js';

export interface Wish {
  /** Processes that were named (-p). */
  pids: readonly number[];
  /** Postmasters whose every process is wanted (-D). */
  postmasters: readonly number[];
  /** Whether parallel workers and I/O workers belong to it. */
  workers: boolean;
}

export interface Change {
  joined: number[];
  left: number[];
  /** Members that had their parent's title when they joined, and have their own now. */
  named: number[];
  /** Children that were started meanwhile and do not belong to the trace. */
  refused: number[];
}

export interface Watch {
  /** What belongs to the trace now; first told by `start`. */
  readonly members: ReadonlyMap<number, Member>;
  /** The postmasters whose children belong to the trace, or may. */
  readonly parents: readonly number[];
  start(): Change;
  /** What has come and gone since the last call. */
  poll(): Change;
  /** Members whose title has changed since it was last asked for. */
  retitled(): number[];
  /** Whether what was wished for has ended: every named process, every postmaster. */
  ended(): boolean;
}

export interface Member {
  title: string;
  /** In clock ticks since boot. */
  began: number;
}

/**
 * A child of a postmaster. Until it has a title of its own a child shows its parent's: it is looked at again,
 * as `young` where the title decides whether it belongs, as `nameless` where it belongs in any case.
 */
type Child = 'young' | 'nameless' | 'member' | 'other';

function noChange(): Change {
  return { joined: [], left: [], named: [], refused: [] };
}

interface Family {
  postmaster: number;
  whole: boolean;
  children: Map<number, Child>;
  /** As they were at the last look. */
  seen: readonly number[] | null;
  /** How many of them are without a title of their own. */
  young: number;
}

/** That a process has ended is less urgent than that one has begun; and less still, the more there are. */
const POLLS_OF_ROOTS = 10;

export function openWatch(proc: ProcFs, wish: Wish): Watch {
  const members = new Map<number, Member>();
  const roots = new Set([...wish.pids, ...wish.postmasters]);
  const families = findFamilies(proc, wish);
  let polls = 0;

  const join = (pid: number, change: Change): boolean => {
    const began = proc.stat(pid)?.began;
    if (began === undefined || members.has(pid)) return false;
    members.set(pid, { title: proc.title(pid) ?? '', began });
    change.joined.push(pid);
    return true;
  };

  const leave = (pid: number, change: Change) => {
    if (members.delete(pid)) change.left.push(pid);
    roots.delete(pid);
  };

  const judge = (pid: number, family: Family): Child => {
    const title = proc.title(pid);
    if (title === null || title === '') return 'young';
    const { role, leader } = parseTitle(title, undefined);
    if (role === 'postmaster') return family.whole && wish.workers ? 'nameless' : 'young';
    const worker = role === 'parallel worker' || role === 'io worker';
    if (worker && !wish.workers) return 'other';
    if (family.whole || role === 'io worker') return 'member';
    return leader !== undefined && wish.pids.includes(leader) ? 'member' : 'other';
  };

  const pollFamily = (family: Family, change: Change) => {
    const pids = proc.children(family.postmaster);
    if (pids === family.seen && family.young === 0) return;
    const started = family.seen !== null;
    family.seen = pids;
    family.young = 0;
    const now = new Set(pids);
    for (const pid of now) {
      const known = family.children.get(pid);
      if (known === 'member' || known === 'other') continue;
      const found = judge(pid, family);
      family.children.set(pid, found);
      if (found === 'other' && started && !roots.has(pid)) change.refused.push(pid);
      if (found === 'young' || found === 'nameless') family.young++;
      if (found === 'nameless' || found === 'member') join(pid, change);
      if (found === 'member' && known === 'nameless') change.named.push(pid);
    }
    for (const pid of family.children.keys()) {
      if (now.has(pid)) continue;
      family.children.delete(pid);
      leave(pid, change);
    }
  };

  const pollRoots = (change: Change) => {
    for (const pid of roots) {
      const stat = proc.stat(pid);
      if (stat === null || stat.state === 'Z' || stat.began !== members.get(pid)?.began) leave(pid, change);
    }
  };

  return {
    members,
    parents: families.map(({ postmaster }) => postmaster),
    start() {
      const change: Change = noChange();
      for (const pid of [...roots]) if (!join(pid, change)) roots.delete(pid);
      for (const family of families) pollFamily(family, change);
      return change;
    },
    poll() {
      const change: Change = noChange();
      if (polls++ % Math.max(POLLS_OF_ROOTS, Math.ceil(roots.size / POLLS_OF_ROOTS)) === 0) pollRoots(change);
      for (const family of families) pollFamily(family, change);
      return change;
    },
    retitled() {
      const changed: number[] = [];
      for (const [pid, member] of members) {
        const title = proc.title(pid);
        if (title === null || title === member.title) continue;
        member.title = title;
        changed.push(pid);
      }
      return changed;
    },
    ended: () => roots.size === 0,
  };
}

/** The postmasters whose children are to be looked at. */
function findFamilies(proc: ProcFs, { pids, postmasters, workers }: Wish): Family[] {
  const families = new Map<number, Family>();
  for (const postmaster of postmasters) {
    families.set(postmaster, { postmaster, whole: true, children: new Map(), seen: null, young: 0 });
  }
  for (const pid of workers ? pids : []) {
    const parent = proc.stat(pid)?.parent;
    if (parent === undefined || families.has(parent)) continue;
    if (!isPostgres(proc.title(pid) ?? '') || !isPostgres(proc.title(parent) ?? '')) continue;
    families.set(parent, { postmaster: parent, whole: false, children: new Map(), seen: null, young: 0 });
  }
  return [...families.values()];
}
