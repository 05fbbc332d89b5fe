/** What the commands' lines have in common: yargs, set up once. */
import yargs, { type Argv } from 'yargs';
import { UsageError } from './diagnostic.js';
import type { Io } from './io.js';
import { VERSION } from './version.js';

export interface Usage {
  name: string;
  /** The line after `Usage:`. */
  synopsis: string;
  summary: string;
  /** Pairs of a command line and what it does. */
  examples: readonly (readonly [string, string])[];
}

/**
 * Parses the command line. `declare` adds the command's own options.
 * Returns null where --help or --version was answered.
 * @throws UsageError on an unknown option, a missing or a surplus value.
 */
export async function parseOptions<T>(
  io: Io,
  usage: Usage,
  declare: (parser: Argv) => Argv<T>,
): Promise<(T & { _: (string | number)[] }) | null> {
  const hint = `${usage.name} --help shows the options`;
  let answered = false;
  const base = yargs([...io.argv])
    .scriptName(usage.name)
    .usage(`Usage: ${usage.synopsis}\n\n${usage.summary}`)
    .parserConfiguration({
      'camel-case-expansion': false,
      'strip-aliased': true,
      'duplicate-arguments-array': true,
    })
    .help('help')
    .alias('help', 'h')
    .version(VERSION)
    .alias('version', 'V')
    .strictOptions()
    .detectLocale(false)
    .exitProcess(false)
    .wrap(Math.min(io.stdout.columns ?? 80, 100))
    .epilogue(`The manual: man ${usage.name}`);
  for (const [line, meaning] of usage.examples) base.example(line, meaning);
  const parser = declare(base).fail((message: string | undefined, error: Error | undefined) => {
    throw error instanceof UsageError
      ? error
      : new UsageError(inOurWords(message ?? error?.message ?? 'bad usage'), hint);
  });
  const parsed = await parser.parseAsync([...io.argv], {}, (_error, _argv, output) => {
    if (output === '') return;
    answered = true;
    io.stdout.write(`${output}\n`);
  });
  return answered ? null : (parsed as T & { _: (string | number)[] });
}

/** What yargs says of an option, as `what is wrong (expected, found)`. */
function inOurWords(message: string): string {
  const unknown = /^Unknown arguments?: (.*)$/.exec(message)?.[1];
  if (unknown !== undefined) return `unknown option ${unknown.split(', ').map(dashed).join(' ')}`;
  const lacking = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (lacking !== undefined) return `${dashed(lacking)}: no value (expected one, found none)`;
  const bad = /^Invalid values:\n {2}Argument: (.*?), Given: (.*), Choices: (.*)$/s.exec(message);
  if (bad === null) return message;
  const [, option, given, choices] = bad;
  return `${dashed(option!)}: bad value (expected one of ${choices}, found ${given})`;
}

function dashed(option: string): string {
  return option.length === 1 ? `-${option}` : `--${option}`;
}
