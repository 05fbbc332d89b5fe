/** What files were, and when, as the sessions that changed them saw it; events of a trace are held to it afterwards. */
import { isDeepStrictEqual } from 'node:util';
import { type PgRelation, qualifiedName } from '../../src/event/pg.js';
import { expectedOf, plain } from './churn-truth.js';
import type { Relations, Span, Witness } from './churn-witness.js';
import type { Expected } from './relations.js';

/** Times are in milliseconds since the epoch. */
interface Period {
  /** What its `pg` is then, but for the file's own keys. */
  facts: Record<string, unknown>;
  name: string;
  committed: boolean;
  /** It was so at the earliest then, and was in the WAL's file then. */
  from: number;
  known: number;
  /** It ended between these two. */
  ends: number;
  until: number;
  /** How the transaction ended in which it was uncommitted. */
  end?: 'committed' | 'rolled back';
}

/** What an event was told, beside what the server said. */
export type Verdict =
  /** As it was at the event's time. */
  | 'right'
  /** As it became before the resolver looked. */
  | 'ahead'
  /** As it was a while before: it has been renamed, moved, or dropped since. */
  | 'behind'
  /** By its name, but as if its transaction were at it still: the record of a rollback comes to the WAL's file later. */
  | 'unended'
  /** What a statement had only for itself, by a name that is its own. */
  | 'passing'
  /** No name, and the WAL's file did not have it yet; or the file was never anybody's. */
  | 'unknown'
  /** No name, although the WAL's file had one for it, of what it is or was. */
  | 'late'
  | 'wrong';

export interface Judgement {
  verdict: Verdict;
  /** Milliseconds: how far behind, ahead, or late. */
  by: number;
}

/** The clock of a tracer and that of this process. */
const SLACK = 10;
const TOAST = /^pg_toast(?:_temp_\d+)?\.pg_toast_\d+(?:_index)?$/;
const NEVER = Number.POSITIVE_INFINITY;
const WRONG: Judgement = { verdict: 'wrong', by: NEVER };

export class History {
  readonly #periods = new Map<string, Period[]>();
  /** When each name was some file's. */
  readonly #names = new Map<string, Span[]>();
  readonly #refused: Span[] = [];
  /** What a transaction called a file's relation that it did not make, by path, and since when. */
  readonly #renamed = new Map<string, { name: string; from: number }[]>();

  /** What is so from the beginning to the end. */
  learn(relations: Relations): void {
    for (const [path, relation] of relations) this.#begin(path, relation, true, 0, 0);
  }

