/** The texts of a connection's prepared statements and portals, by name; '' is the unnamed one. Pure. */
import type { Text } from './step.js';

/** Characters of all texts of a connection that are kept; the oldest go first. */
const MOST_TEXT = 16 << 20;
/** What a name costs beside its text. */
const ENTRY = 128;

export class Prepared {
  #statements = new Texts();
  #portals = new Texts();

  parsed(name: string | null, text: Text | null): void {
    this.#statements.set(name, text);
  }

  bound(portal: string | null, statement: string | null): void {
    this.#portals.set(portal, this.statement(statement));
  }

  /** @param kind 'S' for a statement, 'P' for a portal. */
  closed(kind: string | null, name: string | null): void {
    if (kind === 'S') this.#statements.set(name, null);
    else this.#portals.set(name, null);
  }

  statement(name: string | null): Text | null {
    return this.#statements.get(name);
  }

  portal(name: string | null): Text | null {
    return this.#portals.get(name);
  }
}

class Texts {
  #byName = new Map<string, Text>();
  #size = 0;

  get(name: string | null): Text | null {
    return name === null ? null : (this.#byName.get(name) ?? null);
  }

  /** Null for a text that is not known, or no more. */
  set(name: string | null, text: Text | null): void {
    if (name === null) return;
    this.#remove(name);
    if (text === null) return;
    this.#byName.set(name, text);
    this.#size += sizeOf(name, text);
    for (const oldest of this.#byName.keys()) {
      if (this.#size <= MOST_TEXT) break;
      this.#remove(oldest);
    }
  }

  #remove(name: string): void {
    const known = this.#byName.get(name);
    if (known === undefined) return;
    this.#byName.delete(name);
    this.#size -= sizeOf(name, known);
  }
}

function sizeOf(name: string, { text }: Text): number {
  return name.length + text.length + ENTRY;
}
