/** Which functions of a server get a probe for what is asked for, and what the probe fetches. Pure. */
import {
  ACTIVITY,
  ALLOCATING,
  BUFFER_TAG,
  backendStates,
  INSERT,
  JOINING,
  LOOKUP,
  OPENING,
  PREFETCH,
  RELATION,
} from '../../postgres/layout/probes.js';
import { COUNT, COUNT_OF_MAIN } from './counts.js';
import type { CodeOf, Executable } from './elf.js';
import { cheapPlace } from './place.js';

/** What a probe tells; its events are named for it. */
export type ProbeKind = 'open' | 'activity' | 'joining' | 'lookup' | 'insert' | 'prefetch';

export interface Probe {
  kind: ProbeKind;
  /** In the executable's file, in bytes. */
  offset: number;
  fetch: readonly string[];
  /** The trigger that counts its hits; its records are not wanted then. */
  trigger?: string | undefined;
}

export interface Wish {
  statements: boolean;
  /** Each access, or how many. */
  buffers: boolean | 'count';
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

export const FUNCTIONS: ReadonlySet<string> = new Set([
  ...[...OPENING, ...ALLOCATING].map(({ name }) => name),
  ACTIVITY.name,
  JOINING.name,
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

  const put = (kind: ProbeKind, { offset, code }: CodeOf, fetch: readonly string[], trigger?: string) =>
    probes.push({ kind, offset: offset + cheapPlace(code, architecture, false).at, fetch, trigger });

  const opening = OPENING.filter(({ name }) => functions.has(name)).slice(0, 1);
  for (const { name, path } of [...opening, ...ALLOCATING]) {
    const opens = functions.get(name);
    if (opens !== undefined) put('open', opens, [`path=+0(${registers[path]}):string`]);
  }
  const joining = functions.get(JOINING.name);
  if (joining !== undefined) put('joining', joining, [`leader=${registers[JOINING.leader]}:s32`]);
  if (wish.statements) {
    const activity = functions.get(ACTIVITY.name);
    const text = registers[ACTIVITY.text];
    if (major === null || backendStates(major) === null)
      missing.push('no statements: its version is not known');
    else if (activity === undefined) missing.push(`no statements: ${lacks(ACTIVITY.name)}`);
    else
      put('activity', activity, [
        `state=${registers[ACTIVITY.state]}:u32`,
        `at=${text}:u64`,
        `text=+0(${text}):string`,
      ]);
  }
  if (wish.buffers === false) return { probes, missing };
  const lookup = functions.get(LOOKUP.name);
  if (lookup === undefined) return { probes, missing: [...missing, `no buffers: ${lacks(LOOKUP.name)}`] };
  const place = cheapPlace(lookup.code, architecture, true);
  const argument = place.arguments === 'own' ? LOOKUP.tag : LOOKUP.tagOfCalled;
  const offset = lookup.offset + place.at;
  const insert = functions.get(INSERT.name);
  const prefetch = functions.get(PREFETCH.name);
  if (prefetch === undefined) missing.push(`prefetches count as accesses: ${lacks(PREFETCH.name)}`);
  if (wish.buffers === 'count') {
    const tag = fetchFork(registers[argument]!);
    probes.push({ kind: 'lookup', offset, fetch: tag, trigger: COUNT });
    if (prefetch !== undefined) put('prefetch', prefetch, fetchPrefetched(registers), COUNT_OF_MAIN);
    return { probes, missing };
  }
  probes.push({ kind: 'lookup', offset, fetch: fetchTag(registers[argument]!) });
  if (insert === undefined) missing.push(`hits are not told from reads: ${lacks(INSERT.name)}`);
  else put('insert', insert, fetchTag(registers[INSERT.tag]!));
  if (prefetch !== undefined)
    put('prefetch', prefetch, [
      `fork=${registers[PREFETCH.fork]}:u32`,
      `block=${registers[PREFETCH.block]}:u32`,
    ]);
  return { probes, missing };
}

/** Its five words, by two at a time: each fetch costs. */
function fetchTag(register: string): string[] {
  return [...fetchFork(register), `block=+${BUFFER_TAG.block}(${register}):u32`];
}

/** The first four: of which fork of which relation it is. */
function fetchFork(register: string): string[] {
  const { tablespace, filenode } = BUFFER_TAG;
  return [`space=+${tablespace}(${register}):u64`, `file=+${filenode}(${register}):u64`];
}

function fetchPrefetched(registers: readonly string[]): string[] {
  const { tablespace, filenode } = RELATION;
  const relation = registers[PREFETCH.relation];
  return [
    `space=+${tablespace}(${relation}):u64`,
    `file=+${filenode}(${relation}):u32`,
    `fork=${registers[PREFETCH.fork]}:u32`,
  ];
}

function wants({ statements, buffers }: Wish, why: string): string[] {
  return [...(statements ? [`no statements: ${why}`] : []), ...(buffers ? [`no buffers: ${why}`] : [])];
}
