/** strace(1) as a source: every call of the chosen kind, at a price (see OVERHEAD in the manual). */
import { accessSync, constants } from 'node:fs';
import { delimiter, join as joinPath } from 'node:path';
import { Failure } from '../../cli/diagnostic.js';
import { DIALECTS } from '../../parse/dialects.js';
import type { Source, SourceSink } from '../source.js';
import type { TextOptions } from '../statement/statements.js';
import { attachFailure, type Permissions } from './messages.js';
import { openSession, type Refusal, type StraceSession } from './session.js';
import { StraceStatements } from './statements.js';

export interface StraceOptions {
  allCalls: boolean;
  /** How statements are told; null where they are not. */
  texts: TextOptions | null;
  permissions(pid: number): Permissions;
}

export function openStrace(sink: SourceSink, { allCalls, texts, permissions }: StraceOptions): Source {
  const sessions = new Set<StraceSession>();
  const statements = texts === null ? null : new StraceStatements(texts, (text) => sink.warning(text));
  let stopping: Promise<void> | null = null;
  /** Those that come together get one strace. */
  let batch: { pids: number[]; joined: Promise<void> } | null = null;

  const trace = async (pids: readonly number[]): Promise<readonly Refusal[]> => {
    const only = pids.length === 1 ? pids[0]! : null;
    const carried = statements === null ? {} : { carried: statements.carried };
    const dialect = DIALECTS.strace({ pid: only, date: null, raw: false, ...carried });
    const session = openSession(pids, allCalls, dialect, statements, sink);
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
      const refused = await trace(pids);
      if (refused.length === pids.length) throw explain(refused[0]!);
      refused.forEach(warn);
    },
    add(pid) {
      if (stopping !== null) return;
      if (batch !== null) {
        batch.pids.push(pid);
        return batch.joined;
      }
      const pids = [pid];
      batch = { pids, joined: joinBatch(pids) };
      return batch.joined;
    },
    remove(pid) {
      for (const session of sessions) session.remove(pid);
    },
    stop() {
      stopping ??= (async () => {
        const open = [...sessions];
        for (const session of open) session.stop();
        await Promise.all(open.map((session) => session.closed));
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
