/** A process goes on in a fork: by calls that read or write its blocks, by accesses of shared buffers, or in samples. */
import type { Measure } from './measure.js';
import type { ForkStat } from './objects.js';
import type { ProcessStat } from './processes.js';
import { readerOf, readOf, scanOf } from './readers.js';
import { streamOf } from './stream.js';

/** BLCKSZ of all but servers that were built otherwise. */
const BLOCK = 8192;

/** The call has moved bytes of known blocks. */
export function stepByCall(process: ProcessStat, fork: ForkStat, call: Measure): void {
  const { group } = process;
  const { block, blocks } = call;
  const stream = streamOf(process, fork);
  if (stream.next >= 0) followUp(process, fork, block === stream.next);
  stream.blocks.add(block, blocks);
  const writes = call.flow === 'write';
  const reader = writes ? group : readerOf(fork, group, block);
  const scan = writes ? scanOf(fork, fork.writes, reader) : readOf(fork, reader, group);
  scan.step(call, stream.next, fork.total, false);
  stream.next = block + blocks;
  if (writes) group.work.write(fork);
  else reader.work.read(fork, call);
}

function followUp({ tally }: ProcessStat, { object }: ForkStat, continues: boolean): void {
  tally.steps++;
  object.tally.steps++;
  if (!continues) return;
  tally.sequential++;
  object.tally.sequential++;
}

/** A block that no call reads, since it is in shared buffers, moves a scan on as well. */
export function stepByAccess(process: ProcessStat, fork: ForkStat, access: Measure): void {
  const { group } = process;
  const stream = streamOf(process, fork);
  const scan = readOf(fork, readerOf(fork, group, access.block), group);
  scan.step(access, stream.next, fork.total, false);
  stream.next = access.block + 1;
  group.work.read(fork, access);
}

export function stepBySample(process: ProcessStat, fork: ForkStat, sample: Measure, writes: boolean): void {
  const { group } = process;
  const { block, blocks } = sample;
  const stream = streamOf(process, fork);
  stream.blocks.add(block, blocks);
  const reader = writes ? group : readerOf(fork, group, block);
  const scan = writes ? scanOf(fork, fork.writes, reader) : readOf(fork, reader, group);
  const begins = scan.position < 0;
  scan.step(sample, stream.next, fork.total, true);
  if (begins && !writes && process.rchar >= 0)
    scan.counted((process.rchar - process.firstRchar) / BLOCK, fork.total);
  stream.next = block + blocks;
}
