/** Runs a pipeline of commands and tells how long it took and what each process used. */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Usage {
  seconds: number;
  /** Of each process that Node ran: CPU seconds and largest resident set, in bytes. */
  processes: { cpu: number; rss: number }[];
}

/** Run by every node of a measured pipeline before anything else. */
const REPORT =
  'data:text/javascript,' +
  encodeURIComponent(
    `import { appendFileSync } from 'node:fs';
    process.on('exit', () => {
      const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
      const used = { cpu: (userCPUTime + systemCPUTime) / 1e6, rss: maxRSS * 1024 };
      appendFileSync(process.env.PGTRACE_BENCH, JSON.stringify(used) + '\\n');
    });`,
  );

/**
 * Runs `commands` as a pipeline through pipe(2), as a shell does, from `input` to `output`.
 * @throws Error where one of them does not exit with 0.
 */
export async function measure(
  commands: readonly (readonly string[])[],
  input: string,
  output: string,
): Promise<Usage> {
  const directory = mkdtempSync(join(tmpdir(), 'pgtrace-bench-'));
  const report = join(directory, 'report');
  const from = openSync(input, 'r');
  const to = openSync(output, 'w');
  closeSync(openSync(report, 'w'));
  try {
    const line = commands.map((command) => command.map(quote).join(' ')).join(' | ');
    const started = process.hrtime.bigint();
    const child = spawn('bash', ['-o', 'pipefail', '-c', line], {
      stdio: [from, to, 'inherit'],
      env: { ...process.env, PGTRACE_BENCH: report, NODE_OPTIONS: `--import=${REPORT}` },
    });
    const status = await new Promise((resolve) => child.once('close', resolve));
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    if (status !== 0) throw new Error(`${line}: exit ${status}`);
    const lines = readFileSync(report, 'utf8')
      .split('\n')
      .filter((text) => text !== '');
    return { seconds, processes: lines.map((text) => JSON.parse(text) as Usage['processes'][number]) };
  } finally {
    closeSync(from);
    closeSync(to);
    rmSync(directory, { recursive: true });
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
