import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { PgRelation } from '../../src/event/pg.js';
import type { SyscallEvent } from '../../src/event/types.js';
import type { Expected } from '../servers/record/expected.js';

const SNAPSHOT = 'fixtures/pgdata/11';
const PIPELINE = `bin/pgtrace-parse fixtures/trace/11.strace | bin/pgtrace-resolve -D ${SNAPSHOT}`;

const LATER = '{"type":"last"}\n';

function shell(line: string): { stdout: string; stderr: string; status: number | null } {
  return spawnSync('bash', ['-o', 'pipefail', '-c', line], { encoding: 'utf8', maxBuffer: 1 << 26 });
}

test('a trace of version 11, as commands in a pipeline', () => {
  const { stdout, stderr, status } = shell(PIPELINE);
  assert.equal(status, 0, stderr);
  const events = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SyscallEvent);
  const { relations } = JSON.parse(readFileSync(`${SNAPSHOT}/expected.json`, 'utf8')) as Expected;
  const oids = new Map(relations.map((fork) => [`${fork.databaseOid}/${fork.filenode}`, fork.oid]));
  let blocks = 0;
  for (const { call, pg, ret } of events) {
    if (pg?.kind !== 'relation' || typeof ret !== 'number' || ret <= 0) continue;
    if (call === 'read' || call === 'write') blocks += checkBlock(pg);
    const oid = oids.get(`${pg.databaseOid}/${pg.filenode}`);
    if (oid !== undefined) assert.equal(pg.oid, oid, JSON.stringify(pg));
  }
  assert.ok(blocks > 100, `expected more than 100 blocks, reached by lseek and read, found ${blocks}`);
});

test('a reader that goes away is a normal end', () => {
  const { stdout, stderr, status } = shell(`${PIPELINE} | head -1`);
  assert.equal(status, 0, stderr);
  assert.equal(stdout.split('\n').length, 2);
  assert.doesNotMatch(stderr, /EPIPE|defect/);
});

for (const more of [true, false]) {
  const what = more
    ? 'what the command before writes then still comes through'
    : 'a silent pipe is not waited for';
  test(`an interrupt: ${what}`, async () => {
    const child = spawn('bin/pgtrace-resolve', ['-D', SNAPSHOT], { stdio: ['pipe', 'pipe', 'pipe'] });
    const closed = once(child, 'close');
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      // Its first output proves that it is at work.
      if (output === '') child.kill('SIGINT');
      output += text;
      if (more) child.stdin.end(LATER);
    });
    child.stdin.write('{"type":"first"}\n');
    assert.deepEqual(await closed, [0, null]);
    assert.equal(output, `{"type":"first"}\n${more ? LATER : ''}`);
  });
}

/** Every position is known in a trace of the whole life of a session, and within the fork. */
function checkBlock(pg: PgRelation): number {
  const { block, blocks, total } = pg;
  assert.ok(block !== undefined && blocks !== undefined && total !== undefined, JSON.stringify(pg));
  assert.ok(block + blocks <= total, JSON.stringify(pg));
  return blocks;
}
