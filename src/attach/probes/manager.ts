/** The probes of one trace: set for each executable that is traced, enabled in one instance, taken away at its end. */
import { backendStates } from '../../postgres/layout/probes.js';
import { parseFormat } from '../ftrace/format.js';
import type { Shape } from '../ftrace/schema.js';
import type { Instance } from '../ftrace/tracefs.js';
import { executableOf, identityOf } from './executable.js';
import { FUNCTIONS, type Plan, type Probe, planProbes, type Wish } from './plan.js';
import { shapeOfProbe } from './shape.js';
import { defineProbe, hasUprobes, removeProbes } from './uprobes.js';

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
    const major = Number.parseInt(version(pid) ?? '', 10);
    const executable = executableOf(pid, FUNCTIONS);
    const asked = wish.statements || wish.buffers;
    if (!hasUprobes(tracefs) || executable === null) {
      const why = executable === null ? 'its executable cannot be read' : 'the kernel has no uprobes';
      if (asked) warn(`process ${pid}: no statements and no buffers: ${why}`);
      return;
    }
    const plan = planProbes(executable, Number.isNaN(major) ? null : major, wish, process.arch);
    this.#set(pid, executable.path, plan, Number.isNaN(major) ? [] : (backendStates(major) ?? []));
    for (const missing of plan.missing) warn(`process ${pid}: ${missing}`);
  }

  #set(pid: number, path: string, { probes }: Plan, states: readonly string[]): void {
    const { tracefs, group, warn } = this.#options;
    const number = this.#count++;
    for (const probe of probes) {
      const event = `${probe.kind}_${number}`;
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
    for (const { kind, event, states } of this.#defined.splice(0)) {
      const directory = `events/${group}/${event}`;
      const format = parseFormat(instance.read(`${directory}/format`));
      shapes[format.id] = shapeOfProbe(kind, format, states);
      instance.write(`${directory}/enable`, '1');
    }
  }

  /** The instance that they were enabled in must be gone. @throws the system's error where somebody else uses one. */
  remove(): void {
    removeProbes(this.#options.tracefs, this.#options.group);
  }
}
