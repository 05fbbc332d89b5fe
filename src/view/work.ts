/** What the calls of a group show of the statement that it runs: the facts that activity.ts reads. */
import { type PgWal, qualifiedName } from '../event/pg.js';
import { Appends } from './append.js';
import type { Measure } from './measure.js';
import type { ForkStat, ObjectStat } from './objects.js';
import { Rate } from './rate.js';
import { Spill } from './spill.js';

/** The catalogs are looked up all the time, whatever the statement. */
const CATALOG = 'pg_catalog';
const TOAST = 'pg_toast';

/** Blocks of an index read in one go that are no look-up. */
const RUN = 8;

/** A backend that receives more than this without an answer is sent data, not statements; so do files hold data. */
export const MUCH = 256 << 10;

/** A file outside the cluster, and how much of it was read, or written to it. */
export interface Outside {
  readonly name: string;
  readonly flow: 'read' | 'write';
  bytes: number;
  /** What it had when it was opened; null where the trace does not tell. */
  readonly size: number | null;
}

/** VACUUM's second pass, over the part of the table that it has scanned before it went to the indexes. */
export interface SecondPass {
  /** Blocks: where that part begins and ends, and the end of what was read of it again. */
  readonly from: number;
  readonly to: number;
  position: number;
  /** Blocks that the position advances. */
  readonly advance: Rate;
  /** NaN where the trace has no times. */
  lastTs: number;
}

export class Work {
  /** The title, while it is that of the statement under way; null else. */
  title: string | null = null;
  /** The main fork read last. */
  reading: ForkStat | null = null;
  /** The main fork of a table read last, and the end of what was read of it. */
  table: ForkStat | null = null;
  private tableEnd = -1;
  /** What was read of it before is read again, after an index of it; null else. */
  again: SecondPass | null = null;
  /** Where the table is read on from after that. */
  private readOn = 0;
  /** The table's visibility map was looked at before its blocks. */
  mapFirst = false;
  /** The index of that table that was read after it; its blocks read in one go, without one of the table. */
  index: ForkStat | null = null;
  private indexRun = 0;
  /** An index was gone through in one go, as VACUUM does; or the table was read between its blocks, as by a scan of it. */
  indexPass = false;
  indexScan = false;
  /** The relation whose file it made last. */
  created: ObjectStat | null = null;
  /** It has written to that file since it read of the table. */
  filling = false;
  /** The main fork of a table that it wrote to, or extended, last. */
  writing: ForkStat | null = null;
  /** The client was answered and is waited for. */
  idle = false;
  /** Bytes received since the last answer, and sent in this statement. */
  received = 0;
  sent = 0;
  /** The file outside the cluster that it reads or writes, and what it reads and writes by pipes. */
  file: Outside | null = null;
  piped = { read: 0, written: 0 };
  /** Of partitioned tables. */
  readonly appends = new Appends();
  readonly spill = new Spill();
  /** Where the group read WAL last, as an LSN. */
  walRead: string | null = null;

  private map: ObjectStat | null = null;
  private answered = false;
  private opened: { name: string; size: number } | null = null;

  /** A call on a fork other than main; what it does there does not matter. */
  touchMap(fork: ForkStat): void {
    if (fork.name === 'vm' && fork.object !== this.table?.object) this.map = fork.object;
  }

  /** It asked for the size of the fork, of whose segments one was looked at. */
  size(fork: ForkStat, segment: number): void {
    if (fork.name === 'main') this.appends.size(fork, segment);
  }

  read(fork: ForkStat, call: Measure): void {
    if (fork.name !== 'main') return;
    const before = this.reading;
    if (fork !== before) {
      this.turnTo(fork);
      this.appends.turnTo(fork);
    }
    if (fork === this.index) {
      this.indexRun++;
      if (this.indexRun >= runOf(fork)) this.indexPass = true;
    } else if (fork === this.table) {
      this.filling = false;
      this.spill.turn();
      this.step(call, before !== null && before === this.index);
    }
  }

