/** What the calls of a group show of the statement that it runs: the facts that activity.ts reads. */
import { type PgTemp, type PgWal, qualifiedName } from '../event/pg.js';
import type { ForkStat, ObjectStat } from './objects.js';
import type { Measure } from './tally.js';

/** The catalogs are looked up all the time, whatever the statement. */
const CATALOG = 'pg_catalog';

/** A backend that receives more than this without an answer is sent data, not statements. */
export const MUCH = 256 << 10;

export class Work {
  /** The title, while it is that of the statement under way; null else. */
  title: string | null = null;
  /** The main fork read last, and the block where. */
  reading: ForkStat | null = null;
  block = -1;
  /** The main fork of a table read last, and the end of what was read of it when an index came after it. */
  table: ForkStat | null = null;
  tableEnd = -1;
  /** The table's visibility map was looked at before its blocks. */
  mapFirst = false;
  /** The index of that table that was read after it. */
  index: ForkStat | null = null;
  /** The relation whose file it made last. */
  created: ObjectStat | null = null;
  /** It has written to that file. */
  filling = false;
  /** The main fork that it wrote to, or extended, last. */
  writing: ForkStat | null = null;
  /** Bytes received since the last answer, and in all such stretches of this statement. */
  received = 0;
  /** Bytes written to and read from temporary files, and those read since the last that was written. */
  tempWritten = 0;
  tempRead = 0;
  tempReadBack = 0;
  /** Where WAL was read or written last: of this group, as an LSN. */
  walRead: string | null = null;
  walWritten: string | null = null;

  private map: ObjectStat | null = null;
  private answered = false;
  /** Of each temporary file that is there, its blocks. */
  private readonly tempFiles = new Map<string, number>();

  /** A call on a fork other than main; what it does there does not matter. */
  touchMap(fork: ForkStat): void {
    if (fork.name === 'vm' && fork.object !== this.table?.object) this.map = fork.object;
  }

  read(fork: ForkStat, block: number): void {
    if (fork.name !== 'main') return;
    if (fork !== this.reading) this.turnTo(fork);
    this.block = block;
    if (fork === this.table && this.index === null && block >= this.tableEnd) this.tableEnd = block + 1;
  }

  write(fork: ForkStat): void {
    if (fork.name !== 'main') return;
    this.writing = fork;
    if (fork.object === this.created) this.filling = true;
  }

  create(object: ObjectStat): void {
    if (object === this.created) return;
    this.created = object;
    this.filling = false;
  }

  temp({ file, total }: PgTemp, call: string, { flow, bytes }: Measure): void {
    if (call === 'unlink' || call === 'unlinkat') {
      this.tempFiles.delete(file);
      if (this.tempFiles.size === 0) this.forgetTemp();
      return;
    }
    if (bytes === 0) return;
    if (total !== undefined) this.tempFiles.set(file, total);
    if (flow === 'write') {
      this.tempWritten += bytes;
      this.tempReadBack = 0;
    } else {
      this.tempRead += bytes;
      this.tempReadBack += bytes;
    }
  }

  /** Blocks of the temporary files that are there now. */
  tempBlocks(): number {
    let blocks = 0;
    for (const total of this.tempFiles.values()) blocks += total;
    return blocks;
  }

  socket({ flow, bytes }: Measure): void {
    if (bytes === 0) return;
    if (flow === 'write') {
      this.answered = true;
    } else {
      if (this.answered) this.nextStatement();
      this.received += bytes;
    }
  }

  wal({ lsn }: PgWal, { flow, bytes }: Measure): void {
    if (bytes === 0 || lsn === undefined) return;
    if (flow === 'read') this.walRead = lsn;
    else this.walWritten = lsn;
  }

  /** The client was answered, and says something new. Temporary files may be those of a cursor and stay. */
  private nextStatement(): void {
    this.answered = false;
    this.title = null;
    this.received = 0;
    this.reading = null;
    this.table = null;
    this.index = null;
    this.map = null;
    this.mapFirst = false;
    this.created = null;
    this.filling = false;
    this.writing = null;
  }

  private turnTo(fork: ForkStat): void {
    this.reading = fork;
    const { pg } = fork.object;
    if (pg?.kind !== 'relation') return;
    if (pg.relkind === 'index') {
      if (this.table !== null && isIndexOf(fork.object, this.table.object)) this.index = fork;
    } else if (fork !== this.table && pg.schema !== CATALOG) {
      this.table = fork;
      this.tableEnd = -1;
      this.index = null;
      this.mapFirst = this.map === fork.object;
    }
  }

  private forgetTemp(): void {
    this.tempWritten = 0;
    this.tempRead = 0;
    this.tempReadBack = 0;
  }
}

function isIndexOf(index: ObjectStat, table: ObjectStat): boolean {
  const [a, b] = [index.pg, table.pg];
  if (a?.kind !== 'relation' || b?.kind !== 'relation' || b.schema === undefined || b.relation === undefined)
    return false;
  return a.table === qualifiedName(b.schema, b.relation) && a.databaseOid === b.databaseOid;
}
