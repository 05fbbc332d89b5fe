/** What a resolved trace says of a relation's blocks. */
import type { Event, SyscallEvent } from '../../src/event/types.js';

const READS: ReadonlySet<string> = new Set(['read', 'pread64', 'readv', 'preadv', 'preadv2']);
const WRITES: ReadonlySet<string> = new Set(['write', 'pwrite64', 'writev', 'pwritev', 'pwritev2']);

export function calls(events: readonly Event[]): SyscallEvent[] {
  return events.filter((event): event is SyscallEvent => event.type === 'syscall');
}

export const reads = (events: readonly Event[]): SyscallEvent[] =>
  calls(events).filter(({ call, ret }) => READS.has(call) && Number(ret) > 0);

export const writes = (events: readonly Event[]): SyscallEvent[] =>
  calls(events).filter(({ call, ret }) => WRITES.has(call) && Number(ret) > 0);

/** Those of a relation's main fork. */
export function ofRelation(events: readonly SyscallEvent[], name: string): SyscallEvent[] {
  return events.filter(({ pg }) => pg?.kind === 'relation' && pg.relation === name && pg.fork === 'main');
}

/** Those of a kind of file: `wal`, `temp` … */
export function ofKind(events: readonly SyscallEvent[], kind: string): SyscallEvent[] {
  return events.filter(({ pg }) => pg?.kind === kind);
}

/** The blocks touched, in the order of the calls. */
export function blocksOf(events: readonly SyscallEvent[]): number[] {
  return events.flatMap(({ pg }) => {
    if (pg?.kind !== 'relation' || pg.block === undefined) return [Number.NaN];
    return Array.from({ length: pg.blocks ?? 1 }, (_, i) => pg.block! + i);
  });
}

export function bytesOf(events: readonly SyscallEvent[]): number {
  return events.reduce((sum, { ret }) => sum + Number(ret), 0);
}

/** 0, 1, … n - 1 */
export function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
