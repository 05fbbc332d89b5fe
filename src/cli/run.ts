import { diagnose, Failure } from './diagnostic.js';
import { EXIT, type Io, type Main } from './io.js';

/** Hands the process to a command and sets its exit status; the only caller is a file in bin/. */
export async function run(name: string, main: Main): Promise<void> {
  const io: Io = {
    argv: process.argv.slice(2),
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
  };
  process.stdout.on('error', ignoreClosed);
  process.stderr.on('error', ignoreClosed);
  process.exitCode = await attempt(name, main, io);
}

/** Runs a command, and tells what it throws as a diagnostic with an exit status. */
export async function attempt(name: string, main: Main, io: Io): Promise<number> {
  try {
    return await main(io);
  } catch (error) {
    if (error instanceof Failure) {
      diagnose(io.stderr, name, error.message, error.hint);
      return error.status;
    }
    diagnose(
      io.stderr,
      name,
      describe(error),
      'this is a defect of pgtrace; please report it with the input that shows it',
    );
    return EXIT.failure;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function ignoreClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
