/** Debian's kernel and a static busybox, kept in `.kernels` of the clone. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { keep } from '../servers/cache.js';
import { ask, unpack } from '../servers/debian.js';
import { Skipped } from '../skipped.js';

const CACHE = join(import.meta.dirname, '..', '..', '..', '.kernels');

export interface Kernel {
  image: string;
  /** The folder of its modules. */
  modules: string;
}

/** @throws Skipped where it is neither there nor to be had. */
export async function findKernel(): Promise<Kernel> {
  const root = await unpacked(/^linux-image-\d/, newestImage);
  const release = readdirSync(join(root, 'lib/modules'))[0]!;
  return { image: join(root, 'boot', `vmlinuz-${release}`), modules: join(root, 'lib/modules', release) };
}

/** The program. @throws Skipped where it is neither there nor to be had. */
export async function findBusybox(): Promise<string> {
  return join(await unpacked(/^busybox-static$/, async () => 'busybox-static'), 'bin/busybox');
}

/** The package that Debian's own metapackage stands for today. */
async function newestImage(): Promise<string> {
  const [name] = /linux-image-\d\S+/.exec(await ask('apt-cache', ['depends', 'linux-image-amd64'])) ?? [];
  if (name === undefined) throw new Skipped('apt knows no linux-image-amd64 (expected that of Debian)');
  return name;
}

/** The folder with the files of a package that is here already, or else of the one that `choose` names. */
async function unpacked(known: RegExp, choose: () => Promise<string>): Promise<string> {
  mkdirSync(CACHE, { recursive: true });
  try {
    const name = readdirSync(CACHE).find((entry) => known.test(entry)) ?? (await choose());
    return await keep(join(CACHE, name), (folder) => unpack([name], folder));
  } catch (error) {
    throw error instanceof Skipped ? new Skipped(`${error.message} (try apt-get update)`) : error;
  }
}
