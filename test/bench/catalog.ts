/**
 * `node dist/test/bench/catalog.js [RELATIONS]`: how long the first name of a large database takes and how much
 * memory, of a data directory and of a snapshot's archive with the sizes of all files, each measured in a process of
 * its own, beside one that only reads the same files.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCatalog } from '../../src/resolve/catalog.js';
import { openCluster } from '../../src/resolve/cluster.js';
import { directoryFiles } from '../../src/resolve/files-directory.js';
import { SIZES_FILE } from '../../src/resolve/files-snapshot.js';
import { openFiles } from '../../src/resolve/view.js';
import { FILES, madeCluster, type Rows, SHOP, table } from '../resolve/made-cluster.js';
import type { Version } from '../resolve/made-heap.js';

const FIRST_OID = 100_000;
const LOOKUPS = 1_000_000;
const READ = [FILES.pg_class, FILES.pg_index].map((file) => `base/${SHOP}/${file}`);
const HINTED: Version = { xmin: 700, infomask: 0x0900 };
/** pg_xact is asked. */
const UNHINTED: Version = { xmin: 701, infomask: 0x0800 };

const [count = '1000000', step, directory = ''] = process.argv.slice(2);
if (step === undefined) compare(Number(count));
else if (step === 'write') write(directory, Number(count));
else if (step === 'read') read(directory);
else if (step === 'pack') await pack(directory, Number(count));
else open(step === 'unpack' ? archiveOf(directory) : directory);

function compare(relations: number): void {
  if (!Number.isSafeInteger(relations) || relations < 2) throw new Error(`relations: found ${count}`);
  const made = mkdtempSync(join(tmpdir(), 'pgtrace-bench-'));
  const cluster = join(made, 'main');
  try {
    console.log(`${relations} relations`);
    // A process is charged with the memory of the one that it was forked from: this one stays small.
    for (const what of ['write', 'read', 'open', 'pack', 'unpack']) {
      spawnSync(process.execPath, [fileURLToPath(import.meta.url), count, what, cluster], {
        stdio: 'inherit',
      });
    }
  } finally {
    rmSync(made, { recursive: true });
  }
}

/** Half of them tables, half their indexes, one in two with hint bits. */
function write(root: string, count: number): void {
  const relations: Rows[number][] = [];
  const indexes: Rows[number][] = [];
  for (let oid = FIRST_OID; oid < FIRST_OID + count; oid += 2) {
    const version = oid % 4 === 0 ? HINTED : UNHINTED;
    const name = `a_table_of_some_customer_${oid}`;
    relations.push([table(oid, name), version]);
    relations.push([{ ...table(oid + 1, `${name}_pkey`), relkind: 'i' }, version]);
    indexes.push([{ indexrelid: oid + 1, indrelid: oid }]);
  }
  const xact = new Uint8Array(8192).fill(0x55);
  for (const [path, bytes] of madeCluster({ relations, indexes, xact, checksums: true })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes);
  }
}

function read(root: string): void {
  const files = directoryFiles(root);
  const done = stopwatch();
  let bytes = 0;
  for (const path of READ) {
    const size = files.size(path) ?? 0;
    for (let at = 0; at < size; at += 1 << 20) bytes += files.readAt(path, at, 1 << 20).length;
  }
  done(`only reading ${(bytes / 2 ** 20).toFixed(0)} MiB`);
}

/** What pgtrace-snapshot would make of it. */
async function pack(root: string, count: number): Promise<void> {
  const sizes = Array.from({ length: count }, (_, index) =>
    JSON.stringify({ path: `base/${SHOP}/${FIRST_OID + index}`, size: 8192 * index }),
  );
  writeFileSync(join(root, SIZES_FILE), `${sizes.join('\n')}\n`);
  const { create } = await import('tar/create');
  await create({ gzip: true, file: archiveOf(root), cwd: dirname(root) }, [basename(root)]);
}

function archiveOf(root: string): string {
  return `${root}.tar.gz`;
}

function open(root: string): void {
  const opened = stopwatch();
  const { files } = openFiles(root);
  const catalog = openCatalog(openCluster(files));
  if (typeof catalog.relation(1663, SHOP, FIRST_OID) === 'string')
    throw new Error('the first table has no name');
  opened(root.endsWith('.gz') ? 'of an archive, to the first name' : 'to the first name');
  const again = stopwatch();
  for (let index = 0; index < LOOKUPS; index++) catalog.relation(1663, SHOP, FIRST_OID);
  again(`${LOOKUPS} look-ups of a known file`);
}

function stopwatch(): (what: string) => void {
  const began = performance.now();
  const used = process.cpuUsage();
  return (what) => {
    const { user, system } = process.cpuUsage(used);
    const milliseconds = (performance.now() - began).toFixed(0).padStart(6);
    const cpu = ((user + system) / 1000).toFixed(0).padStart(6);
    const memory = (process.resourceUsage().maxRSS / 1024).toFixed(0).padStart(5);
    console.log(`${what.padEnd(36)} ${milliseconds} ms ${cpu} ms CPU ${memory} MiB at most`);
  };
}
