/** Pages that a kernel wrote, judged by that kernel's own reading of them. */
import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import { test } from 'node:test';
import { merge, type RecordSink } from '../../../src/attach/ftrace/merge.js';
import { FORMATS, fixture, LAYOUTS, streamOf } from './pages.js';

const BY_ID = new Map([...FORMATS.values()].map((format) => [format.id, format]));
const skip = endianness() === 'LE' ? false : 'the pages were recorded on a little-endian machine';

/** `cpu pid microseconds call(key=value …)` or `… call = result`, with every number unsigned and in decimal. */
function decode(name: string): { lines: string[]; lost: number } {
  const lines: string[] = [];
  let lost = 0;
  const sink: RecordSink = {
    missed(_, count) {
      lost += count;
    },
    record(pages) {
      const bytes = pages.bytes.subarray(pages.record, pages.recordEnd);
      const format = BY_ID.get(bytes.readUInt16LE(0))!;
      const values = format.fields
        .filter((field) => field.name !== '__syscall_nr')
        .map((field): [string, bigint] => [field.name, bytes.readBigUInt64LE(field.offset)]);
      const call = format.name.replace(/^sys_(enter|exit)_/, '');
      const text = format.name.startsWith('sys_exit')
        ? `${call} = ${values[0]![1]}`
        : `${call}(${values.map(([key, value]) => `${key}=${value}`).join(' ')})`;
      lines.push(`${pages.cpu} ${bytes.readInt32LE(4)} ${Math.round(pages.time / 1000)} ${text}`);
    },
  };
  const streams = [0, 1].map((cpu) => streamOf(fixture(`${name}/cpu${cpu}.raw`), cpu, LAYOUTS));
  merge(streams, Number.POSITIVE_INFINITY, sink);
  return { lines, lost };
}

function kernelSays(name: string): string[] {
  const line = /-(\d+) +\[0*(\d+)\] \S+ +(\d+)\.(\d{6}): sys_(\w+)(?:\((.*)\)| -> (\S+))$/;
  return fixture(`${name}/trace.txt`)
    .toString()
    .split('\n')
    .filter((text) => text !== '' && !text.startsWith('#') && !text.includes('LOST'))
    .map((text) => {
      const [, pid, cpu, seconds, micros, call, args, ret] = line.exec(text)!;
      const values = args
        ?.split(', ')
        .filter((word) => word !== '')
        .map((word) => word.split(': '))
        .map(([key, value]) => `${key}=${BigInt(value!)}`);
      const what =
        ret === undefined ? `${call}(${values!.join(' ')})` : `${call} = ${BigInt.asUintN(64, BigInt(ret))}`;
      return `${Number(cpu)} ${pid} ${Number(seconds) * 1e6 + Number(micros)} ${what}`;
    });
}

for (const name of ['moving', 'overrun'])
  test(`recorded pages decode as the kernel prints them: ${name}`, { skip }, () => {
    const { lines } = decode(name);
    const expected = kernelSays(name);
    assert.ok(expected.length > 200);
    assert.deepEqual(lines, expected);
  });

test('a full buffer says how much it lost', { skip }, () => {
  const told = /^overrun: (\d+)$/m.exec(fixture('overrun/cpu0.stats').toString())!;
  assert.ok(Number(told[1]) > 0);
  assert.equal(decode('overrun').lost, Number(told[1]));
});
