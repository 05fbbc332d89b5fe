/** The probes of one trace: set for each executable that is traced, enabled in one instance, taken away at its end. */
import { backendStates } from '../../postgres/layout/probes.js';
import { parseFormat } from '../ftrace/format.js';
import type { Shape } from '../ftrace/schema.js';
import type { Instance } from '../ftrace/tracefs.js';
import { addHistogram, type Counted } from './counts.js';
import { executableOf, identityOf } from './executable.js';
import { parseHistogram } from './histogram.js';
import { FUNCTIONS, type Plan, type Probe, planProbes, type Wish } from './plan.js';
import { shapeOfProbe } from './shape.js';
import { defineProbe, hasHistograms, hasUprobes, removeProbes } from './uprobes.js';

export interface ProbesOptions {
  tracefs: string;
  group: string;
  wish: Wish;
  /** PG_VERSION of a process's data directory; null where it is none of PostgreSQL. */
  version(pid: number): string | null;
  warn(text: string): void;
}

interface Defined extends Probe {
  event: string;
  states: readonly string[];
}

export class Probes {
  #options: ProbesOptions;
  /** By the identity of the executable. */
  #known = new Set<string>();
  /** Set, but not enabled yet. */
  #defined: Defined[] = [];
  /** Counted by the kernel: `hist` files of the instance. */
  #counting: { file: string; sign: 1 | -1 }[] = [];
  #count = 0;

  constructor(options: ProbesOptions) {
    this.#options = options;
  }

  /** Sets the probes of a process's executable, unless they are. What cannot be had is told. */
  define(pid: number): void {
    const { tracefs, wish, version, warn } = this.#options;
    const identity = identityOf(pid);
    if (identity === null || this.#known.has(identity)) return;
    this.#known.add(identity);
    const canCount = wish.buffers !== 'count' || hasHistograms(tracefs);
    if (!canCount)
      warn(
        `process ${pid}: no buffers: the kernel has no histogram triggers (expected CONFIG_HIST_TRIGGERS); --buffers tells each access without`,
      );
    const major = Number.parseInt(version(pid) ?? '', 10);
    const executable = executableOf(pid, FUNCTIONS);
    const asked = wish.statements || wish.buffers !== false;
    if (!hasUprobes(tracefs) || executable === null) {
      const why = executable === null ? 'its executable cannot be read' : 'the kernel has no uprobes';
      if (asked) warn(`process ${pid}: no statements and no buffers: ${why}`);
      return;
    }
    const possible = { ...wish, buffers: canCount ? wish.buffers : false };
    const plan = planProbes(executable, Number.isNaN(major) ? null : major, possible, process.arch);
    this.#set(pid, executable.path, plan, Number.isNaN(major) ? [] : (backendStates(major) ?? []));
    for (const missing of plan.missing) warn(`process ${pid}: ${missing}`);
  }

  #set(pid: number, path: string, { probes }: Plan, states: readonly string[]): void {
    const { tracefs, group, warn } = this.#options;
    for (const probe of probes) {
      const event = `${probe.kind}_${this.#count++}`;
      try {
        defineProbe(tracefs, group, { event, path, ...probe });
        this.#defined.push({ ...probe, event, states });
      } catch (error) {
        // Paths and leaders are found without them, later and not of every file and worker.
        if (probe.kind !== 'open' && probe.kind !== 'joining')
          warn(`process ${pid}: the kernel refuses the probe ${probe.kind}: ${(error as Error).message}`);
      }
    }
  }

  /** Begins to record what is set; `shapes` are told, by event id, what the records mean. */
  enable(instance: Instance, shapes: (Shape | undefined)[]): void {
    const { group } = this.#options;
    for (const { kind, event, states, trigger } of this.#defined.splice(0)) {
      const directory = `events/${group}/${event}`;
      if (trigger !== undefined) {
        instance.write(`${directory}/trigger`, trigger);
        this.#counting.push({ file: `${directory}/hist`, sign: kind === 'lookup' ? 1 : -1 });
        continue;
      }
      const format = parseFormat(instance.read(`${directory}/format`));
      shapes[format.id] = shapeOfProbe(kind, format, states);
      instance.write(`${directory}/enable`, '1');
    }
  }

  get counts(): boolean {
    return this.#counting.length > 0;
  }

  /** What the kernel has counted until now. @throws the system's error. */
  counted(instance: Instance): Counted {
    const counted: Counted = { accesses: new Map(), dropped: 0 };
    for (const { file, sign } of this.#counting)
      addHistogram(counted, parseHistogram(instance.read(file)), sign);
    return counted;
  }

  /** The instance that they were enabled in must be gone. @throws the system's error where somebody else uses one. */
  remove(): void {
    removeProbes(this.#options.tracefs, this.#options.group);
  }
}
