/** Aggregates to the rows of a table, by one of several dimensions. */
import { activityOf } from '../activity.js';
import type { Aggregates } from '../aggregates.js';
import { doing } from '../doing.js';
import { createFamilies, familyName, progressOfFamily } from '../families.js';
import { databaseOf, kindOf, nameOf } from '../name.js';
import { mainForkOf, type ObjectStat } from '../objects.js';
import type { ProcessStat } from '../processes.js';
import { type Progress, progressAt } from '../progress.js';
import type { StatementStat, Statements } from '../statements.js';
import { blocksOf } from '../stream.js';
import { Tally } from '../tally.js';
import type { Files } from './files.js';

export const DIMENSIONS = [
  'relation',
  'table',
  'process',
  'call',
  'database',
  'kind',
  'file',
  'statement',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export interface Row {
  by: Dimension | 'total';
  /** Raw: escape it before it is shown. */
  name: string;
  kind: string | null;
  database: string | null;
  pid: number | null;
  filenode: number | null;
  tally: Tally;
  /** Distinct blocks of relations; null where a row is not of such. */
  blocks: number | null;
  /** Seconds that processes spent outside calls, from their first event to their last. */
  outside: number | null;
  progress: Progress | null;
  /** What a process is at, raw as the name; null where its calls do not show it. */
  activity: string | null;
  statement: StatementStat | null;
}

/** What is kept for those who ask only; null where nobody did. */
export interface Extras {
  files: Files | null;
  statements: Statements | null;
}

export function rowsBy(dimension: Dimension, aggregates: Aggregates, { files, statements }: Extras): Row[] {
  switch (dimension) {
    case 'relation':
      return aggregates.objects.filter(hasContent).map((object) => relationRow(object, aggregates));
    case 'table':
      return tableRows(aggregates);
    case 'process':
      return [...aggregates.processes.values()]
        .filter(hasContent)
        .map((process) => processRow(process, aggregates.lastTs() ?? 0));
    case 'call':
      return tallyRows('call', aggregates.calls);
    case 'file':
      return tallyRows('file', files?.tallies ?? new Map());
    case 'statement':
      return [...(statements?.stats ?? [])].map(([name, statement]) => ({
        ...EMPTY,
        by: 'statement',
        name,
        tally: statement.tally,
        blocks: null,
        statement,
      }));
    case 'database':
      return merged('database', aggregates.objects, (object) => databaseOf(object) ?? '-');
    case 'kind':
      return merged('kind', aggregates.objects, kindOf);
  }
}

export function totalRow(aggregates: Aggregates): Row {
  const processes = [...aggregates.processes.values()];
  return {
    ...EMPTY,
    by: 'total',
    name: 'total',
    tally: aggregates.total(),
    blocks: sum(aggregates.objects.map(distinct)),
    outside: sum(processes.map((process) => outside(process) ?? 0)),
  };
}

const EMPTY = {
  kind: null,
  database: null,
  pid: null,
  filenode: null,
  outside: null,
  progress: null,
  activity: null,
  statement: null,
};

function hasContent({ tally }: { tally: Tally }): boolean {
  return tally.calls > 0 || tally.samples > 0 || tally.written > 0 || tally.accesses > 0;
}

function relationRow(object: ObjectStat, aggregates: Aggregates): Row {
  const main = mainForkOf(object);
  const { pg } = object;
  return {
    ...EMPTY,
    by: 'relation',
    name: nameOf(object),
    kind: kindOf(object),
    database: databaseOf(object),
    filenode: pg?.kind === 'relation' ? pg.filenode : null,
    tally: object.tally,
    blocks: object.forks.length === 0 ? null : distinct(object),
    progress: main === undefined ? null : progressAt(main, aggregates.lastTs() ?? 0),
  };
}

/** Tables with their indexes, TOAST and partitions, and everything else by itself. */
function tableRows(aggregates: Aggregates): Row[] {
  const families = createFamilies();
  families.take(aggregates.objects, []);
  return families.all().flatMap((family) => {
    const members = family.members.filter(hasContent);
    if (members.length === 0) return [];
    const tally = new Tally();
    for (const object of members) tally.addAll(object.tally);
    return {
      ...EMPTY,
      by: 'table',
      name: familyName(family),
      kind: kindOf(family.head),
      database: databaseOf(family.head),
      tally,
      blocks: members.every(({ forks }) => forks.length === 0) ? null : sum(members.map(distinct)),
      progress: progressOfFamily(family, aggregates.lastTs() ?? 0),
    };
  });
}

function processRow(process: ProcessStat, now: number): Row {
  const { pid, about, tally, streams, pastBlocks } = process;
  const activity = process.ended ? null : activityOf(process, now);
  const what = about?.title ?? about?.role ?? about?.comm;
  return {
    ...EMPTY,
    by: 'process',
    name: pid < 0 ? '-' : what === undefined ? String(pid) : `${pid} ${what}`,
    kind: about?.role ?? null,
    database: about?.database ?? null,
    pid: pid < 0 ? null : pid,
    tally,
    blocks: pastBlocks + sum(streams.map(({ blocks }) => blocks.count)),
    outside: outside(process),
    progress: activity?.progress ?? null,
    activity: activity === null ? null : doing(activity),
  };
}

function outside({ firstTs, lastTs, tally }: ProcessStat): number | null {
  if (Number.isNaN(firstTs) || tally.calls === 0) return null;
  return Math.max(0, lastTs - firstTs - tally.time);
}

function tallyRows(by: Dimension, tallies: ReadonlyMap<string, Tally>): Row[] {
  return [...tallies].map(([name, tally]) => ({ ...EMPTY, by, name, tally, blocks: null }));
}

function merged(by: Dimension, objects: readonly ObjectStat[], key: (object: ObjectStat) => string): Row[] {
  const rows = new Map<string, Row>();
  for (const object of objects) {
    if (!hasContent(object)) continue;
    const name = key(object);
    let row = rows.get(name);
    if (row === undefined) {
      row = { ...EMPTY, by, name, tally: new Tally(), blocks: null };
      rows.set(name, row);
    }
    row.tally.addAll(object.tally);
    if (object.forks.length > 0) row.blocks = (row.blocks ?? 0) + distinct(object);
  }
  return [...rows.values()];
}

function distinct(object: ObjectStat): number {
  return sum(object.forks.map((fork) => blocksOf(fork).count));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
