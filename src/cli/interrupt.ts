/** The user's wish to stop, as a signal that a filter listens to. */

export interface Interrupt {
  signal: AbortSignal;
  /** Gives SIGINT and SIGTERM back their usual meaning. */
  release(): void;
}

/**
 * Takes SIGINT and SIGTERM for the wish to write what was read and to end. A second one ends the process at once,
 * as it would have without this.
 */
export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const release = (): void => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
  const stop = (): void => {
    release();
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return { signal: controller.signal, release };
}

/** Milliseconds that one filter may take from an interrupt to its last event. */
const GRACE = 1000;

/**
 * The signal, later: Ctrl-C reaches every command of a pipeline at once. The ones before this write their last
 * events then and end, which is to be waited for, within reason.
 * @param filters how many filters usually stand before this one, each waiting for the one before it
 */
export function patient(signal: AbortSignal, filters: number): AbortSignal {
  const controller = new AbortController();
  signal.addEventListener('abort', () => setTimeout(() => controller.abort(), filters * GRACE).unref());
  return controller.signal;
}
