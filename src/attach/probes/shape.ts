/** What the records of our probes hold, and where: from their `format` files. */
import { Failure } from '../../cli/diagnostic.js';
import type { Format } from '../ftrace/format.js';
import type { ProbeKind } from './plan.js';

/** A file is about to be opened by the path whose __data_loc word is at `at`. Places are in 32-bit words. */
export interface OpenProbe {
  kind: 'open';
  at: number;
}

export interface ActivityProbe {
  kind: 'activity';
  /** The words of the states, by number. */
  states: readonly string[];
  state: number;
  /** The 64-bit address of the text. */
  pointer: number;
  /** The __data_loc word of the text; empty where the text is longer than the kernel takes. */
  text: number;
}

/** A buffer tag was looked up, or entered: five words from `tag` on. */
export interface TagProbe {
  kind: 'lookup' | 'insert';
  tag: number;
}

/** A parallel worker says whose it is, before it reads any table. */
export interface JoiningProbe {
  kind: 'joining';
  leader: number;
}

export interface PrefetchProbe {
  kind: 'prefetch';
  fork: number;
  block: number;
}

export type ProbeShape = OpenProbe | ActivityProbe | TagProbe | JoiningProbe | PrefetchProbe;

/** @throws Failure where a field is missing. */
export function shapeOfProbe(kind: ProbeKind, format: Format, states: readonly string[]): ProbeShape {
  const at = (name: string): number => {
    const field = format.fields.find((candidate) => candidate.name === name);
    if (field === undefined) throw new Failure(`the kernel's probe ${format.name} has no field ${name}`);
    return field.offset >> 2;
  };
  switch (kind) {
    case 'open':
      return { kind, at: at('path') };
    case 'activity':
      return { kind, states, state: at('state'), pointer: at('at'), text: at('text') };
    case 'joining':
      return { kind, leader: at('leader') };
    case 'prefetch':
      return { kind, fork: at('fork'), block: at('block') };
    default:
      return { kind, tag: at('space') };
  }
}
