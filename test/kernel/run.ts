/**
 * Runs a command in a guest with Debian's kernel, which has what the kernel here may lack (histogram triggers), from
 * the same folder and on the same files; what it writes is gone with the guest. Without arguments: the files of the
 * matrix whose probes need it, on PGTRACE_VERSIONS (default 15,18); where the guest is translated, minutes each.
 */
import { installServer } from '../servers/install.js';
import { wantedVersions } from '../servers/versions.js';
import { Skipped } from '../skipped.js';
import { runInGuest } from './guest.js';

const versions = wantedVersions(process.env.PGTRACE_VERSIONS ?? '15,18');
const TESTS = 'node dist/test/servers/matrix.js counts buffers statements';

const words = process.argv.slice(2);
const command = words.length === 0 ? TESTS : words.map(quote).join(' ');
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('PGTRACE_'))),
  PGTRACE_VERSIONS: versions.join(','),
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: '/root',
  // Of memory alone: PostgreSQL's files are not to lie on the layers of the guest's root.
  TMPDIR: '/mnt',
};

try {
  // The guest has no network.
  for (const version of versions) await installServer(version);
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  process.exitCode = await runInGuest(`${exports.join('')}cd ${quote(process.cwd())}\n${command}\n`);
} catch (error) {
  if (!(error instanceof Skipped)) throw error;
  console.log(`skipped: ${error.message}`);
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
