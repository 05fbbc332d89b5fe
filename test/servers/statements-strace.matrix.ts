/** --via strace --statements on every version: what the server's own log says was executed is seen in the protocol. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, chownSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Framing } from '../../src/attach/protocol/framing.js';
import { BACKEND } from '../../src/attach/protocol/messages.js';
import * as say from '../attach/protocol/bytes.js';
import { impossible, tracing } from '../live/tracing.js';
import type { Server } from './server.js';
import { compareToLog } from './statement-log.js';
import { assertStates, pidOf, queryAsDriver, readByStatement, startLogging } from './statement-scenarios.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();
const noStrace = impossible('strace') ?? false;

const noOpenssl =
  noStrace || (spawnSync('openssl', ['version']).error === undefined ? false : 'openssl is not installed');
const PSQL = '/usr/lib/postgresql/15/bin/psql';
const noPsql =
  noStrace || (spawnSync(PSQL, ['--version']).error === undefined ? false : 'psql is not installed');
/** No other server's: encryption is for TCP alone. */
const HOST = `127.${(process.pid >> 16) & 255}.${(process.pid >> 8) & 255}.${process.pid & 255}`;

let server: Server | undefined;

before(async () => {
  if (noStrace !== false) return;
  server = await startLogging(version, { listen_addresses: HOST });
});

after(async () => {
  await server?.remove();
});

test('a driver’s statements: simple, with parameters, prepared, long', { skip: noStrace }, async () => {
  const client = await server!.connect();
  const pid = await pidOf(client);
  await compareToLog(
    server!,
    ['--via', 'strace', '-p', String(pid)],
    async () => {
      await client.query('SELECT length($1::text)', ['x'.repeat(50_000)]);
      await client.query(`SELECT ${"'long', ".repeat(300)} 1`);
      // Answers of many calls, and of one message that is longer than the server's buffer.
      await client.query('SELECT generate_series(1, 20000)');
      await client.query("SELECT repeat('Z', 100000)");
      await queryAsDriver(client);
    },
    { least: 12, tolerance: 0.3 },
  );
  await client.end();
});

test('psql’s statements, and what it copies', { skip: noPsql }, async () => {
  const psql = spawn(PSQL, ['-X', '-q', '-A', '-t', '-h', server!.socketDir, '-U', 'postgres', 'postgres']);
  let output = '';
  psql.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const said = async (wanted: RegExp) => {
    for (;;) {
      const found = wanted.exec(output);
      if (found !== null) return found[1]!;
      await once(psql.stdout, 'data');
    }
  };
  psql.stdin.write("SELECT 'pid ' || pg_backend_pid() || '.';\n");
  const pid = await said(/pid (\d+)\./);
  await compareToLog(
    server!,
    ['--via', 'strace', '-p', pid],
    async () => {
      psql.stdin.write(
        'SELECT 1;\nCREATE TABLE p (i int);\n\\copy p FROM STDIN\n1\n2\n\\.\nSELECT count(*)\nFROM p;\n' +
          'COPY p TO STDOUT;\nBEGIN;\nSELECT 1/0;\nROLLBACK;\nDROP TABLE p;\n\\echo (done)\n',
      );
      await said(/\((done)\)/);
    },
    { least: 8, tolerance: 0.3 },
  );
  psql.stdin.end('\\q\n');
  await once(psql, 'close');
});

/** A client that says what it is given, byte for byte. */
async function open(): Promise<{ socket: Socket; idle(times?: number): Promise<void> }> {
  const socket = connect(join(server!.socketDir, `.s.PGSQL.${server!.port}`));
  await once(socket, 'connect');
  const answers = new Framing(BACKEND, 0);
  answers.align();
  let ready = 0;
  socket.on('data', (data) => {
    ready += answers.read(data).filter(({ type }) => type === 'Z').length;
    socket.emit('ready');
  });
  const idle = async (times = 1) => {
    while (ready < times) await once(socket, 'ready');
    ready -= times;
  };
  socket.write(say.opening(196608, 'user\0postgres\0database\0postgres\0\0'));
  await idle();
  return { socket, idle };
}

