/** Times without a date (-t, -tt) and relative ones (-r) as seconds on one scale. */

const HOUR = 3600;
const HALF_DAY = 12 * HOUR;

export interface Day {
  year: number;
  /** From 1. */
  month: number;
  day: number;
}

/** What tells the day of a time of day: the day of the first line, or when the file was written last. */
export type DateSource = { first: Day } | { lastWritten: Date } | null;

export class Clock {
  /** What the times of the trace count; undefined until a line has told. */
  kind: 'realtime' | 'relative' | 'none' | undefined;
  private readonly source: DateSource;
  private day: Day | null = null;
  private days = 0;
  private previous: number | null = null;
  private elapsed = 0;
  private hour = -1;
  private hourStart = 0;

  constructor(source: DateSource) {
    this.source = source;
  }

  /**
   * A time of day, in seconds since local midnight, as seconds since the epoch, or since the midnight before
   * the first line where nothing tells the date. Lines follow each other, so a time that lies half a day or
   * more before its predecessor is of the next day.
   */
  timeOfDay(time: number): number {
    if (this.previous === null) {
      this.day = firstDay(this.source, time);
      this.kind ??= this.day === null ? 'relative' : 'realtime';
    } else if (time < this.previous - HALF_DAY) this.days++;
    else if (time > this.previous + HALF_DAY) this.days--;
    this.previous = time;
    const hour = Math.floor(time / HOUR) + this.days * 24;
    if (hour !== this.hour) {
      this.hour = hour;
      this.hourStart = this.day === null ? hour * HOUR : epochOf(this.day, hour);
    }
    // One rounding, of a sum: to microseconds, which is what a double holds at this scale.
    return Math.round((this.hourStart + (time % HOUR)) * 1e6) / 1e6;
  }

  /** The time since the line before, as seconds since the first line. */
  relative(delta: number): number {
    this.kind ??= 'relative';
    this.elapsed = Math.round((this.elapsed + delta) * 1e9) / 1e9;
    return this.elapsed;
  }

  /** A line told seconds since the epoch. */
  realtime(): void {
    this.kind ??= 'realtime';
  }

  /** A line had no time. */
  untimed(): void {
    this.kind ??= 'none';
  }
}

function epochOf(day: Day, hour: number): number {
  return new Date(day.year, day.month - 1, day.day, hour).getTime() / 1000;
}

function firstDay(source: DateSource, time: number): Day | null {
  if (source === null) return null;
  if ('first' in source) return source.first;
  // The last line was written at `lastWritten`, so a first line later in the day is of the day before.
  const last = source.lastWritten;
  const lastTime = last.getHours() * HOUR + last.getMinutes() * 60 + last.getSeconds() + 1;
  const start = new Date(last.getFullYear(), last.getMonth(), last.getDate() - (time > lastTime ? 1 : 0));
  return { year: start.getFullYear(), month: start.getMonth() + 1, day: start.getDate() };
}
