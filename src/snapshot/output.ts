/**
 * Where a snapshot is written: a directory beside its place, which gets its name, or is packed into an archive that
 * gets it, only when all is there. Nobody but its owner may read it, since it holds names.
 */
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { Failure, UsageError } from '../cli/diagnostic.js';
import type { Copies } from './recording.js';

const ARCHIVE = /\.(?:tar\.gz|tgz)$/;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;

export interface Output extends Copies {
  has(path: string): boolean;
  /** Bytes on disk when it is done. @throws Failure where it cannot be written. */
  finish(): Promise<number>;
  /** Deletes what was written; of no effect after finish(). */
  discard(): void;
}

/**
 * @param dataDirectory in which it must not be
 * @throws UsageError where the place is taken or wrong, Failure where it cannot be written.
 */
export function openOutput(out: string, dataDirectory: string): Output {
  const place = resolve(out);
  checkPlace(out, place, dataDirectory);
  const work = attempt(out, () => mkdtempSync(`${place}.`));
  const root = join(work, basename(place).replace(ARCHIVE, ''));
  const paths = new Set<string>();
  let open: { path: string; fd: number } | null = null;
  let written = 0;

  function descriptor(path: string): number {
    if (open?.path === path) return open.fd;
    close();
    if (!paths.has(path)) mkdirSync(join(root, dirname(path)), { recursive: true, mode: 0o700 });
    paths.add(path);
    open = { path, fd: openSync(join(root, path), CREATE, 0o600) };
    return open.fd;
  }

  function close(): void {
    if (open !== null) closeSync(open.fd);
    open = null;
  }

  return {
    has: (path) => paths.has(path),
    write(path, offset, bytes) {
      attempt(out, () => {
        const fd = descriptor(path);
        for (let done = 0; done < bytes.length; )
          done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
      });
      written += bytes.length;
    },
    remove(path) {
      if (open?.path === path) close();
      rmSync(join(root, path), { force: true });
      paths.delete(path);
    },
    async finish() {
      close();
      if (!ARCHIVE.test(place)) {
        attempt(out, () => renameSync(root, place));
      } else {
        const archive = join(work, basename(place));
        await pack(archive, root);
        attempt(out, () => renameSync(archive, place));
        written = statSync(place).size;
      }
      rmSync(work, { recursive: true, force: true });
      return written;
    },
    discard() {
      close();
      rmSync(work, { recursive: true, force: true });
    },
  };
}

/** One folder of that name, so that it unpacks into one. */
async function pack(archive: string, root: string): Promise<void> {
  const { create } = await import('tar/create');
  const options = {
    gzip: true,
    file: archive,
    cwd: dirname(root),
    portable: true,
    mode: 0o600,
    strict: true,
  };
  try {
    await create(options, [basename(root)]);
  } catch (error) {
    throw new Failure(`${archive}: ${(error as Error).message}`);
  }
}

function checkPlace(out: string, place: string, dataDirectory: string): void {
  const name = basename(place).replace(ARCHIVE, '');
  if (name === '') throw new UsageError(`-o ${out} names no file (expected a name before .tar.gz)`);
  if (isThere(place)) {
    throw new UsageError(`${out} exists already (expected a new name)`, 'remove it first, or give another');
  }
  if (!existsSync(dirname(place))) throw new Failure(`${dirname(place)}: no such directory`);
  const data = realpathSync(dataDirectory);
  if (`${realpathSync(dirname(place))}${sep}`.startsWith(`${data}${sep}`)) {
    throw new UsageError(`${out} is in the data directory itself (expected another place)`);
  }
}

function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function attempt<T>(out: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new Failure(`${out}: ${(error as Error).message}`);
  }
}
