/** What tests download, once: a folder each, below one directory that outlives them. */
import { accessSync, constants, existsSync, lstatSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { reachable, serverAccount } from './account.js';

/** `.servers` in the clone (or PGTRACE_SERVERS); outside of it where the server's account cannot get in there. */
export async function cacheDirectory(): Promise<string> {
  const account = serverAccount();
  const asked = process.env.PGTRACE_SERVERS;
  const inClone = join(import.meta.dirname, '..', '..', '..', '.servers');
  for (const directory of asked === undefined ? [inClone] : [asked])
    if (reachable(directory, account) && (await writable(directory))) return directory;
  const shared = `/var/tmp/pgtrace-servers-${process.getuid?.()}`;
  await mkdir(shared, { mode: 0o755, recursive: true });
  const entry = lstatSync(shared);
  // Anybody may create names in /var/tmp, and what lies here is going to be run.
  if (!entry.isDirectory() || entry.uid !== process.getuid?.() || (entry.mode & 0o022) !== 0)
    throw new Error(`${shared} is not safe to use (expected a directory of our own that only we can write)`);
  return shared;
}

async function writable(directory: string): Promise<boolean> {
  try {
    await mkdir(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * A folder that `fill` fills where it is missing, all of it or nothing. Callers may run at once, in one process or
 * several: the last step is a rename, and who comes second finds the first one's work.
 */
export async function keep(target: string, fill: (folder: string) => Promise<void>): Promise<string> {
  if (existsSync(target)) return target;
  await mkdir(dirname(target), { recursive: true });
  const scratch = await mkdtemp(join(dirname(target), `.${basename(target)}.`));
  try {
    await chmod(scratch, 0o755);
    await fill(scratch);
    await rename(scratch, target);
  } catch (error) {
    await rm(scratch, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}
