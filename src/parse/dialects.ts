/** The dialects by name. */
import type { Dialect, DialectName, DialectOptions } from './dialect.js';
import { openDtruss } from './dtruss/dtruss.js';
import { openKdump } from './kdump/kdump.js';
import { openKernel } from './kernel/kernel.js';
import { openPerf } from './perf/perf.js';
import { Strace } from './strace/strace.js';
import { openFreeBsdTruss } from './truss/freebsd.js';
import { openSunTruss } from './truss/sun.js';

export const DIALECTS: Readonly<Record<DialectName, (options: DialectOptions) => Dialect>> = {
  strace: (options) => new Strace(options),
  'perf-trace': openPerf,
  kernel: openKernel,
  dtruss: openDtruss,
  'freebsd-truss': openFreeBsdTruss,
  'sun-truss': openSunTruss,
  kdump: openKdump,
};
