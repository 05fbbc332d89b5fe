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
  // EPIPE is a reader's wish to stop. Nobody is left to be told of an error of standard error.
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || told.has(error)) return;
    told.add(error);
    diagnose(io.stderr, name, `cannot write standard output (${error.message})`, OUTPUT_HINT);
    process.exitCode = EXIT.failure;
  });
  const status = await attempt(name, main, io);
  process.exitCode ??= status;
}

const OUTPUT_HINT = 'is the disk full? what was written is whole up to some line';
/** What standard output failed with, and was said. */
const told = new WeakSet<Error>();

/** Runs a command, and tells what it throws as a diagnostic with an exit status. */
export async function attempt(name: string, main: Main, io: Io): Promise<number> {
  try {
    return await main(io);
  } catch (error) {
    if (error instanceof Error && told.has(error)) return EXIT.failure;
    if (error instanceof Failure) {
      const usage = error.status === EXIT.usage ? `${name} --help shows the options` : undefined;
      diagnose(io.stderr, name, error.message, error.hint ?? usage);
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
