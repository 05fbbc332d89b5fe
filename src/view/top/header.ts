/** The two lines at the top: who is traced, and what it comes to. */
import { roundedSize } from '../../format/size.js';
import { activityOf } from '../activity.js';
import { doing } from '../doing.js';
import type { ProcessStat } from '../processes.js';
import { duration, percent } from '../units.js';
import type { Glyphs } from './glyphs.js';
import { type Line, type Span, span, spread } from './lines.js';
import type { Model } from './rows.js';
import type { State } from './state.js';

export function header(model: Model, state: State, glyphs: Glyphs, width: number): Line[] {
  const placed = placedPart(model, state);
  const marks = [
    ...(state.paused ? ['paused'] : []),
    ...(placed === null ? [] : [`grouping ${percent(placed)}`]),
    ...(model.ended ? ['input ended'] : []),
    ...(state.filter === '' ? [] : [`/${glyphs.text(state.filter)}`]),
  ];
  return [
    spread(who(model, glyphs), span(marks.map((mark) => `[${mark}]`).join(' '), 'alert'), width),
    spread(sums(model), span(''), width),
  ];
}

/** How many of the relations are in their families by now, 0 to 1; null where all are that have to be. */
export function placedPart({ aggregates, families }: Model, { grouped, by }: State): number | null {
  const [placed, all] = [families.placed(), aggregates.objects.length];
  return grouped && by === 'relation' && placed < all ? placed / all : null;
}

/** `pgtrace-top: ftrace, 3 processes, 12.3s`; of one process, what it is and what it is at. */
function who({ aggregates, now }: Model, glyphs: Glyphs): Line {
  const { processes } = aggregates;
  const [first, last] = [aggregates.firstTs(), aggregates.lastTs()];
  const living = [...processes.values()].filter(({ ended }) => !ended);
  const activity = living.length === 1 ? activityOf(living[0]!, now) : null;
  const parts = [
    aggregates.source() === null ? '' : glyphs.text(aggregates.source()!),
    living.length === 1 ? describe(living[0]!, glyphs) : `${living.length} processes`,
    first === null || last === null ? '' : duration(last - first),
    activity === null ? '' : glyphs.text(doing(activity)),
  ];
  return [span('pgtrace-top', 'title'), span(`: ${parts.filter((part) => part !== '').join(', ')}`)];
}

/** `3820 client backend app@shop, SELECT`, as far as the trace tells. */
export function describe({ pid, about }: ProcessStat, glyphs: Glyphs): string {
  if (pid < 0) return 'process unknown';
  if (about?.title !== undefined) return `${pid} ${glyphs.text(about.title)}`;
  return about?.role === undefined ? `process ${pid}` : `${pid} ${glyphs.text(about.role)}`;
}

function sums({ aggregates, now }: Model): Line {
  const { callRate, pace } = aggregates;
  const total = aggregates.total();
  const busy = pace.busy(now);
  const sampled = total.calls === 0 && total.samples > 0;
  const calls = sampled ? busy : callRate.perSecond(now);
  const bytes = pace.bytes(now);
  const parts: Span[] = [
    span(`${calls === null ? '?' : count(calls)} ${sampled ? 'samples' : 'calls'}/s`),
    span(`  ${bytes === null ? '?' : roundedSize(Math.round(bytes))}/s`),
  ];
  if (!sampled && busy !== null && total.latency.count > 0) parts.push(span(`  in calls ${share(busy)}`));
  const lost = aggregates.lost();
  parts.push(span(`  lost ${lost}`, lost > 0 ? 'alert' : 'plain'));
  const unparsed = aggregates.unparsed();
  if (unparsed > 0) parts.push(span(`  not understood ${unparsed}`, 'alert'));
  return parts;
}

/** Seconds in calls a second: of several processes it may be more than all. */
function share(busy: number): string {
  return busy < 1 ? percent(busy) : `${Math.round(busy * 100)}%`;
}

/** `123`, `1234`, `12.3k`, `1.20M`. */
function count(value: number): string {
  if (value < 9999.5) return String(Math.round(value));
  return value < 999_500 ? `${(value / 1e3).toPrecision(3)}k` : `${(value / 1e6).toPrecision(3)}M`;
}
