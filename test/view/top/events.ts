/** Events for the tests of views: short to write, whole as the contract wants them. */
import type { PgRelation } from '../../../src/event/pg.js';
import type { SyscallEvent } from '../../../src/event/types.js';
import { createAggregates } from '../../../src/view/aggregates.js';
import { createFamilies } from '../../../src/view/families.js';
import { createListing } from '../../../src/view/top/listing.js';
import type { Model } from '../../../src/view/top/rows.js';
import { pgOf } from '../events.js';

const START = 1_795_324_737;

export interface Read extends Partial<PgRelation> {
  relation: string;
  pid?: number;
  /** Seconds after the first. */
  at?: number;
  call?: 'pread64' | 'pwrite64';
}

export function read({ pid = 3820, at = 0, call = 'pread64', ...pg }: Read): SyscallEvent {
  const blocks = pg.blocks ?? 1;
  return {
    type: 'syscall',
    ts: START + at,
    pid,
    call,
    ret: blocks * 8192,
    dur: 0.001,
    pg: pgOf({
      relkind: 'table',
      block: 0,
      blocks,
      total: 1000,
      // A number of its own for each name.
      filenode: [...pg.relation].reduce((sum, char) => sum * 31 + char.codePointAt(0)!, 7) % 1e9,
      ...pg,
    }),
  };
}

export function modelOf(events: readonly SyscallEvent[], seconds = 10): Model {
  const aggregates = createAggregates();
  aggregates.write(events);
  return {
    aggregates,
    families: createFamilies(),
    listing: createListing(),
    statements: null,
    now: START + seconds,
    ended: false,
  };
}
