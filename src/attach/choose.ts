/** The first source that works. */
import { Failure } from '../cli/diagnostic.js';
import type { Source } from './source.js';

export interface Refused {
  name: string;
  failure: Failure;
}

export interface Choice {
  source: Source;
  /** The better ones, and why they do not work. */
  refused: readonly Refused[];
}

/**
 * Starts the first of `sources` that works on `pids`.
 * @throws Failure where none does: the only one's own, or one that tells them all.
 */
export async function startFirst(
  sources: readonly (() => Source)[],
  pids: readonly number[],
): Promise<Choice> {
  const refused: Refused[] = [];
  for (const open of sources) {
    const source = open();
    try {
      await source.start(pids);
      return { source, refused };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (sources.length === 1) throw error;
      refused.push({ name: source.name, failure: error });
    }
  }
  throw new Failure(
    `no source works here: ${refused.map(({ name, failure }) => `${name}: ${failure.message}`).join('; ')}`,
    refused.findLast(({ failure }) => failure.hint !== undefined)?.failure.hint,
  );
}
