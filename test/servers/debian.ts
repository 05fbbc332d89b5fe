/**
 * Packages of Debian and Ubuntu, unpacked but not installed. apt-get(8) downloads them, which checks what the
 * archive signed and every package's sum. No root is needed.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Skipped } from '../skipped.js';

/** One of an archive, whatever this machine's own sources are. */
export interface Release {
  archive: string;
  suite: string;
  /** The file of the keys that sign it. */
  keyring: string;
}

/** An archive that does not answer is soon given up. */
const PATIENCE = ['-o', 'Acquire::http::Timeout=20', '-o', 'Acquire::Retries=1'];

/**
 * Puts the packages' files into a folder, of a release or else of this machine's own sources.
 * @throws Skipped where they are not to be had.
 */
export async function unpack(names: readonly string[], folder: string, release?: Release): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'pgtrace-apt-'));
  try {
    const options = release === undefined ? [] : await update(release, scratch);
    const packages = join(scratch, 'packages');
    await mkdir(packages);
    await ask('apt-get', [...options, 'download', ...names], packages);
    for (const file of await readdir(packages)) await ask('dpkg-deb', ['-x', file, folder], packages);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What apt-get is to be told so that it knows this release and nothing else. */
async function update({ archive, suite, keyring }: Release, scratch: string): Promise<string[]> {
  if (!existsSync(keyring)) throw new Skipped(`no ${keyring}, whose keys sign ${archive}`);
  const etc = join(scratch, 'etc');
  await mkdir(join(etc, 'trusted.gpg.d'), { recursive: true });
  await copyFile(keyring, join(etc, 'trusted.gpg.d', 'release.gpg'));
  await writeFile(join(etc, 'sources.list'), `deb [arch=amd64] ${archive} ${suite} main\n`);
  await writeFile(join(scratch, 'status'), '');
  await mkdir(join(scratch, 'lists', 'partial'), { recursive: true });
  await mkdir(join(scratch, 'archives', 'partial'), { recursive: true });
  const settings = [
    `Dir::Etc=${etc}`,
    `Dir::State=${scratch}`,
    `Dir::State::status=${join(scratch, 'status')}`,
    `Dir::Cache=${scratch}`,
    'Acquire::Languages=none',
    // Its own account, to which root would change, does not get into our folder.
    'APT::Sandbox::User=root',
    'APT::Architecture=amd64',
  ];
  const options = [...settings.flatMap((setting) => ['-o', setting]), ...PATIENCE];
  await ask('apt-get', [...options, 'update', '--error-on=any'], scratch);
  return options;
}

/** @throws Skipped with the first complaint of a command that failed. */
export async function ask(command: string, words: readonly string[], cwd = '/'): Promise<string> {
  try {
    return (await promisify(execFile)(command, words, { cwd, env: { ...process.env, LC_ALL: 'C' } })).stdout;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Skipped(`${command}: ${stderr?.trim().split('\n')[0] || message}`);
  }
}