test('pipelines, pieces, COPY, an error in between', { skip: noStrace }, async () => {
  const other = await server!.connect();
  await other.query('DROP TABLE IF EXISTS copied');
  await other.query('CREATE TABLE copied (t text)');
  const { socket, idle } = await open();
  const { rows } = await other.query(
    "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
  );
  await compareToLog(
    server!,
    ['--via', 'strace', '-p', String(rows[0].pid)],
    async () => {
      const { parse, bind, execute, sync, query } = say;
      socket.write(Buffer.concat([parse('a', 'SELECT 1'), bind('', 'a'), execute(''), sync()]));
      await idle();
      const steps = (sql: string) => [parse('', sql), bind('', ''), execute('')];
      socket.write(Buffer.concat([...steps('SELECT 2'), ...steps('SELECT 3'), sync()]));
      await idle();
      const whole = Buffer.concat([...steps('SELECT 4'), sync()]);
      for (const piece of [whole.subarray(0, 7), whole.subarray(7, 20), whole.subarray(20)]) {
        socket.write(piece);
        await sleep(20);
      }
      await idle();
      socket.write(Buffer.concat([...steps('SELECT wrong'), ...steps('SELECT 5'), sync()]));
      await idle();
      socket.write(query('COPY copied FROM STDIN'));
      for (let i = 0; i < 20; i++)
        socket.write(
          say.copyData(`Q${'x'.repeat(999)}
`),
        );
      socket.write(Buffer.concat([say.copyDone(), query('SELECT 6')]));
      await idle(2);
      socket.write(Buffer.concat([bind('', 'a'), execute(''), sync()]));
      await idle();
    },
    { least: 7, tolerance: 0.3 },
  );
  socket.end();
  await other.end();
});

test('a whole cluster: connections that come while it is traced, from their first statement on', {
  skip: noStrace,
}, async () => {
  await compareToLog(
    server!,
    ['--via', 'strace', '-D', server!.dataDir],
    async () => {
      const bursts = Array.from({ length: 3 }, async (_, burst) => {
        for (let n = 0; n < 5; n++) {
          const client = await server!.connect();
          await client.query(`SELECT ${burst}, ${n}`);
          await client.end();
        }
      });
      await Promise.all(bursts);
    },
    { least: 15, tolerance: 0.3 },
  );
});

test('states, redacted texts, and nothing of the data beside', { skip: noStrace }, () =>
  assertStates(server!, 'strace'),
);

test('what a statement reads is what it says it read', { skip: noStrace }, async () => {
  const client = await server!.connect();
  const args = ['--via', 'strace', '-p', String(await pidOf(client))];
  const { calls, caused } = await readByStatement(server!, client, args, () =>
    client.query('SELECT count(*) FROM big'),
  );
  await client.end();
  assert.ok(caused.length > 0 && caused.length < calls.length);
});

test('a connection that is encrypted is told, once', { skip: noOpenssl }, async () => {
  const { dataDir, port, account } = server!;
  const [key, certificate] = ['server.key', 'server.crt'].map((file) => join(dataDir, file)) as [
    string,
    string,
  ];
  const made = spawnSync(
    'openssl',
    ['req', '-new', '-x509', '-nodes', '-subj', '/CN=test', '-keyout', key, '-out', certificate],
    { encoding: 'utf8' },
  );
  assert.equal(made.status, 0, made.stderr);
  chmodSync(key, 0o600);
  if (account !== null) for (const file of [key, certificate]) chownSync(file, account.uid, account.gid);
  appendFileSync(join(dataDir, 'pg_hba.conf'), 'host all all 127.0.0.0/8 trust\n');
  const control = await server!.connect();
  await control.query('ALTER SYSTEM SET ssl = on');
  await control.query('SELECT pg_reload_conf()');
  while ((await control.query('SHOW ssl')).rows[0].ssl !== 'on') await sleep(20);
  await control.end();
  const login = { host: HOST, port, user: 'postgres', database: 'postgres' };
  const client = new pg.Client({ ...login, ssl: { rejectUnauthorized: false } });
  await client.connect();
  const pid = await pidOf(client);
  const { events, stderr } = await tracing(
    ['--via', 'strace', '--statements', '-p', String(pid)],
    async () => {
      await client.query("SELECT 'not seen'");
      await client.query("SELECT 'not seen'");
    },
  );
  await client.end();
  assert.equal(stderr.match(/no statements of a connection that is encrypted by TLS/g)?.length, 1, stderr);
  assert.ok(events.some((event) => event.type === 'syscall' && event.call === 'recvfrom'));
  assert.ok(!events.some((event) => event.type === 'statement'));
});
