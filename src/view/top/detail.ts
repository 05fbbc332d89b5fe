/** One row, opened: where its scan is, which parts of the file were touched, who is at it, how long calls took. */
import { roundedSize } from '../../format/size.js';
import { activityOf } from '../activity.js';
import { doing } from '../doing.js';
import { kindOf, nameOf } from '../name.js';
import { type ForkStat, isUsedBy, type ObjectStat } from '../objects.js';
import type { ProcessStat } from '../processes.js';
import { type Progress, progressAt } from '../progress.js';
import { blocksOf } from '../stream.js';
import { byPower } from '../summary/histogram.js';
import { Tally } from '../tally.js';
import { duration } from '../units.js';
import { bar, doneText, toGo } from './cursor.js';
import type { Glyphs } from './glyphs.js';
import { describe } from './header.js';
import { cut, type Line, span } from './lines.js';
import type { Model, Row } from './rows.js';
import { statementFacts } from './statements.js';

/** How many forks, members and processes are shown at most. */
const FORKS = 4;
const MEMBERS = 6;
const PROCESSES = 5;
const BAR = 20;
const INDENT = '  ';

export function detailLines(row: Row, model: Model, glyphs: Glyphs, width: number, height: number): Line[] {
  if (row.statement !== null) {
    const facts = statementFacts(row, row.statement, glyphs, width);
    return [...facts, ...latencies(row.statement.tally, glyphs, height - facts.length)].slice(0, height);
  }
  const tally = sumOf(row.objects);
  const above = [
    ...facts(row, tally, glyphs),
    ...members(row, glyphs),
    ...forksOf(row).flatMap((fork) => forkLines(fork, row, model.now, glyphs, width)),
    ...users(row, model, glyphs),
  ];
  const below = latencies(tally, glyphs, height - above.length - 1);
  return [...above, ...below].slice(0, height).map((line) => cut(line, width));
}

function sumOf(objects: readonly ObjectStat[]): Tally {
  const [only, another] = objects;
  if (only !== undefined && another === undefined) return only.tally;
  const all = new Tally();
  for (const { tally } of objects) all.addAll(tally);
  return all;
}

function facts({ name, kind, database, objects }: Row, tally: Tally, glyphs: Glyphs): Line[] {
  const pg = objects.length === 1 ? objects[0]!.pg : null;
  const known = [
    kind,
    database === null ? '' : `database ${database}`,
    ...(pg?.kind === 'relation'
      ? [
          pg.tablespace === undefined ? '' : `tablespace ${pg.tablespace}`,
          `filenode ${pg.filenode}`,
          pg.table === undefined ? '' : `of ${pg.table}`,
          pg.parent === undefined ? '' : `in ${pg.parent}`,
        ]
      : []),
  ].filter((fact) => fact !== '');
  const { calls, samples, accesses, read, written, errors, time, latency } = tally;
  const at = (p: number) => duration(latency.percentile(p) ?? 0);
  const moved =
    calls === 0
      ? `${samples} samples`
      : `${calls} calls, read ${roundedSize(read)}, written ${roundedSize(written)}, errors ${errors}`;
  return [
    [span(glyphs.text(name), 'title'), span(`  ${glyphs.text(known.join(', '))}`)],
    [span(accesses === 0 ? moved : `${moved}, accesses to shared buffers ${accesses}`)],
    latency.count === 0
      ? [span('no durations in the trace', 'faint')]
      : [span(`${duration(time)} in calls, p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, max ${at(1)}`)],
    [],
  ];
}

/** Of a family the members that moved most. */
function members({ objects }: Row, glyphs: Glyphs): Line[] {
  if (objects.length === 1) return [];
  const bytes = ({ tally }: ObjectStat) => tally.read + tally.written;
  const most = [...objects].sort((a, b) => bytes(b) - bytes(a)).slice(0, MEMBERS);
  const lines = most.map((object): Line => {
    const { read, written } = object.tally;
    const sizes = `${roundedSize(read).padStart(6)} read ${roundedSize(written).padStart(6)} written`;
    return [span(`${INDENT}${sizes}  ${glyphs.text(`${kindOf(object)} ${nameOf(object)}`)}`)];
  });
  const omitted = objects.length - most.length;
  if (omitted > 0) lines.push([span(`${INDENT}(${omitted} more)`, 'faint')]);
  return [...lines, []];
}

