/** Asks the resolver, as events of a traced process would at that moment, what the files of a cluster are. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { PgRelation } from '../../src/event/pg.js';
import { createReload } from '../../src/resolve/reload.js';
import { openResolver } from '../../src/resolve/resolver.js';
import { createResolveStage } from '../../src/resolve/stage.js';
import { open, syscall } from '../resolve/events.js';

export interface Asker {
  /** What each of these files (relative to the data directory) is now. */
  ask(paths: Iterable<string>): Map<string, PgRelation>;
}

/** Milliseconds after which everything is to be asked for again. */
const LATER = 60_000;

/** @param tell takes what the resolver has to say of the directory */
export function createAsker(dataDir: string, tell: (message: string) => void = assert.fail): Asker {
  let now = 0;
  const annotator = openResolver(dataDir, null, tell);
  annotator.targets.reload = createReload(() => now, tell);
  const stage = createResolveStage(annotator, () => now);
  return {
    ask(paths) {
      now += LATER;
      const told = new Map<string, PgRelation>();
      for (const path of paths) {
        const file = join(dataDir, path);
        const read = syscall('pread64', { fd: 9, path: file, offset: 0, length: 8192, ret: 8192 });
        const [, event] = stage.write([open(path, 9, { retpath: file }), read]);
        told.set(path, (event as typeof read).pg as PgRelation);
      }
      return told;
    },
  };
}
