/** A histogram of the kernel's, as the `hist` file of an event shows it (Documentation/trace/histogram.rst). Pure. */

export interface Histogram {
  entries: Entry[];
  /** Hits that found no room for an entry of their own. */
  dropped: number;
}

export interface Entry {
  /** The values of the keys, as they are shown. */
  keys: string[];
  hits: number;
}

export function parseHistogram(text: string): Histogram {
  const entries = [...text.matchAll(/^\{ (.+) \} hitcount: +(\d+)/gm)].map(([, keys, hits]): Entry => {
    return { keys: keys!.split(',').map(shown), hits: Number(hits) };
  });
  return { entries, dropped: Number(/^\s*Dropped: (\d+)$/m.exec(text)?.[1] ?? 0) };
}

/** `common_pid:       1234` */
function shown(key: string): string {
  return key.slice(key.indexOf(':') + 1).trim();
}
