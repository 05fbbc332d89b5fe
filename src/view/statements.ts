/** What statements caused, by their text: for those who ask. */
import type { Event, StatementEvent } from '../event/types.js';
import { createMeasure, measure } from './measure.js';
import { Pace } from './rate.js';
import { Tally } from './tally.js';

export interface StatementStat {
  readonly tally: Tally;
  /** How often it began. */
  runs: number;
  /** Seconds from beginnings to ends. */
  elapsed: number;
  /** Accesses of shared buffers, and those of them that were hits, as far as the trace tells. */
  accesses: number;
  hits: number;
  /** Of late, a second: bytes moved, and seconds in calls. */
  readonly pace: Pace;
}

export interface Statements {
  /** By text. Calls of no statement are under `-`. */
  readonly stats: ReadonlyMap<string, StatementStat>;
  take(event: Event): void;
}

/** Workers may be told a little after their leader: so many that have ended are known, the last ones. */
const ENDED = 4096;
const NO_STATEMENT = '-';
const NO_TEXT = '(no text)';

export function createStatements(): Statements {
  const stats = new Map<string, StatementStat>();
  const byNumber = new Map<number, StatementStat>();
  /** The number under way, by process. */
  const running = new Map<number, number>();
  const ended = new Set<number>();
  const call = createMeasure();

  function statOf(text: string): StatementStat {
    let stat = stats.get(text);
    if (stat === undefined) {
      stat = {
        tally: new Tally(),
        runs: 0,
        elapsed: 0,
        accesses: 0,
        hits: 0,
        pace: new Pace(),
      };
      stats.set(text, stat);
    }
    return stat;
  }

  /** A worker's part is its leader's. */
  function statement({ pid, number, statement: leaders, text, dur }: StatementEvent): void {
    if (number === undefined || leaders !== undefined) return;
    end(pid);
    if (dur !== undefined) {
      const stat = byNumber.get(number);
      if (stat !== undefined) stat.elapsed += dur;
      return;
    }
    const stat = statOf(text ?? NO_TEXT);
    stat.runs++;
    byNumber.set(number, stat);
    running.set(pid, number);
    ended.delete(number);
  }

  /** What the process ran is over, also where the trace has lost its end. */
  function end(pid: number): void {
    const number = running.get(pid);
    if (number === undefined) return;
    running.delete(pid);
    ended.add(number);
    if (ended.size <= ENDED) return;
    const [oldest] = ended;
    ended.delete(oldest!);
    byNumber.delete(oldest!);
  }

  function causeOf(number: number | undefined): StatementStat {
    return number === undefined ? statOf(NO_STATEMENT) : (byNumber.get(number) ?? statOf(NO_TEXT));
  }

  return {
    stats,
    take(event) {
      if (event.type === 'statement') statement(event);
      else if (event.type === 'syscall') {
        measure(call, event);
        const { tally, pace } = causeOf(event.statement);
        tally.add(call);
        pace.add(call);
      } else if (event.type === 'buffer' && event.hit !== undefined) {
        const stat = causeOf(event.statement);
        stat.accesses++;
        if (event.hit) stat.hits++;
      } else if (event.type === 'exit' && event.pid !== null) end(event.pid);
    },
  };
}
