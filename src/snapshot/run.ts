/** Takes a snapshot: catalogs, then sizes, then its name. */
import { setImmediate as turn } from 'node:timers/promises';
import { diagnose, Failure } from '../cli/diagnostic.js';
import { onInterrupt } from '../cli/interrupt.js';
import { EXIT, type Io } from '../cli/io.js';
import { createProgress } from '../cli/progress.js';
import { openCluster } from '../resolve/cluster.js';
import { type Listed, SIZES_FILE } from '../resolve/files-snapshot.js';
import { homesOf, openFiles } from '../resolve/view.js';
import { type Captured, capture } from './capture.js';
import { type Output, openOutput } from './output.js';
import { listLinks, listSizes } from './sizes.js';

export interface Request {
  directory: string;
  out: string;
  /** With what the WAL has done since the last checkpoint. */
  wal: boolean;
}

/** @throws Failure where the directory cannot be read or the snapshot not be written; then there is none. */
export async function takeSnapshot(io: Io, name: string, { directory, out, wal }: Request): Promise<number> {
  const { files, homes } = openFiles(directory);
  if (homes !== null) throw new Failure(`${directory} is a snapshot already (expected a data directory)`);
  const cluster = openCluster(files);
  const tell = (message: string) => diagnose(io.stderr, name, message);
  for (const warning of cluster.warnings) tell(warning);
  const output = openOutput(out, directory);
  const interrupt = onInterrupt();
  const progress = createProgress(io);
  /** Lets an interrupt in. */
  const pause = async (text: string) => {
    progress.show(`${name}: ${text}`);
    await turn();
    interrupt.signal.throwIfAborted();
  };
  try {
    const captured = await capture(cluster, output, wal, (done, all) =>
      pause(`catalogs of ${done} of ${all} databases`),
    );
    const list = createList(output);
    list.add(homesOf(directory, files).map((home) => ({ home })));
    list.add(listLinks(cluster));
    for (const listed of listSizes(cluster, output.has)) {
      list.add(listed);
      await pause(`sizes of ${list.count()} files`);
    }
    list.end();
    await pause(`writing ${out}`);
    await output.finish();
    progress.clear();
    report(captured, tell);
    return EXIT.ok;
  } catch (error) {
    progress.clear();
    output.discard();
    if (interrupt.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    interrupt.release();
  }
}

/** What the snapshot lacks. */
function report({ unread, damage, trouble }: Captured, tell: (message: string) => void): void {
  for (const { database, reason } of unread) tell(`database "${database}" is not in it: ${reason}`);
  const { pages, rows, first } = damage;
  if (first !== null) tell(`${pages} pages and ${rows} rows of the catalogs are broken (first: ${first})`);
  if (trouble !== null) tell(trouble);
}

/** Bytes of the list that are written at a time. */
const CHUNK = 1 << 20;

interface List {
  add(listed: readonly Listed[]): void;
  count(): number;
  end(): void;
}

function createList(output: Output): List {
  let text = '';
  let at = 0;
  let count = 0;
  const flush = () => {
    const bytes = new TextEncoder().encode(text);
    output.write(SIZES_FILE, at, bytes);
    at += bytes.length;
    text = '';
  };
  return {
    add(listed) {
      for (const entry of listed) {
        text += `${JSON.stringify(entry)}\n`;
        if (text.length >= CHUNK) flush();
      }
      count += listed.length;
    },
    count: () => count,
    end: flush,
  };
}