  /** Takes in what one session sees. */
  session(): Witness {
    /** Paths of what its transaction has made and still has, and all of what it has had. */
    const made = new Set<string>();
    const had: Period[] = [];
    /** Takes back what its transaction called the relations of others. */
    let restore: (() => void)[] = [];
    const closeMade = (span: Span, stays: Relations | null): void => {
      for (const path of made) {
        if (stays?.has(path)) continue;
        end(this.#open(path, false), span);
        made.delete(path);
      }
    };
    return {
      checkCommitted: (before, now, span) => {
        for (const period of had.splice(0)) if (period.until === NEVER) period.end = 'committed';
        restore = [];
        closeMade(span, null);
        for (const path of new Set([...before.keys(), ...now.keys()])) {
          const right = now.get(path);
          const last = this.#open(path, true);
          if (right !== undefined && isSame(last, right)) continue;
          end(last, span);
          if (right !== undefined) this.#begin(path, right, true, span.from, span.to);
        }
      },
      checkOpen: (committed, seen, span) => {
        const flushed = Date.now();
        closeMade(span, seen);
        for (const [path, relation] of seen) {
          const before = committed.get(path);
          if (before !== undefined) {
            if (nameOf(relation) !== nameOf(before)) restore.push(this.#rename(path, nameOf(relation), span));
            continue;
          }
          const last = this.#open(path, false);
          if (isSame(last, relation)) continue;
          end(last, span);
          made.add(path);
          had.push(this.#begin(path, relation, false, span.from, flushed));
        }
      },
      checkRolledBack: (_committed, _seen, span) => {
        for (const period of had.splice(0)) period.end = 'rolled back';
        for (const back of restore.splice(0)) back();
        closeMade(span, null);
      },
      refuse: (span) => {
        this.#refused.push(span);
      },
    };
  }

  /** All that is known of a file, for whoever finds a fault. */
  tell(path: string): string {
    return JSON.stringify(this.#periods.get(path) ?? []);
  }

  /**
   * @param path of the main fork
   * @param at when the event was, and when it came back with its name
   */
  judge(path: string, pg: PgRelation, at: Span): Judgement {
    const periods = this.#periods.get(path) ?? [];
    return pg.unresolved === undefined ? this.#judgeName(path, periods, pg, at) : judgeReason(periods, at);
  }

  #judgeName(path: string, periods: readonly Period[], pg: PgRelation, at: Span): Judgement {
    const own = qualifiedName(pg.schema!, pg.relation!);
    // What REINDEX CONCURRENTLY makes and replaces has such names on its way, and keeps them where it is refused.
    const name = qualifiedName(pg.schema!, pg.relation!.replace(/_cc(?:old|new)\d*$/, ''));
    let best = WRONG;
    for (const period of periods) {
      if (!agrees(period, pg, [own, name])) continue;
      // What was dropped, or rolled back, keeps its last name for ever.
      const last = pg.uncommitted ? period.end !== 'committed' : period === lastOf(periods);
      const until = pg.dropped && last ? NEVER : period.until;
      const judgement = judgeTime({ from: period.from, to: until }, at);
      if (judgement.by < best.by) best = judgement;
    }
    // What a transaction has renamed and dropped has the name that it had last.
    for (const { name, from } of pg.dropped && !pg.uncommitted ? (this.#renamed.get(path) ?? []) : [])
      if (name === own && best.verdict === 'wrong') best = judgeTime({ from, to: NEVER }, at);
    if (best.verdict === 'behind' && pg.uncommitted) return { ...best, verdict: 'unended' };
    if (best.verdict !== 'wrong') return best;
    const named = (this.#names.get(name) ?? []).some((span) => judgeTime(span, at).verdict === 'right');
    // What a refused statement has made is taken away after its session was told.
    const refused = this.#refused.some(
      ({ from, to }) => judgeTime({ from, to: pg.dropped ? NEVER : to }, at).verdict === 'right',
    );
    const passing = periods.length === 0 || pg.uncommitted === true || pg.rewriteOf !== undefined;
    // Made by a rewrite for the table that it fills, and called after that one until both are what they will be.
    const toast = pg.uncommitted && TOAST.test(name) && periods.every((period) => TOAST.test(period.name));
    // It has no file, yet up to version 10 a filenode, which the server itself does not tell as a path.
    const fileless = periods.length === 0 && pg.relkind === 'partitioned table';
    if (toast || fileless) return { verdict: 'passing', by: 0 };
    return passing && (named || (refused && pg.uncommitted)) ? { verdict: 'passing', by: 0 } : best;
  }

  /** Gives back what undoes it. */
  #rename(path: string, name: string, { from }: Span): () => void {
    const renamed = { name, from };
    const all = this.#renamed.get(path);
    if (all === undefined) this.#renamed.set(path, [renamed]);
    else all.push(renamed);
    return () => {
      renamed.from = NEVER;
    };
  }

  #open(path: string, committed: boolean): Period | undefined {
    return this.#periods
      .get(path)
      ?.findLast((period) => period.committed === committed && period.until === NEVER);
  }

  #begin(path: string, relation: Expected, committed: boolean, from: number, known: number): Period {
    const name = nameOf(relation);
    const facts = expectedOf(relation);
    const period: Period = { facts, name, committed, from, known, ends: NEVER, until: NEVER };
    const periods = this.#periods.get(path);
    if (periods === undefined) this.#periods.set(path, [period]);
    else periods.push(period);
    const spans = this.#names.get(name);
    if (spans === undefined) this.#names.set(name, [{ from, to: NEVER }]);
    else spans.push({ from, to: NEVER });
    return period;
  }
}

function nameOf({ named }: Expected): string {
  return qualifiedName(named.schema, named.name);
}

function end(period: Period | undefined, span: Span): void {
  if (period === undefined) return;
  period.ends = span.from;
  period.until = span.to;
}

/** What it was in the end; of one that its own transaction dropped again, what that one saw. */
function lastOf(periods: readonly Period[]): Period | undefined {
  return periods.findLast(({ committed }) => committed) ?? periods.at(-1);
}

function isSame(period: Period | undefined, relation: Expected): boolean {
  return period !== undefined && isDeepStrictEqual(period.facts, expectedOf(relation));
}

/** Whether that is what was so then; of what is not committed, or not any more, the name alone. */
function agrees(period: Period, pg: PgRelation, names: readonly string[]): boolean {
  if (pg.dropped && period.end === (pg.uncommitted ? 'committed' : 'rolled back')) return false;
  if (pg.uncommitted && pg.dropped && period.committed) return false;
  if (pg.uncommitted || pg.dropped) return names.includes(period.name);
  if (!period.committed) return false;
  const told = plain(pg);
  // The old index of REINDEX CONCURRENTLY is committed under that name before it is dropped.
  const before = { ...told, relation: pg.relation?.replace(/_ccold\d*$/, '') };
  return isDeepStrictEqual(told, period.facts) || isDeepStrictEqual(before, period.facts);
}

function judgeTime({ from, to }: Span, at: Span): Judgement {
  if (at.from > to + SLACK) return { verdict: 'behind', by: at.from - to };
  if (at.from < from - SLACK) return at.to < from ? WRONG : { verdict: 'ahead', by: from - at.from };
  return { verdict: 'right', by: 0 };
}

/** No name: whether there was one to be known. What is gone keeps its last one. */
function judgeReason(periods: readonly Period[], at: Span): Judgement {
  const period = periods.find(({ known }) => known + SLACK < at.from);
  return period === undefined
    ? { verdict: 'unknown', by: 0 }
    : { verdict: 'late', by: at.from - period.known };
}
