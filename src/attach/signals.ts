/** The signals that end a tracer: it lets its processes go first. A second one ends it at once. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Signals {
  received(): boolean;
  /** The signals have their usual meaning again. */
  release(): void;
}

/** Aborts `stop` at the first signal. */
export function onSignals(stop: AbortController): Signals {
  let received = false;
  const release = () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
  const listener = () => {
    received = true;
    stop.abort();
    release();
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return { received: () => received, release };
}
