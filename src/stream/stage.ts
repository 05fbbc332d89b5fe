/**
 * A stage of the pipeline: a synchronous function over batches, with a flush at the end. It knows nothing of
 * Node's streams, so that a test calls it with arrays and `pgtrace` chains stages in one process.
 */
export interface Stage<I, O> {
  write(batch: I): O;
  /** What was held back; called once, after the last write. */
  end(): O;
}

/** Two stages that hand on arrays as one. */
export function chain<A, B, C>(first: Stage<A, B[]>, second: Stage<B[], C[]>): Stage<A, C[]> {
  return {
    write: (batch) => second.write(first.write(batch)),
    end: () => {
      const last = second.write(first.end());
      return last.concat(second.end());
    },
  };
}
