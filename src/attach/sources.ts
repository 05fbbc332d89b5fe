/** The live sources by name, best first, and what each costs. */
import { FtraceSource } from './ftrace/source.js';
import type { ProcFs } from './inventory/procfs.js';
import { readPermissions } from './permissions.js';
import { openSample } from './sample/source.js';
import type { Source, SourceSink } from './source.js';
import type { TextOptions } from './statement/statements.js';
import { openStrace } from './strace/source.js';

export const SOURCE_NAMES = ['ftrace', 'strace', 'sample'] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

export interface SourceOptions {
  allCalls: boolean;
  rate: number;
  /** Whether every process is wanted that the given ones start. */
  children: boolean;
  /** Processes some of whose children will be wanted. */
  parents: readonly number[];
  statements: boolean;
  buffers: boolean | 'count';
  texts: TextOptions;
}

export function openSource(name: SourceName, proc: ProcFs, options: SourceOptions, sink: SourceSink): Source {
  const { allCalls, rate, children, parents, statements, buffers, texts } = options;
  const version = (pid: number) => proc.version(pid);
  switch (name) {
    case 'ftrace':
      return new FtraceSource(sink, {
        allCalls,
        followForks: children,
        parents,
        statements,
        buffers,
        texts,
        version,
      });
    case 'strace':
      return openStrace(sink, {
        allCalls,
        texts: statements ? texts : null,
        children,
        parents,
        proc,
        permissions: (pid) => readPermissions(proc, pid),
      });
    case 'sample':
      return openSample(sink, { rate });
  }
}

/** What a source costs the process or leaves out: a sequential scan of a cached 1 GB table under each. */
export const PRICES: Readonly<Record<SourceName, string | null>> = {
  ftrace: null,
  strace: 'a backend that does nothing but read from the cache is slowed down some 60 times by it',
  sample: 'moments only, not every call; the process is not slowed down',
};
