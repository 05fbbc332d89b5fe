/** What a summary has to say, computed by jq over the same NDJSON; and the comparison. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { LATENCY_ERROR } from '../../src/view/latency.js';

/** Why there is nothing to compare with; undefined where there is. */
export function noJq(): string | undefined {
  return spawnSync('jq', ['--version']).status === 0 ? undefined : 'jq is not installed';
}

/** The rows' keys, as jq sees them. */
const KEYS = {
  relation:
    '"\\(.pg.database // (if .pg.databaseOid == 0 then "shared" else "oid \\(.pg.databaseOid)" end)) \\(.pg.filenode)"',
  process: '.pid | tostring',
  call: '.call',
  database:
    '.pg | .database // (if .databaseOid == 0 then "shared" elif .databaseOid then "oid \\(.databaseOid)" else "-" end)',
  kind: 'if .pg then (.pg.relkind // .pg.kind) elif .path then "path" else "none" end',
  file: '.path // "-"',
} as const;

export type IndependentBy = keyof typeof KEYS;

const READS = '"read","pread64","readv","preadv","preadv2","recvfrom","recvmsg"';
const WRITES = '"write","pwrite64","writev","pwritev","pwritev2","sendto","sendmsg"';

const PROGRAM = `
def moved: if (.ret | type) == "number" and .ret > 0 then .ret else 0 end;
def flow: .call as $c | if ($c | IN(${READS})) then "r" elif ($c | IN(${WRITES})) then "w" else "" end;
def rank($d; $p): $d[([1, ($p * ($d | length) | ceil)] | max) - 1];
def steps: group_by([.pid, .pg.databaseOid, .pg.filenode, .pg.fork])
  | map([.[:-1], .[1:]] | transpose | map(.[1].pg.block == .[0].pg.block + .[0].pg.blocks)) | flatten;
def blocks: reduce .[] as $e ({}; ($e.pg | "\\(.databaseOid) \\(.filenode) \\(.fork)") as $f
  | reduce range($e.pg.block; $e.pg.block + $e.pg.blocks) as $b (.; .["\\($f) \\($b)"] = 1)) | length;
def row:
  (map(.dur | select(. != null)) | sort) as $d
  | map(select(.pg.kind == "relation" and .pg.block != null and .flow != "" and .moved > 0)) as $b
  | ($b | steps) as $s
  | { calls: length, errors: (map(select(.errno)) | length), time: ($d | add // 0),
      read: (map(select(.flow == "r") | .moved) | add // 0), written: (map(select(.flow == "w") | .moved) | add // 0),
      steps: ($s | length), sequential: ($s | map(select(.)) | length), blocks: ($b | blocks),
      p50: rank($d; 0.5), p95: rank($d; 0.95), p99: rank($d; 0.99), max: $d[-1] };
[inputs | select(.type == "syscall") | KEEP | {key: (KEY), pid, call, errno, dur, flow: flow, moved: moved,
  pg: (.pg | {kind, databaseOid, filenode, fork, block, blocks})}]
| group_by(.key) | map({key: .[0].key, value: row}) | from_entries`;

interface Wanted {
  calls: number;
  errors: number;
  time: number;
  read: number;
  written: number;
  steps: number;
  sequential: number;
  blocks: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
}

export function independently(by: IndependentBy, files: readonly string[]): Record<string, Wanted> {
  const keep = by === 'relation' ? 'select(.pg.kind == "relation")' : '.';
  const program = PROGRAM.replace('KEEP', keep).replace('KEY', KEYS[by]);
  const jq = spawnSync('jq', ['-n', program, ...files], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  assert.equal(jq.status, 0, jq.stderr);
  return JSON.parse(jq.stdout);
}

type Row = Record<string, string | number | null>;

/** The rows that pgtrace-summary gives, by the same keys. */
export function summarised(by: IndependentBy, files: readonly string[]): Map<string, Row> {
  const summary = spawnSync(
    process.execPath,
    ['bin/pgtrace-summary', '--by', by, '--format', 'json', ...files],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  assert.equal(summary.status, 0, summary.stderr);
  const rows = summary.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
    .filter((row) => row.by === by && (by !== 'relation' || row.filenode !== null));
  return new Map(rows.map((row) => [keyOf(by, row), row]));
}

function keyOf(by: IndependentBy, row: Row): string {
  if (by === 'relation') return `${row.database} ${row.filenode}`;
  return by === 'process' ? String(row.pid) : String(row.name);
}

/** Every row of both, every figure: counts exactly, times to a rounding, percentiles to the error promised. */
export function assertSame(by: IndependentBy, files: readonly string[]): number {
  const wanted = independently(by, files);
  const rows = summarised(by, files);
  assert.deepEqual([...rows.keys()].sort(), Object.keys(wanted).sort());
  for (const [key, row] of rows) {
    const want = wanted[key]!;
    for (const name of ['calls', 'errors', 'read', 'written'] as const)
      assert.equal(row[name], want[name], `${key} ${name}`);
    if (row.blocks !== null) assert.equal(row.blocks, want.blocks, `${key} blocks`);
    if (by !== 'call' && by !== 'file' && want.steps > 0)
      assert.equal(row.sequential, want.sequential / want.steps, `${key} sequential`);
    near(row.time as number | null, want.max === null ? null : want.time, 1e-6, `${key} time`);
    for (const name of ['p50', 'p95', 'p99'] as const)
      near(row[name] as number | null, want[name], LATENCY_ERROR, `${key} ${name}`);
    near(row.max as number | null, want.max, 0, `${key} max`);
  }
  return rows.size;
}

function near(found: number | null, wanted: number | null, error: number, what: string): void {
  const same =
    found === wanted ||
    (found !== null && wanted !== null && Math.abs(found - wanted) <= wanted * error + 1e-9);
  assert.ok(same, `${what}: expected ${wanted}, found ${found}`);
}
