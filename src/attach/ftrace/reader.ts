/** The binary pages of every CPU of an instance, read without waiting. */
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Layouts, Pages } from './page.js';

/** At most so much of one CPU at a time: what one batch of events comes from. */
const BATCH_BYTES = 1 << 20;
const ONLINE = '/sys/devices/system/cpu/online';
/** How often to look for CPUs that came online, in milliseconds. */
const HOTPLUG_MS = 1000;

interface Cpu {
  fd: number;
  pages: Pages;
  /** Of what the kernel dropped, how much has been told. */
  told: number;
}

export class Reader {
  #directory: string;
  #layouts: Layouts;
  #cpus = new Map<number, Cpu>();
  #streams: Pages[] = [];
  #lookedAt = 0;

  /** Opens the CPUs that are online. @throws the system's error; nothing stays open then. */
  constructor(directory: string, layouts: Layouts) {
    this.#directory = directory;
    this.#layouts = layouts;
    this.#openOnline();
  }

  get streams(): readonly Pages[] {
    return this.#streams;
  }

  /**
   * Reads what every CPU has, up to a batch of each.
   * @returns whether nothing was left.
   * @throws the system's error.
   */
  read(): boolean {
    if (Date.now() - this.#lookedAt > HOTPLUG_MS) this.#openOnline();
    let drained = true;
    for (const { fd, pages } of this.#cpus.values()) {
      readPages(fd, pages);
      drained &&= pages.drained;
    }
    return drained;
  }

  /**
   * What a CPU dropped: `count`, or with -1 what its counters say that was not told before.
   * @throws the system's error.
   */
  countMissed(cpu: number, count: number): number {
    const entry = this.#cpus.get(cpu);
    if (entry === undefined) return Math.max(1, count);
    const missed = count > 0 ? count : Math.max(1, this.#dropped(cpu) - entry.told);
    entry.told += missed;
    return missed;
  }

  /** What was dropped and told by no page; by CPU. */
  untold(): [cpu: number, count: number][] {
    return [...this.#cpus]
      .map(([cpu, { told }]): [number, number] => [cpu, this.#dropped(cpu) - told])
      .filter(([, count]) => count > 0);
  }

  close(): void {
    for (const { fd } of this.#cpus.values()) closeSync(fd);
    this.#cpus.clear();
    this.#streams = [];
  }

  #openOnline(): void {
    this.#lookedAt = Date.now();
    try {
      for (const cpu of onlineCpus()) if (!this.#cpus.has(cpu)) this.#open(cpu);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #open(cpu: number): void {
    const file = join(this.#directory, `per_cpu/cpu${cpu}/trace_pipe_raw`);
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const pages = new Pages(cpu, this.#layouts);
    this.#cpus.set(cpu, { fd, pages, told: 0 });
    this.#streams.push(pages);
  }

  #dropped(cpu: number): number {
    const stats = readFileSync(join(this.#directory, `per_cpu/cpu${cpu}/stats`), 'latin1');
    let sum = 0;
    for (const [, count] of stats.matchAll(/^(?:overrun|commit overrun|dropped events): (\d+)$/gm))
      sum += Number(count);
    return sum;
  }
}

function readPages(fd: number, pages: Pages): void {
  const { pageSize } = pages;
  let at = pages.room(BATCH_BYTES / pageSize);
  const end = at + BATCH_BYTES;
  pages.drained = false;
  while (at < end) {
    let length: number;
    try {
      length = readSync(fd, pages.bytes, at, pageSize, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      length = 0;
    }
    if (length === 0) {
      pages.drained = true;
      break;
    }
    at += pageSize;
  }
  pages.filled(at);
}

/** `0-3,8`. */
function onlineCpus(): number[] {
  return readFileSync(ONLINE, 'latin1')
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number);
      return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i);
    });
}
