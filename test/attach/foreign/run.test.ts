/** pgtrace-attach on other systems, with the place of their programs taken by some that print recorded text. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { attachForeign, type ForeignOptions } from '../../../src/attach/foreign/run.js';
import { SYSTEMS } from '../../../src/attach/foreign/systems.js';
import { Failure } from '../../../src/cli/diagnostic.js';
import type { Event, SyscallEvent } from '../../../src/event/types.js';
import { dtrussText, kdumpText } from '../../parse/same/bsd.js';
import { sunText } from '../../parse/same/sun.js';
import { readWork } from '../../parse/same/work.js';

const folder = mkdtempSync(join(tmpdir(), 'pgtrace-foreign-'));
const bin = join(folder, 'bin');
const PATH = process.env.PATH;
after(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});
mkdirSync(bin);
process.env.PATH = `${bin}:${PATH}`;

function program(name: string, script: string): void {
  const file = join(bin, name);
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> '${folder}/log'\n${script}\n`);
  chmodSync(file, 0o755);
}

const work = readWork();
const pids = [...new Set(work.map(({ pid }) => pid!))];
const PID = pids[0]!;

program(
  'ps',
  `cat <<'END'\n${[`    1     0 /sbin/init`, `24000     1 /usr/local/bin/postgres -D /srv/pg`, ...pids.map((pid) => `${pid} 24000 postgres: alice shop [local] SELECT (postgres)`)].join('\n')}\nEND`,
);
const open = (path: string) => `cat <<'END'\n${path}\nEND`;
program('lsof', open(`p${PID}\nfcwd\nn/srv/pg\nf4\ntREG\nn/srv/pg/base/5/1259`));
program(
  'procstat',
  open(
    `  PID COMM                FD T V FLAGS    REF  OFFSET PRO NAME\n${PID} postgres            cwd v d r-------   -       - -   /srv/pg\n${PID} postgres              4 v r rw------   1       0 -   /srv/pg/base/5/1259`,
  ),
);
program(
  'pfiles',
  open(
    `${PID}:\tpostgres\n  Current rlimit: 256 file descriptors\n   4: S_IFREG mode:0600\n      O_RDWR\n      /srv/pg/base/5/1259`,
  ),
);
program('ktrace', 'case "$*" in *-f*) ;; esac');

/** Prints the text, then waits as a tracer does. */
function tracer(name: string, text: string): void {
  const file = join(folder, `${name}.text`);
  writeFileSync(file, text);
  program(name, `cat '${file}'; exec sleep 60`);
}

interface Run {
  events: Event[];
  warnings: string[];
  log: string;
}

/** Traces until `count` calls were told. */
async function run(
  platform: NodeJS.Platform,
  count: number,
  more: Partial<ForeignOptions> = {},
): Promise<Run> {
  writeFileSync(join(folder, 'log'), '');
  const events: Event[] = [];
  const warnings: string[] = [];
  const stop = new AbortController();
  const emit = (batch: Event[]) => {
    events.push(...batch);
    if (events.filter(({ type }) => type === 'syscall').length >= count) stop.abort();
    return null;
  };
  const options = { pids: [PID], directory: undefined, via: 'auto', duration: 20, ...more };
  await attachForeign(
    SYSTEMS[platform]!,
    'pgtrace-attach',
    options,
    { emit, warn: (text) => warnings.push(text) },
    stop.signal,
  );
  return { events, warnings, log: readFileSync(join(folder, 'log'), 'utf8') };
}

const callsOf = (events: readonly Event[]) =>
  events.filter((event): event is SyscallEvent => event.type === 'syscall');

const TEXTS: readonly (readonly [
  NodeJS.Platform,
  tracer: string,
  text: string,
  source: string,
  files: boolean,
])[] = [
  ['darwin', 'dtruss', dtrussText(work), 'dtruss', true],
  ['freebsd', 'kdump', kdumpText(work, 'freebsd'), 'ktrace', true],
  ['openbsd', 'kdump', kdumpText(work, 'openbsd'), 'ktrace', false],
  ['netbsd', 'kdump', kdumpText(work, 'netbsd'), 'ktrace', false],
  ['sunos', 'truss', sunText(work), 'truss', true],
];

for (const [platform, name, text, source, files] of TEXTS) {
  test(`${platform}: what is open, then every call`, async () => {
    tracer(name, text);
    const { events, warnings, log } = await run(platform, work.length);
    const [trace, process] = events;
    assert.equal(trace?.type === 'trace' && trace.source, source);
    assert.ok(
      process?.type === 'process' && process.pid === PID && process.database === 'shop',
      JSON.stringify(process),
    );
    const fds = events.filter(({ type }) => type === 'fd');
    assert.deepEqual(
      fds.map((event) => event.type === 'fd' && [event.pid, event.fd, event.path]),
      files ? [[PID, 4, '/srv/pg/base/5/1259']] : [],
    );
    assert.equal(
      warnings.some((warning) => warning.includes('no names')),
      !files,
    );
    assert.deepEqual(
      events.filter(({ type }) => type === 'unparsed'),
      [],
    );
    assert.deepEqual(
      callsOf(events)
        .map(({ fd, ret }) => [fd, ret])
        .sort(),
      work.map(({ fd, ret }) => [fd, ret]).sort(),
    );
    assert.ok(log.includes(`-p ${PID}`), log);
    if (name === 'kdump') assert.match(log, new RegExp(`ktrace -c -p ${PID}`));
  });
}

test('a whole cluster: the postmaster and its children, in one file', async () => {
  tracer('kdump', kdumpText(work, 'freebsd'));
  const data = join(folder, 'data');
  mkdirSync(data);
  writeFileSync(join(data, 'postmaster.pid'), '24000\n/srv/pg\n');
  const { events, log } = await run('freebsd', work.length, { pids: [], directory: data });
  const processes = events.flatMap((event) =>
    event.type === 'process' && event.title !== undefined ? [event.pid] : [],
  );
  assert.deepEqual(processes, [24000, ...pids]);
  assert.match(log, /ktrace -i -t cns -f \S+ -p 24000\nktrace -i -t cns -a -f /);
});

test('a tracer that does not work, a process that is not there, a source of Linux', async () => {
  program(
    'dtruss',
    'echo "dtrace: failed to initialize dtrace: DTrace requires additional privileges" >&2; exit 1',
  );
  const failing = [
    run('darwin', 1),
    run('darwin', 1, { pids: [99999] }),
    run('darwin', 1, { via: 'strace' }),
  ];
  const [refused, missing, foreign] = await Promise.allSettled(failing);
  const messageOf = (result: PromiseSettledResult<Run> | undefined) =>
    result?.status === 'rejected' && result.reason instanceof Failure ? result.reason.message : '';
  assert.match(messageOf(refused), /dtruss.*additional privileges/);
  assert.match(messageOf(missing), /^no process 99999/);
  assert.match(messageOf(foreign), /^--via strace is of Linux/);
});
