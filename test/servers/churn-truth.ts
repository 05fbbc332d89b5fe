/** What the server has said of each file so far, and whether the resolver says the same. */
import assert from 'node:assert/strict';
import { type PgRelation, qualifiedName } from '../../src/event/pg.js';
import type { Asker } from './churn-asker.js';
import type { Relations, Witness } from './churn-witness.js';
import type { Expected } from './relations.js';

export interface Counts {
  committed: number;
  uncommitted: number;
  rewrites: number;
  dropped: number;
  rolledBack: number;
}

export class Truth implements Witness {
  readonly counts: Counts = { committed: 0, uncommitted: 0, rewrites: 0, dropped: 0, rolledBack: 0 };
  /** Every `schema.name` that a committed relation with that file has had, by path. */
  readonly #names = new Map<string, Set<string>>();
  /** As its own session saw it in a transaction that was open. */
  readonly #open = new Map<string, Set<string>>();
  readonly #schemas = new Set<string>();
  readonly #asker: Asker;

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  refuse(): void {}

  /** Takes in what the server says, and asks nothing. */
  learn(relations: Relations): void {
    for (const [path, { named }] of relations) {
      this.#schemas.add(named.schema);
      add(this.#names, path, qualifiedName(named.schema, named.name));
    }
  }

  /** Whether any file has had that name. */
  hasAnywhere(name: string): boolean {
    return [...this.#names.values(), ...this.#open.values()].some((names) => names.has(name));
  }

  /** Whether that is a name that the file has had, committed or not. */
  has(path: string, name: string): boolean {
    return this.#names.get(path)?.has(name) === true || this.#open.get(path)?.has(name) === true;
  }

  /** Nothing is open: every relation is what the server says, and every file that was one is dropped. */
  checkCommitted(before: Relations, now: Relations): void {
    this.learn(now);
    const told = this.#asker.ask(new Set([...before.keys(), ...now.keys()]));
    for (const [path, pg] of told) {
      const right = now.get(path);
      if (right !== undefined) {
        assert.deepEqual(plain(pg), expectedOf(right), path);
        this.counts.committed++;
      } else {
        assert.equal(pg.dropped, true, `${path}: ${JSON.stringify(pg)}`);
        assert.equal(pg.uncommitted, undefined, `${path}: ${JSON.stringify(pg)}`);
        this.#isNamed(path, pg);
        this.counts.dropped++;
      }
    }
  }

  /** A transaction is open, whose changes have reached the WAL's file. */
  checkOpen(committed: Relations, seen: Relations): void {
    const byOid = new Map([...committed.values()].map((relation) => [relation.named.oid, relation]));
    const told = this.#asker.ask(new Set([...committed.keys(), ...seen.keys()]));
    for (const [path, pg] of told) {
      const inside = seen.get(path)?.named;
      if (inside !== undefined) add(this.#open, path, qualifiedName(inside.schema, inside.name));
      const right = committed.get(path);
      if (right !== undefined) {
        assert.deepEqual(plain(pg), expectedOf(right), path);
        this.counts.committed++;
        continue;
      }
      const named = inside!;
      assert.equal(pg.unresolved, undefined, path);
      assert.equal(pg.uncommitted, true, `${path}: ${JSON.stringify(pg)}`);
      assert.equal(pg.relation, named.name, path);
      assert.equal(pg.oid, named.oid, path);
      const replaced = byOid.get(named.oid)?.named;
      assert.equal(
        pg.rewriteOf,
        replaced === undefined ? pg.rewriteOf : qualifiedName(replaced.schema, replaced.name),
        path,
      );
      if (replaced !== undefined) this.counts.rewrites++;
      this.counts.uncommitted++;
    }
  }

  /** The transaction that `seen` was of has been rolled back. */
  checkRolledBack(committed: Relations, seen: Relations): void {
    this.checkCommitted(committed, committed);
    for (const [path, pg] of this.#asker.ask([...seen.keys()].filter((path) => !committed.has(path)))) {
      // Its row may have been pruned.
      if (pg.unresolved !== undefined) {
        assert.match(pg.unresolved, /no such/, path);
        continue;
      }
      assert.equal(pg.uncommitted, true, `${path}: ${JSON.stringify(pg)}`);
      this.#isNamed(path, pg, this.#schemas);
      if (pg.dropped) this.counts.rolledBack++;
    }
  }

  /**
   * The files of a cluster that was copied while it changed: each has a name that it had at some time, or none. What
   * was under way then may never have been seen.
   */
  checkImage(told: ReadonlyMap<string, PgRelation>): { named: number; unnamed: number; unseen: number } {
    const counts = { named: 0, unnamed: 0, unseen: 0 };
    for (const [path, pg] of told) {
      if (pg.unresolved !== undefined) {
        counts.unnamed++;
        continue;
      }
      // What a statement makes that is refused is seen by nobody.
      if (pg.uncommitted && !this.#names.has(path) && !this.#open.has(path)) {
        counts.unseen++;
        continue;
      }
      // What REINDEX CONCURRENTLY makes keeps that name where it fails.
      const names = [pg.relation!, pg.relation!.replace(/_cc(?:old|new)\d*$/, '')].map((name) =>
        qualifiedName(pg.schema!, name),
      );
      const anywhere = pg.uncommitted || !this.#names.has(path);
      const right = names.some((name) => (anywhere ? this.hasAnywhere(name) : this.has(path, name)));
      assert.ok(right, `${path}: ${JSON.stringify(pg)} is none of ${this.#known(path)}`);
      counts.named++;
    }
    return counts;
  }

  /** The files of a server that was killed, as it says itself after its recovery. */
  checkKilled(told: ReadonlyMap<string, PgRelation>, recovered: Relations): void {
    for (const [path, relation] of recovered)
      assert.deepEqual(plain(told.get(path)!), expectedOf(relation), path);
    for (const [path, pg] of told) {
      if (recovered.has(path)) continue;
      const gone = pg.unresolved !== undefined || pg.dropped === true || pg.uncommitted === true;
      assert.ok(gone, `${path}: ${JSON.stringify(pg)}`);
    }
  }

  /** @param schemas it may have been in any of these instead: of a statement that was refused nobody saw what it did. */
  #isNamed(path: string, { schema = '', relation = '' }: PgRelation, schemas: Iterable<string> = []): void {
    // The last name of what REINDEX CONCURRENTLY has replaced.
    const name = relation.replace(/_ccold\d*$/, '');
    const right = [schema, ...schemas].some((known) => this.has(path, qualifiedName(known, name)));
    assert.ok(right, `${path}: ${qualifiedName(schema, name)} is none of ${this.#known(path)}`);
  }

  #known(path: string): string {
    return [...(this.#names.get(path) ?? []), ...(this.#open.get(path) ?? [])].join(', ');
  }
}

function add(names: Map<string, Set<string>>, path: string, name: string): void {
  const known = names.get(path);
  if (known === undefined) names.set(path, new Set([name]));
  else known.add(name);
}

/** The keys of `pg` that the catalogs decide. */
export function plain(pg: PgRelation): Record<string, unknown> {
  const { database, schema, relation, relkind, table, parent, oid, tablespace } = pg;
  const { uncommitted, dropped, unresolved } = pg;
  // What REINDEX CONCURRENTLY has begun and was kept from finishing looks as if it were still at it.
  const rewriteOf = relation?.includes('_ccnew') ? undefined : pg.rewriteOf;
  return {
    database,
    schema,
    relation,
    relkind,
    table,
    parent,
    oid,
    tablespace,
    uncommitted,
    dropped,
    rewriteOf,
    unresolved,
  };
}

export function expectedOf({ named, database, tablespace }: Expected): Record<string, unknown> {
  const { schema, name, relkind, table, parent, oid } = named;
  return {
    database: database ?? undefined,
    schema,
    relation: name,
    relkind,
    table,
    parent,
    oid,
    tablespace,
    uncommitted: undefined,
    dropped: undefined,
    rewriteOf: undefined,
    unresolved: undefined,
  };
}
