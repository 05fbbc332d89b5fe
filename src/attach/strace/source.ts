/** strace(1) as a source: every call of the chosen kind, at a price (see OVERHEAD in the manual). */
import { accessSync, constants } from 'node:fs';
import { delimiter, join as joinPath } from 'node:path';
import { Failure } from '../../cli/diagnostic.js';
import type { Event } from '../../event/types.js';
import { DIALECTS } from '../../parse/dialects.js';
import type { ProcFs } from '../inventory/procfs.js';
import type { Source, SourceSink } from '../source.js';
import type { TextOptions } from '../statement/statements.js';
import { Children } from './children.js';
import { attachFailure, type Permissions } from './messages.js';
import { openSession, type Refusal, type StraceSession } from './session.js';
import { StraceStatements } from './statements.js';

export interface StraceOptions {
  allCalls: boolean;
  /** How statements are told; null where they are not. */
  texts: TextOptions | null;
  /** Whether every process is wanted that the given ones fork; those of `parents` wait until they are added. */
  children: boolean;
  parents: readonly number[];
  proc: Pick<ProcFs, 'stat' | 'status'>;
  permissions(pid: number): Permissions;
}

export function openStrace(sink: SourceSink, options: StraceOptions): Source {
  const { allCalls, texts, children: follow, parents, proc, permissions } = options;
  const sessions = new Set<StraceSession>();
  const statements = texts === null ? null : new StraceStatements(texts, (text) => sink.warning(text));
  let children: Children | null = null;
  let stopping: Promise<void> | null = null;
  /** Those that come together get one strace. */
  let batch: { pids: number[]; joined: Promise<void> } | null = null;

  const isChild = (pid: number) => {
    const stat = proc.stat(pid);
    return stat !== null && stat.state !== 'Z' && parents.includes(stat.parent);
  };

  /** Whether a strace of ours has it already, since it forked. */
  const follows = (pid: number) => {
    if (!follow) return false;
    const tracer = Number(proc.status(pid, 'TracerPid') ?? 0);
    const guard = tracer === 0 ? undefined : proc.stat(tracer)?.parent;
    return guard !== undefined && [...sessions].some((session) => session.guard === guard);
  };

  const emit = (events: Event[]) => {
    const free = children === null ? events : children.pass(events);
    return free.length === 0 ? null : sink.events(free);
  };

  const trace = async (pids: readonly number[]): Promise<readonly Refusal[]> => {
    const only = pids.length === 1 && !follow ? pids[0]! : null;
    const carried = statements === null ? {} : { carried: statements.carried };
    const dialect = DIALECTS.strace({ pid: only, date: null, raw: false, ...carried });
    const session = openSession(pids, { allCalls, follow }, dialect, statements, emit);
    sessions.add(session);
    session.closed.then((failure) => {
      sessions.delete(session);
      if (failure !== null && stopping === null) sink.ended(failure);
    });
    return session.attached;
  };

  const explain = ({ pid, reason }: Refusal): Failure => attachFailure(pid, reason, permissions(pid));

  const warn = (refusal: Refusal) => {
    const { message, hint } = explain(refusal);
    sink.warning(hint === undefined ? message : `${message}; ${hint}`);
  };

  const joinBatch = async (pids: number[]) => {
    // Until this turn of the event loop has told all that joins.
    await new Promise(setImmediate);
    batch = null;
    if (stopping !== null) return;
    // A process that is gone by now is no news.
    for (const refusal of await trace(pids)) if (!isGone(refusal)) warn(refusal);
  };

  return {
    name: 'strace',
    async start(pids) {
      requireStrace();
      if (follow) children = new Children(pids, isChild);
      const refused = await trace(pids);
      if (refused.length === pids.length) throw explain(refused[0]!);
      refused.forEach(warn);
    },
    add(pid) {
      if (stopping !== null) return;
      const followed = follows(pid);
      const waiting = children?.add(pid) ?? [];
      if (waiting.length > 0) void sink.events(waiting);
      if (followed) return;
      if (batch !== null) {
        batch.pids.push(pid);
        return batch.joined;
      }
      const pids = [pid];
      batch = { pids, joined: joinBatch(pids) };
      return batch.joined;
    },
    sawBirth: (pid) => children?.sawEnd(pid) === true || follows(pid),
    remove(pid) {
      for (const session of sessions) session.remove(pid);
    },
    stop() {
      stopping ??= (async () => {
        const open = [...sessions];
        for (const session of open) session.stop();
        await Promise.all(open.map((session) => session.closed));
        const waiting = children?.finish() ?? [];
        if (waiting.length > 0) void sink.events(waiting);
      })();
      return stopping;
    },
  };
}

function isGone({ reason }: Refusal): boolean {
  return /no such process/i.test(reason);
}

/** @throws Failure where no directory of PATH has strace. */
function requireStrace(): void {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(joinPath(directory, 'strace'), constants.X_OK);
      return;
    } catch {
      // The next one.
    }
  }
  throw new Failure(
    'strace is not installed (expected it in PATH)',
    'install the package strace, or use --via ftrace as root, or --via sample',
  );
}
