/** One strace and what it traces: its text becomes events, its messages an answer. */
import type { Event } from '../../event/types.js';
import type { Dialect } from '../../parse/dialect.js';
import { parseMessage } from './messages.js';
import { openRelay } from './relay.js';
import { SHOWN, type StraceStatements } from './statements.js';
import { spawnTracer, type Wanted } from './tracer.js';

export interface Refusal {
  pid: number;
  /** strace's words. */
  reason: string;
}

export interface StraceSession {
  /** Resolves with what was refused, when strace has said of every process whether it traces it. */
  attached: Promise<readonly Refusal[]>;
  /** Resolves when strace has let everything go, with what is wrong if nobody asked it to. */
  closed: Promise<string | null>;
  /** The parent of its strace; undefined where that could not be started. */
  readonly guard: number | undefined;
  /** Forgets a process; a strace that is left with none, and follows no forks, ends. */
  remove(pid: number): void;
  stop(): void;
}

/** @param statements takes the events before they go on; null where no statements are wanted. */
export function openSession(
  pids: readonly number[],
  wanted: Pick<Wanted, 'allCalls' | 'follow'>,
  dialect: Dialect,
  statements: StraceStatements | null,
  emit: (events: Event[]) => Promise<void> | null,
): StraceSession {
  const relay = openRelay(dialect, 'strace', (events) =>
    emit(statements === null ? events : statements.tell(events)),
  );
  const traced = new Set(pids);
  const waiting = new Set(pids);
  const refused: Refusal[] = [];
  const said: string[] = [];
  let stopped = false;

  const attached = defer<readonly Refusal[]>();
  const closed = defer<string | null>();

  const answer = (pid: number) => {
    if (waiting.delete(pid) && waiting.size === 0) attached.resolve(refused);
  };

  const shown = statements === null ? 0 : SHOWN;
  const tracer = spawnTracer(
    pids,
    { ...wanted, shown },
    {
      output: relay.write,
      message(line) {
        const message = parseMessage(line);
        if (message.kind === 'other') said.push(message.text);
        if (message.kind === 'refused') {
          refused.push(message);
          traced.delete(message.pid);
        }
        if (message.kind === 'refused' || message.kind === 'attached') answer(message.pid);
      },
      closed(status) {
        relay.end();
        const found = said.length > 0 ? said.join('; ') : `strace ended with status ${status}`;
        for (const pid of waiting) refused.push({ pid, reason: found });
        attached.resolve(refused);
        closed.resolve(stopped || status === 0 || refused.length === pids.length ? null : found);
      },
    },
  );

  const stop = () => {
    stopped = true;
    tracer.stop();
  };
  return {
    attached: attached.promise,
    closed: closed.promise,
    guard: tracer.guard,
    remove(pid) {
      if (!wanted.follow && traced.delete(pid) && traced.size === 0) stop();
    },
    stop,
  };
}

interface Deferred<T> {
  promise: Promise<T>;
  resolve(value: T): void;
}

function defer<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
