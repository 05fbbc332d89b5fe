/**
 * `npm run bench:relations [-- RELATIONS]`: the memory that a live screen needs for each relation that is touched by
 * a few calls, and how long a picture of them takes: the first in an order, and one when a few were touched since.
 */
import { setImmediate as tick } from 'node:timers/promises';
import type { PgRelation } from '../../src/event/pg.js';
import type { Event } from '../../src/event/types.js';
import { createEventReader } from '../../src/stream/events.js';
import { createAggregates } from '../../src/view/aggregates.js';
import { createFamilies } from '../../src/view/families.js';
import { ASCII } from '../../src/view/top/glyphs.js';
import { createListing } from '../../src/view/top/listing.js';
import { picture } from '../../src/view/top/picture.js';
import { initialState, SORTS, type Sort } from '../../src/view/top/state.js';

const relations = Number(process.argv[2] ?? 1_000_000);
if (!(relations > 0)) throw new Error(`relations: expected a number above 0, found ${process.argv[2]}`);

const START = 1795324737;
const LOT = 500;

/** Relations touched between two pictures. */
const TOUCHED = 1000;

/** Tables come with their index, TOAST table and its index; of each twenty tables ten are one's partitions. */
const FAMILY = 4;
const TABLES = 20;
const PARTITIONS = 10;

function named(n: number): Pick<PgRelation, 'schema' | 'relation' | 'relkind' | 'table' | 'parent'> {
  const number = Math.floor(n / FAMILY);
  const table = `orders_of_customer_${number}`;
  const toast = `pg_toast_${16384 + n}`;
  const isPartition = number % TABLES >= TABLES - PARTITIONS;
  const parent = isPartition && { parent: `public.orders_of_customer_${number - (number % TABLES)}` };
  const of = { table: `public.${table}` };
  switch (n % FAMILY) {
    case 0:
      return { schema: 'public', relation: table, relkind: 'table', ...parent };
    case 1:
      return { schema: 'public', relation: `${table}_pkey`, relkind: 'index', ...of };
    case 2:
      return { schema: 'pg_toast', relation: toast, relkind: 'toast', ...of };
    default:
      return { schema: 'pg_toast', relation: `${toast}_index`, relkind: 'index', ...of };
  }
}

/** What a backend does with a small relation that it reads: it asks for the size, and reads three blocks. */
function text(n: number, start = START + n * 4e-5): string {
  const oid = 16384 + n;
  const path = `/var/lib/postgresql/15/main/base/5/${oid}`;
  const call = (
    at: number,
    name: string,
    rest: { ret: number; [key: string]: string | number },
    pg: object,
  ): string => {
    const event: Event = {
      type: 'syscall',
      ts: start + at * 1e-5,
      pid: 3820 + (n % 4),
      call: name,
      fd: n % 1000,
      path,
      ...rest,
      dur: (2 + ((n + at) % 30)) * 1e-6,
      pg: {
        kind: 'relation',
        database: 'shop',
        ...named(n),
        fork: 'main',
        segment: 0,
        ...pg,
        total: 3,
        oid,
        databaseOid: 5,
        filenode: oid,
        tablespace: 'pg_default',
      },
    };
    return `${JSON.stringify(event)}\n`;
  };
  const reads = [0, 1, 2].map((block) =>
    call(block + 1, 'pread64', { length: 8192, offset: block * 8192, ret: 8192 }, { block, blocks: 1 }),
  );
  return call(0, 'lseek', { offset: 0, whence: 'SEEK_END', ret: 24576 }, {}) + reads.join('');
}

function heap(): number {
  global.gc?.();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
}

const aggregates = createAggregates();
const reader = createEventReader();
const before = heap();
for (let from = 0; from < relations; from += LOT) {
  const count = Math.min(LOT, relations - from);
  const lines = Array.from({ length: count }, (_, index) => text(from + index)).join('');
  aggregates.write(reader.write(Buffer.from(lines)).events);
  // What the reader's streams put off is done.
  await tick();
}
const used = heap() - before;
if (aggregates.objects.length !== relations) throw new Error(`${aggregates.objects.length} objects`);
console.log(
  `${relations} relations, 4 calls each: ${(used / 2 ** 20).toFixed(0)} MiB, ${(used / relations).toFixed(0)} bytes a relation`,
);

const families = createFamilies();
const listing = createListing();
let now = aggregates.lastTs()!;

/** Milliseconds for a picture. */
function drawn(sort: Sort, grouped: boolean): string {
  const started = performance.now();
  const model = { aggregates, families, listing, statements: null, now, ended: false };
  picture(model, initialState(sort, grouped), ASCII, { width: 120, height: 40 });
  return `${(performance.now() - started).toFixed(1).padStart(7)} ms`;
}

for (const grouped of [false, true])
  for (const sort of SORTS) {
    const first = drawn(sort, grouped);
    for (let n = 0; n < TOUCHED; n++) {
      now += 1e-4;
      const bytes = Buffer.from(text(Math.floor((n * relations) / TOUCHED), now));
      aggregates.write(reader.write(bytes).events);
    }
    const what = grouped ? `grouped, by ${sort}` : `by ${sort}`;
    console.log(
      `a picture ${what.padEnd(18)} ${first}, ${drawn(sort, grouped)} when ${TOUCHED} were touched since`,
    );
  }
const grown = heap() - before - used;
console.log(`with families: ${((used + grown) / relations).toFixed(0)} bytes a relation`);
