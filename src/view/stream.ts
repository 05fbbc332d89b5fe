/** One process at one fork: which blocks, and whether one call begins where the one before ended. */
import { BlockSet } from './blockset.js';
import type { ForkStat } from './objects.js';
import type { ProcessStat } from './processes.js';

export interface Stream {
  readonly process: ProcessStat;
  readonly fork: ForkStat;
  readonly blocks: BlockSet;
  /** The block after the last call's; -1 before the first. */
  next: number;
}

export function streamOf(process: ProcessStat, fork: ForkStat): Stream {
  let stream = fork.streams.get(process);
  if (stream === undefined) {
    stream = { process, fork, blocks: new BlockSet(), next: -1 };
    process.streams.push(stream);
    fork.streams.set(process, stream);
  }
  return stream;
}

/** The distinct blocks of a fork that any process touched. To be read only: it may be a process's own. */
export function blocksOf(fork: ForkStat): BlockSet {
  const sets = [...fork.streams.values()].map((stream) => stream.blocks);
  if (fork.past !== null) sets.push(fork.past);
  return union(sets);
}

export function union(sets: readonly BlockSet[]): BlockSet {
  if (sets.length === 1) return sets[0]!;
  const all = new BlockSet();
  for (const set of sets) all.addAll(set);
  return all;
}

/** The process ended: its blocks stay the fork's, what it needed itself goes. */
export function retire({ process, fork, blocks }: Stream): void {
  fork.streams.delete(process);
  if (fork.past === null) fork.past = blocks;
  else fork.past.addAll(blocks);
}