/** Those read or written, the busiest first. */
function forksOf({ objects }: Row): ForkStat[] {
  const all = objects.flatMap(({ forks }) => forks);
  const touched = all.filter(({ streams, past }) => streams.size > 0 || past !== null);
  return touched
    .map((fork) => ({ fork, count: blocksOf(fork).count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, FORKS)
    .map(({ fork }) => fork);
}

function forkLines(fork: ForkStat, row: Row, now: number, glyphs: Glyphs, width: number): Line[] {
  const blocks = blocksOf(fork);
  const size = fork.total < 0 ? '?' : String(fork.total);
  const whose = row.objects.length > 1 ? `${glyphs.text(nameOf(fork.object))} ` : '';
  const progress = progressAt(fork, now);
  const line = [span(`${whose}${glyphs.text(fork.name)}: ${blocks.count} of ${size} blocks touched`)];
  if (progress !== null) line.push(span(`; ${progressText(progress)}  `));
  if (progress !== null && isKnown(progress)) line.push(span(bar(progress, BAR, glyphs), 'bar'));
  if (fork.total <= 0) return [line, []];
  const cells = Math.max(1, Math.min(width - 2 * INDENT.length - 2, fork.total));
  const strip = blocks.density(cells, fork.total).map((share) => shade(share, glyphs));
  const lines: Line[] = [line, [span(`${INDENT}|`), span(strip.join(''), 'bar'), span('|')]];
  if (progress !== null) {
    const at = Math.min(cells - 1, Math.floor((progress.position / fork.total) * cells));
    lines.push([span(`${INDENT} ${' '.repeat(Math.max(0, at))}${glyphs.cursor}`)]);
  }
  return [...lines, []];
}

/** `sequential, at 984, ~73%, ~12s to go`: only what is known. */
function progressText(progress: Progress): string {
  const { pattern, position, passes } = progress;
  const left = toGo(progress);
  return [
    pattern ?? 'pattern not known',
    `at ${position}`,
    ...(isKnown(progress) ? [doneText(progress)] : []),
    ...(left === '' || left === '?' ? [] : [`${left} to go`]),
    ...(passes > 1 ? [`pass ${passes}`] : []),
  ].join(', ');
}

function isKnown({ done, low }: Progress): boolean {
  return done !== null || low > 0;
}

function shade(share: number, { shade }: Glyphs): string {
  const most = shade.length - 1;
  return shade[share <= 0 ? 0 : Math.max(1, Math.min(most, Math.floor(share * most)))]!;
}

function users({ objects }: Row, { aggregates, now }: Model, glyphs: Glyphs): Line[] {
  const all = [...aggregates.processes.values()].filter((process) =>
    objects.some((object) => isUsedBy(object, process)),
  );
  const shown = all.sort(later).slice(0, PROCESSES);
  const lines = shown.map(
    (process): Line => [
      span(`${INDENT}${describe(process, glyphs)}`),
      span(process.ended ? ' (ended)' : at(process, now, glyphs), 'faint'),
    ],
  );
  if (all.length > shown.length) lines.push([span(`${INDENT}(${all.length - shown.length} more)`, 'faint')]);
  return [[span(all.length === 1 ? 'process' : 'processes', 'head')], ...lines, []];
}

/** What it is at, where its calls show that. */
function at(process: ProcessStat, now: number, glyphs: Glyphs): string {
  const activity = activityOf(process, now);
  return activity === null ? '' : `: ${glyphs.text(doing(activity))}`;
}

function later(a: ProcessStat, b: ProcessStat): number {
  return Number(a.ended) - Number(b.ended) || (b.lastTs || 0) - (a.lastTs || 0);
}

/** The histogram of `height` lines at most, those of the fewest calls left out. */
function latencies({ latency }: Tally, glyphs: Glyphs, height: number): Line[] {
  const all = byPower(latency);
  if (all.length === 0 || height < 2) return [];
  const least = all.map(({ count }) => count).sort((a, b) => b - a)[Math.min(height - 1, all.length) - 1]!;
  const shown = all.filter(({ count }) => count >= least).slice(0, height - 1);
  const most = Math.max(...shown.map(({ count }) => count));
  const digits = String(most).length;
  const full = glyphs.fill.at(-1)!;
  return [
    [span('latency', 'head')],
    ...shown.map(({ from, count }): Line => {
      const range = `${duration(from).padStart(6)} ..${duration(from * 2).padStart(6)}`;
      const length = Math.ceil((count / most) * 30);
      return [
        span(`${INDENT}${range}  ${String(count).padStart(digits)}  `),
        span(full.repeat(length), 'bar'),
      ];
    }),
  ];
}
