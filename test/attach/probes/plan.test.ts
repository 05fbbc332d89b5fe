import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodeOf } from '../../../src/attach/probes/elf.js';
import { planProbes } from '../../../src/attach/probes/plan.js';

const PUSH: CodeOf = { offset: 0x1000, code: Buffer.from('4157', 'hex') };
const CALL: CodeOf = { offset: 0x2000, code: Buffer.from('4883ec084889fee800000000', 'hex') };

const all = new Map([
  ['BasicOpenFilePerm', PUSH],
  ['BasicOpenFile', CALL],
  ['AllocateFile', CALL],
  ['AllocateDir', PUSH],
  ['pgstat_report_activity', PUSH],
  ['BecomeLockGroupMember', PUSH],
  ['BufTableLookup', CALL],
  ['BufTableInsert', PUSH],
  ['PrefetchBuffer', PUSH],
]);
const both = { statements: true, buffers: true };

test('a server has all its probes, the arguments where they are', () => {
  const { probes, missing } = planProbes({ buildId: null, functions: all }, 15, both, 'x64');
  assert.deepEqual(missing, []);
  assert.deepEqual(
    probes.map(({ kind, offset, fetch }) => [kind, offset, fetch.join(' ')]),
    [
      ['open', 0x1000, 'path=+0(%di):string'],
      ['open', 0x2000, 'path=+0(%di):string'],
      ['open', 0x1000, 'path=+0(%di):string'],
      ['joining', 0x1000, 'leader=%si:s32'],
      ['activity', 0x1000, 'state=%di:u32 at=%si:u64 text=+0(%si):string'],
      ['lookup', 0x2007, 'space=+0(%si):u64 file=+8(%si):u64 block=+16(%si):u32'],
      ['insert', 0x1000, 'space=+0(%di):u64 file=+8(%di):u64 block=+16(%di):u32'],
      ['prefetch', 0x1000, 'fork=%si:u32 block=%dx:u32'],
    ],
  );
});

test('where accesses are only counted, the kernel counts by relation and fork', () => {
  const wish = { statements: false, buffers: 'count' } as const;
  const { probes, missing } = planProbes({ buildId: null, functions: all }, 15, wish, 'x64');
  assert.deepEqual(missing, []);
  const keys = 'hist:keys=common_pid,space.hex,file.hex:size=16384';
  assert.deepEqual(
    probes.slice(-2).map(({ kind, offset, fetch, trigger }) => [kind, offset, fetch.join(' '), trigger]),
    [
      ['lookup', 0x2007, 'space=+0(%si):u64 file=+8(%si):u64', keys],
      ['prefetch', 0x1000, 'space=+0(%di):u64 file=+8(%di):u32 fork=%si:u32', `${keys} if fork == 0`],
    ],
  );
});

test('on arm64 the registers have other names', () => {
  const { probes } = planProbes({ buildId: null, functions: all }, 15, both, 'arm64');
  assert.deepEqual(
    probes.find(({ kind }) => kind === 'lookup'),
    {
      kind: 'lookup',
      offset: 0x2000,
      fetch: ['space=+0(%x0):u64', 'file=+8(%x0):u64', 'block=+16(%x0):u32'],
    },
  );
});

test('without a wish only files and leaders are probed', () => {
  const { probes, missing } = planProbes(
    { buildId: null, functions: all },
    null,
    { statements: false, buffers: false },
    'x64',
  );
  assert.deepEqual([probes.map(({ kind }) => kind), missing], [['open', 'open', 'open', 'joining'], []]);
});

test('what an executable lacks is told', () => {
  const { probes, missing } = planProbes({ buildId: 'c0ffee', functions: new Map() }, 15, both, 'x64');
  assert.deepEqual(probes, []);
  assert.deepEqual(missing, [
    'no statements: its executable (build-id c0ffee) has no function pgstat_report_activity',
    'no buffers: its executable (build-id c0ffee) has no function BufTableLookup',
  ]);
  assert.deepEqual(planProbes({ buildId: null, functions: all }, null, both, 'x64').missing, [
    'no statements: its version is not known',
  ]);
  assert.equal(planProbes({ buildId: null, functions: all }, 15, both, 'riscv64').missing.length, 2);
});
