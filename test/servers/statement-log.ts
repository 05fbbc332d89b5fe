/** Statements as the server's own log has them, to hold what is seen of them to. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event, StatementEvent } from '../../src/event/types.js';
import { tracing } from '../live/tracing.js';
import type { Server } from './server.js';

/** The settings that make it log them. */
export const LOGGING = { log_min_duration_statement: 0, log_line_prefix: '%p|' };

interface Logged {
  pid: number;
  /** In seconds; null for one that failed in its first message, which has none. */
  dur: number | null;
  text: string;
}

/**
 * What a piece of log says was executed, by process. A statement of the extended protocol has a line each for Parse,
 * Bind and Execute.
 * @param apart a statement is prepared on its own.
 */
function logged(text: string, apart: boolean): Map<number, Logged[]> {
  const lines =
    /^(\d+)\|(?:LOG: {2}duration: ([\d.]+) ms {2}(?:(statement)|(parse|bind|execute) [^:]*)|STATEMENT): +(.*(?:\n\t.*)*)/gm;
  const found = new Map<number, Logged[]>();
  const last = new Map<number, string>();
  for (const [, id, ms, simple, message, indented] of text.matchAll(lines)) {
    const pid = Number(id);
    const dur = ms === undefined ? null : Number(ms) / 1000;
    const sql = indented!.replaceAll('\n\t', '\n');
    const all = found.get(pid) ?? [];
    found.set(pid, all);
    const before = last.get(pid);
    last.set(pid, simple ?? message ?? 'failed');
    const goes =
      (message === 'bind' && before === 'parse' && !apart) || (message === 'execute' && before === 'bind');
    if (goes) all.at(-1)!.dur! += dur!;
    else all.push({ pid, dur, text: sql });
  }
  return found;
}

interface Seen {
  text: string | undefined;
  dur: number | undefined;
}

function seen(events: readonly Event[]): Map<number, Seen[]> {
  const statements = events.filter((event): event is StatementEvent => event.type === 'statement');
  const ends = new Map(
    statements.flatMap(({ number, dur }) =>
      number !== undefined && dur !== undefined ? [[number, dur]] : [],
    ),
  );
  const found = new Map<number, Seen[]>();
  for (const { pid, number, text, dur } of statements)
    if (dur === undefined && number !== undefined)
      found.set(pid, [...(found.get(pid) ?? []), { text, dur: ends.get(number) }]);
  return found;
}

export interface Expected {
  /** How many statements must have been logged. */
  least: number;
  /** A statement is prepared on its own. */
  apart?: boolean;
  /** How far the times may be from those that are logged, in seconds: a busy machine may stop the server in between. */
  tolerance?: number;
}

/** Traces with `args` around `work` and holds what is seen to what is logged. */
export async function compareToLog(
  server: Server,
  args: readonly string[],
  work: () => Promise<void> | void,
  { least, apart = false, tolerance = 0.1 }: Expected,
): Promise<void> {
  const from = server.log().length;
  const { events, stderr } = await tracing(
    [...args, '--statements', '--statement-length', '4095'],
    async () => {
      await work();
      // The last idle process has written its log, and its end was traced.
      await sleep(200);
    },
  );
  assert.doesNotMatch(stderr, /no statements|missing/);
  const told = seen(events);
  let count = 0;
  for (const [pid, executed] of logged(server.log().slice(from), apart)) {
    const statements = told.get(pid) ?? [];
    assert.deepEqual(
      statements.map(({ text }) => text),
      executed.map(({ text }) => text),
    );
    for (const [i, { dur, text }] of executed.entries()) {
      const mine = statements[i]!.dur;
      assert.ok(mine !== undefined, `${text} was not seen to end`);
      // The log's clock begins as the message arrives and ends before the answer is sent.
      if (dur !== null)
        assert.ok(Math.abs(mine - dur) < tolerance, `${text}: ${mine} s seen, ${dur} s logged`);
    }
    count += executed.length;
  }
  assert.ok(count >= least, `only ${count} statements were logged`);
}