  /** A block of the table was read. */
  private step(call: Measure, afterIndex: boolean): void {
    const { block, ts } = call;
    if (afterIndex && block < this.tableEnd) {
      const from = Math.min(block, this.readOn);
      this.again = { from, to: this.tableEnd, position: from, advance: new Rate(), lastTs: ts };
      this.readOn = this.tableEnd;
    }
    const { again } = this;
    if (again !== null && block < again.to) {
      if (block >= again.position) again.advance.add(block + 1 - again.position, call);
      again.position = Math.max(again.position, block + 1);
      again.lastTs = ts;
      return;
    }
    this.again = null;
    if (block >= this.tableEnd) this.tableEnd = block + 1;
  }

  write(fork: ForkStat): void {
    if (fork.name !== 'main') return;
    if (isTable(fork.object)) this.writing = fork;
    if (fork.object === this.created) this.filling = true;
  }

  /** A TOAST table and its index come with the table that is made. */
  create(object: ObjectStat): void {
    if (object === this.created || (object.pg?.kind === 'relation' && object.pg.schema === TOAST)) return;
    this.created = object;
    this.filling = false;
  }

  socket({ flow, bytes }: Measure): void {
    if (bytes === 0) {
      if (flow === 'read' && this.answered) this.idle = true;
      return;
    }
    if (flow === 'write') {
      this.answered = true;
      this.sent += bytes;
    } else {
      if (this.answered) this.nextStatement();
      this.received += bytes;
    }
  }

  /** Its size is told: by the call that opens it, or by the fstat(2) with which COPY goes on. */
  open(name: string, size: number): void {
    this.opened = { name, size };
  }

  /** A file that is none of the cluster's. */
  outside(name: string, call: string, { flow, bytes }: Measure): void {
    if (call === 'close' && this.file?.name === name) this.file = null;
    if (bytes === 0 || (flow !== 'read' && flow !== 'write')) return;
    if (this.file?.name !== name || this.file.flow !== flow) {
      this.file = { name, flow, bytes: 0, size: this.opened?.name === name ? this.opened.size : null };
      this.opened = null;
    }
    this.file.bytes += bytes;
  }

  pipe({ flow, bytes }: Measure): void {
    if (flow === 'read') this.piped.read += bytes;
    else if (flow === 'write') this.piped.written += bytes;
  }

  wal({ lsn }: PgWal, { flow, bytes }: Measure): void {
    if (bytes > 0 && lsn !== undefined && flow === 'read') this.walRead = lsn;
  }

  /** The client was answered, and says something new. Temporary files may be those of a cursor and stay. */
  private nextStatement(): void {
    this.appends.nextStatement();
    this.answered = false;
    this.idle = false;
    this.title = null;
    this.received = 0;
    this.sent = 0;
    this.file = null;
    this.piped = { read: 0, written: 0 };
    this.reading = null;
    this.table = null;
    this.again = null;
    this.leaveIndex();
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
      if (this.table === null || !isIndexOf(fork.object, this.table.object)) return;
      if (fork !== this.index) this.indexRun = 0;
      this.index = fork;
    } else if (fork === this.table) {
      if (this.indexRun > 0 && this.indexRun < runOf(this.index!)) this.indexScan = true;
      this.indexRun = 0;
    } else if (pg.schema !== CATALOG) {
      this.table = fork;
      this.tableEnd = -1;
      this.again = null;
      this.readOn = 0;
      this.leaveIndex();
      this.mapFirst = this.map === fork.object;
    }
  }

  private leaveIndex(): void {
    this.index = null;
    this.indexRun = 0;
    this.indexPass = false;
    this.indexScan = false;
  }
}

/** A small index is read in one go where all of it is, without its first block. */
function runOf({ total }: ForkStat): number {
  return total < 0 ? RUN : Math.min(RUN, Math.max(2, total - 1));
}

function isTable({ pg }: ObjectStat): boolean {
  return pg?.kind === 'relation' && pg.relkind !== 'index' && pg.schema !== CATALOG && pg.schema !== TOAST;
}

function isIndexOf(index: ObjectStat, table: ObjectStat): boolean {
  const [a, b] = [index.pg, table.pg];
  if (a?.kind !== 'relation' || b?.kind !== 'relation' || b.schema === undefined || b.relation === undefined)
    return false;
  return a.table === qualifiedName(b.schema, b.relation) && a.databaseOid === b.databaseOid;
}
