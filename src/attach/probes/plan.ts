/** Which functions of a server get a probe for what is asked for, and what the probe fetches. Pure. */
import {
  ACTIVITY,
  BUFFER_TAG,
  backendStates,
  INSERT,
  LOOKUP,
  OPENING,
  PREFETCH,
} from '../../postgres/layout/probes.js';
import type { Executable } from './elf.js';

/** What a probe tells; its events are named for it. */
export type ProbeKind = 'open' | 'activity' | 'lookup' | 'insert' | 'prefetch';

export interface Probe {
  kind: ProbeKind;
  /** In the executable's file, in bytes. */
  offset: number;
  fetch: readonly string[];
}

export interface Wish {
  statements: boolean;
  buffers: boolean;
}

export interface Plan {
  probes: Probe[];
  /** What of the wish this executable cannot give, and why. */
  missing: string[];
}

/**
 * The registers of a function's integer arguments, as regs_query_register_offset() names them: System V ABI for
 * x86-64, figure 3.4; Procedure Call Standard for the Arm 64-bit Architecture, 6.8.2. By Node's name.
 */
const REGISTERS: Readonly<Record<string, readonly string[]>> = {
  x64: ['%di', '%si', '%dx', '%cx'],
  arm64: ['%x0', '%x1', '%x2', '%x3'],
};

/** Beside a text that is too long for the kernel (MAX_STRING_SIZE, 4096 bytes with its zero): so many 64-bit words. */
export const HEAD_WORDS = 64;

export const FUNCTIONS: ReadonlySet<string> = new Set([
  ...OPENING.map(({ name }) => name),
  ACTIVITY.name,
  LOOKUP.name,
  INSERT.name,
  PREFETCH.name,
]);

/** @param major PG_VERSION of the server; null where it is not known. */
export function planProbes(
  { functions, buildId }: Executable,
  major: number | null,
  wish: Wish,
  architecture: string,
): Plan {
  const registers = REGISTERS[architecture];
  const named = buildId === null ? 'its executable' : `its executable (build-id ${buildId})`;
  if (registers === undefined)
    return { probes: [], missing: wants(wish, `no probe is known for ${architecture}`) };
  const probes: Probe[] = [];
  const missing: string[] = [];
  const lacks = (name: string) => `${named} has no function ${name}`;

  const opening = OPENING.find(({ name }) => functions.has(name));
  if (opening !== undefined)
    probes.push({
      kind: 'open',
      offset: functions.get(opening.name)!,
      fetch: [`path=+0(${registers[opening.path]}):string`],
    });
  if (wish.statements) {
    const offset = functions.get(ACTIVITY.name);
    if (major === null || backendStates(major) === null)
      missing.push('no statements: its version is not known');
    else if (offset === undefined) missing.push(`no statements: ${lacks(ACTIVITY.name)}`);
    else {
      const text = registers[ACTIVITY.text];
      const fetch = [`state=${registers[ACTIVITY.state]}:u32`, `at=${text}:u64`, `text=+0(${text}):string`];
      probes.push({ kind: 'activity', offset, fetch: [...fetch, `head=+0(${text}):x64[${HEAD_WORDS}]`] });
    }
  }
  if (wish.buffers) {
    const lookup = functions.get(LOOKUP.name);
    const insert = functions.get(INSERT.name);
    const prefetch = functions.get(PREFETCH.name);
    if (lookup === undefined) missing.push(`no buffers: ${lacks(LOOKUP.name)}`);
    else {
      const tag = (argument: number) =>
        Object.entries(BUFFER_TAG).map(([name, at]) => `${name}=+${at}(${registers[argument]}):u32`);
      probes.push({ kind: 'lookup', offset: lookup, fetch: tag(LOOKUP.tag) });
      if (insert === undefined) missing.push(`hits are not told from reads: ${lacks(INSERT.name)}`);
      else probes.push({ kind: 'insert', offset: insert, fetch: tag(INSERT.tag) });
      if (prefetch === undefined) missing.push(`prefetches count as accesses: ${lacks(PREFETCH.name)}`);
      else
        probes.push({
          kind: 'prefetch',
          offset: prefetch,
          fetch: [`fork=${registers[PREFETCH.fork]}:u32`, `block=${registers[PREFETCH.block]}:u32`],
        });
    }
  }
  return { probes, missing };
}

function wants({ statements, buffers }: Wish, why: string): string[] {
  return [...(statements ? [`no statements: ${why}`] : []), ...(buffers ? [`no buffers: ${why}`] : [])];
}
