/**
 * Debian's kernel and a static busybox, unpacked but not installed: in `.kernels` of the clone, downloaded once by
 * apt-get(8), which checks their signatures.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Skipped } from './skipped.js';

const CACHE = join(import.meta.dirname, '..', '..', '..', '.kernels');

export interface Kernel {
  image: string;
  /** The folder of its modules. */
  modules: string;
}

/** @throws Skipped where it is neither there nor to be had. */
export function findKernel(): Kernel {
  const root = unpacked(/^linux-image-\d/, newestImage);
  const release = readdirSync(join(root, 'lib/modules'))[0]!;
  return { image: join(root, 'boot', `vmlinuz-${release}`), modules: join(root, 'lib/modules', release) };
}

/** The program. @throws Skipped where it is neither there nor to be had. */
export function findBusybox(): string {
  return join(
    unpacked(/^busybox-static$/, () => 'busybox-static'),
    'bin/busybox',
  );
}

/** The package that Debian's own metapackage stands for today. */
function newestImage(): string {
  const [name] = /linux-image-\d\S+/.exec(ask('apt-cache', ['depends', 'linux-image-amd64'])) ?? [];
  if (name === undefined) throw new Skipped('apt knows no linux-image-amd64 (expected that of Debian)');
  return name;
}

/** The folder with the files of a package that is here already, or else of the one that `choose` names. */
function unpacked(known: RegExp, choose: () => string): string {
  mkdirSync(CACHE, { recursive: true });
  const here = readdirSync(CACHE).find((name) => known.test(name));
  return join(CACHE, here ?? download(choose()));
}

function download(name: string): string {
  const scratch = mkdtempSync(join(CACHE, '.download-'));
  try {
    ask('apt-get', ['download', name], scratch);
    const [file] = readdirSync(scratch);
    const files = join(scratch, 'files');
    ask('dpkg', ['-x', file!, files], scratch);
    if (!existsSync(join(CACHE, name))) renameSync(files, join(CACHE, name));
    return name;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function ask(command: string, words: readonly string[], cwd = '/'): string {
  try {
    return execFileSync(command, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Skipped(
      `${command} ${words.join(' ')}: ${stderr?.trim().split('\n').at(-1) || message} (try apt-get update)`,
    );
  }
}
