import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Conversation } from '../../../src/attach/protocol/conversation.js';
import { Random } from '../../random.js';
import * as say from './bytes.js';

type Turn = [who: 'client' | 'server', ...messages: Buffer[]];

/** What is reported of turns, one a second: `SECOND STATE TEXT`, `?` for a text that is not known, `…` for a cut one. */
function reports(turns: readonly Turn[], conversation = new Conversation(64)): string[] {
  return turns.flatMap(([who, ...messages], second) => {
    const data = Buffer.concat(messages);
    const told =
      who === 'server'
        ? conversation.sent(second, data, data.length)
        : conversation.received(second - 0.5, second, data, data.length, 8192);
    return told.map(({ ts, state, text, cut }) =>
      [ts, state, ...(text === null ? (cut ? ['?'] : []) : [`${text}${cut ? '…' : ''}`])].join(' '),
    );
  });
}

const { query, parse, bind, execute, describe, close, sync, flush, ready, complete } = say;
const { parsed, boundTo, closed, row, failed, copyIn, copyData, copyDone } = say;

const CASES: Record<string, { turns: Turn[]; told: string[] }> = {
  'a query': {
    turns: [
      ['client', query('SELECT 1')],
      ['server', row('1'), complete('SELECT 1'), ready('I')],
    ],
    told: ['0 running SELECT 1', '1 idle'],
  },
  'the states of a transaction': {
    turns: [
      ['client', query('BEGIN')],
      ['server', complete('BEGIN'), ready('T')],
      ['client', query('SELECT 1/0')],
      ['server', failed(), ready('E')],
      ['client', query('ROLLBACK')],
      ['server', complete('ROLLBACK'), ready('I')],
    ],
    told: [
      '0 running BEGIN',
      '1 idle in transaction',
      '2 running SELECT 1/0',
      '3 idle in transaction (aborted)',
      '4 running ROLLBACK',
      '5 idle',
    ],
  },
  'a result that takes several calls': {
    turns: [
      ['client', query('SELECT 1')],
      ['server', row('a'.repeat(100)).subarray(0, 50)],
      ['server', row('a'.repeat(100)).subarray(50), row('Z\0\0\0\x05I')],
      ['server', complete('SELECT 2'), ready('I')],
    ],
    told: ['0 running SELECT 1', '3 idle'],
  },
  'the extended protocol': {
    turns: [
      ['client', parse('', 'SELECT $1'), bind('', ''), describe(''), execute(''), sync()],
      ['server', parsed(), boundTo(), row('1'), complete('SELECT 1'), ready('I')],
    ],
    told: ['0 running SELECT $1', '1 running SELECT $1', '1 running SELECT $1', '1 idle'],
  },
  'a prepared statement': {
    turns: [
      ['client', parse('s', 'SELECT $1'), describe('s'), sync()],
      ['server', parsed(), ready('I')],
      ['client', bind('', 's'), execute(''), sync()],
      ['server', boundTo(), complete('SELECT 1'), ready('I')],
      ['client', close('s'), sync()],
      ['server', closed(), ready('I')],
      ['client', bind('', 's'), execute(''), sync()],
    ],
    told: [
      '0 running SELECT $1',
      '1 idle',
      '2 running SELECT $1',
      '3 running SELECT $1',
      '3 idle',
      '5 idle',
      '6 running ?',
    ],
  },
  'a statement that was not prepared, for it failed': {
    turns: [
      ['client', parse('s', 'SELECT 1'), sync()],
      ['server', parsed(), ready('I')],
      ['client', parse('s', 'SELECT 2'), bind('', 's'), execute(''), sync()],
      ['server', failed(), ready('I')],
      ['client', bind('', 's'), execute(''), sync()],
    ],
    told: ['0 running SELECT 1', '1 idle', '2 running SELECT 2', '3 idle', '4 running SELECT 1'],
  },
  'a pipeline: what is behind the first is seen when its answers are sent': {
    turns: [
      [
        'client',
        parse('', 'SELECT 1'),
        bind('', ''),
        execute(''),
        parse('', 'SELECT 2'),
        bind('', ''),
        execute(''),
        sync(),
      ],
      [
        'server',
        parsed(),
        boundTo(),
        complete('SELECT 1'),
        parsed(),
        boundTo(),
        complete('SELECT 1'),
        ready('I'),
      ],
    ],
    told: [
      '0 running SELECT 1',
      '1 running SELECT 1',
      '1 running SELECT 1',
      '1 running SELECT 2',
      '1 running SELECT 2',
      '1 running SELECT 2',
      '1 idle',
    ],
  },
  'a pipeline with a Sync each': {
    turns: [
      ['client', query('SELECT 1'), query('SELECT 2')],
      ['server', complete('SELECT 1'), ready('I')],
      ['server', complete('SELECT 1'), ready('I')],
    ],
    told: ['0 running SELECT 1', '1 idle', '1 running SELECT 2', '2 idle'],
  },
  'what follows an error up to Sync is passed over': {
    turns: [
      ['client', parse('', 'SELECT 1'), flush()],
      ['server', failed()],
      ['client', parse('', 'SELECT 2'), bind('', ''), execute('')],
      ['client', sync()],
      ['server', ready('E')],
      ['client', query('SELECT 3')],
    ],
    told: ['0 running SELECT 1', '4 idle in transaction (aborted)', '5 running SELECT 3'],
  },
  'Execute in parts': {
    turns: [
      ['client', parse('', 'SELECT 1'), bind('c', ''), execute('c'), flush()],
      ['server', parsed(), boundTo(), row('1'), say.suspended()],
      ['client', execute('c'), sync()],
      ['server', complete('SELECT 1'), ready('I')],
    ],
    told: ['0 running SELECT 1', '1 running SELECT 1', '1 running SELECT 1', '2 running SELECT 1', '3 idle'],
  },
  'COPY, and the Sync that it passes over': {
    turns: [
      ['client', parse('', 'COPY t FROM STDIN'), bind('', ''), execute(''), sync()],
      ['server', parsed(), boundTo(), copyIn()],
      ['client', copyData('Q\0\0\0\x09SELECT'), copyData('1')],
      ['client', copyData('2'), copyDone(), sync()],
      ['server', complete('COPY 3'), ready('I')],
      ['client', bind('', ''), execute(''), sync()],
    ],
    told: [
      '0 running COPY t FROM STDIN',
      '1 running COPY t FROM STDIN',
      '1 running COPY t FROM STDIN',
      '4 idle',
      '5 running COPY t FROM STDIN',
    ],
  },
  'a function call': {
    turns: [
      ['client', say.call()],
      ['server', say.returned(), ready('I')],
    ],
    told: ['0 fastpath', '1 idle'],
  },
  'a beginning, with its password': {
    turns: [
      ['client', say.opening(80877103)],
      ['server', Buffer.from('N')],
      ['client', say.opening(196608, 'user\0postgres\0\0')],
      ['server', say.authentication()],
      ['client', say.password('SELECT secret')],
      ['server', say.authentication(), ready('I')],
      ['client', query('SELECT 1')],
    ],
    told: ['5 idle', '6 running SELECT 1'],
  },
  'one that begins in the middle of an answer': {
    turns: [
      ['server', Buffer.from('\0\0\x05I…')],
      ['server', Buffer.from('and the rest'), ready('T')],
      ['client', query('SELECT 1')],
      ['server', complete('SELECT 1'), ready('T')],
    ],
    told: ['1 idle in transaction', '2 running SELECT 1', '3 idle in transaction'],
  },
  'one that begins in the middle of a message': {
    turns: [
      ['client', Buffer.from('Query of text, which is none')],
      ['client', Buffer.from('D\0\0')],
      ['client', query('SELECT 1')],
    ],
    told: ['2 running SELECT 1'],
  },
  'a statement prepared before': {
    turns: [
      ['client', bind('', 'old'), execute(''), sync()],
      ['server', boundTo(), complete('SELECT 1'), ready('I')],
    ],
    told: ['0 running ?', '1 running ?', '1 idle'],
  },
  'a long text': {
    turns: [['client', query(`SELECT '${'é'.repeat(40)}'`)]],
    told: [`0 running SELECT '${'é'.repeat(28)}…`],
  },
  'answers of another server, whose client this one is': {
    turns: [
      ['server', query('SELECT 1')],
      ['client', complete('SELECT 1'), ready('I')],
      ['server', query('SELECT 2')],
    ],
    told: [],
  },
};

test('encryption of another server’s answers is not the client’s', () => {
  const conversation = new Conversation(64);
  const turns: Turn[] = [
    ['server', say.opening(80877103)],
    ['client', Buffer.from('S')],
    ['server', Buffer.from([0x16, 3, 1, 2, 0, 1])],
    ['client', Buffer.from([0x16, 3, 3, 2, 0, 2])],
  ];
  assert.deepEqual(reports(turns, conversation), []);
  assert.equal(conversation.encrypted, null);
});

for (const [name, { turns, told }] of Object.entries(CASES))
  test(name, () => {
    const conversation = new Conversation(64);
    assert.deepEqual(reports(turns, conversation), told);
    assert.equal(conversation.misread, 0);
  });

test('the client’s messages arrive in any pieces', () => {
  const data = Buffer.concat([
    parse('s', 'SELECT $1'),
    bind('', 's', 'x'.repeat(300)),
    execute(''),
    sync(),
    query('SELECT 2'),
  ]);
  for (let size = 5; size < data.length; size++) {
    const turns: Turn[] = [];
    for (let at = 0; at < data.length; at += size) turns.push(['client', data.subarray(at, at + size)]);
    turns.push(['server', parsed(), boundTo(), complete('SELECT 1'), ready('I')]);
    const texts = reports(turns)
      .map((told) => told.replace(/^\d+(?:\.5)? /, ''))
      .filter((text) => text.startsWith('running'));
    const distinct = texts.filter((text, i) => text !== texts[i - 1]);
    assert.deepEqual(distinct, ['running SELECT $1', 'running SELECT 2'], `in pieces of ${size}`);
  }
});

test('data that the trace shows in part', () => {
  const conversation = new Conversation(64);
  const sql = `SELECT '${'x'.repeat(500)}'`;
  const data = query(sql);
  const [first] = conversation.received(0, 1, data.subarray(0, 30), data.length, 8192);
  assert.deepEqual(first, { ts: 1, state: 'running', text: sql.slice(0, 25), cut: true });
  // Its answer was longer than what is shown: what comes next cannot be told from what came before.
  assert.deepEqual(conversation.sent(2, row('1').subarray(0, 3), 9000), []);
  assert.deepEqual(
    conversation.sent(3, ready('I'), 6).map(({ state }) => state),
    ['idle'],
  );
});

for (const [name, by, turns] of [
  [
    'TLS that is asked for',
    'TLS',
    [
      ['client', say.opening(80877103)],
      ['server', Buffer.from('S')],
    ],
  ],
  [
    'GSSAPI that is asked for',
    'GSSAPI',
    [
      ['client', say.opening(80877104)],
      ['server', Buffer.from('G')],
    ],
  ],
  ['TLS from the first byte', 'TLS', [['client', Buffer.from([0x16, 3, 1, 2, 0, 1])]]],
  ['TLS under way', 'TLS', [['client', Buffer.from([0x17, 3, 3, 0, 40])]]],
] as const)
  test(`${name} is noticed`, () => {
    const conversation = new Conversation(64);
    assert.deepEqual(reports(turns as unknown as Turn[], conversation), []);
    assert.equal(conversation.encrypted, by);
    assert.deepEqual(reports([['client', query('SELECT 1')]], conversation), []);
  });

test('GSSAPI under way is noticed', () => {
  const conversation = new Conversation(64);
  conversation.received(0, 1, Buffer.from([0, 0, 0, 90]), 4, 4);
  assert.equal(conversation.encrypted, 'GSSAPI');
});

test('what is no message any more is counted, and the next is found', () => {
  const conversation = new Conversation(64);
  assert.deepEqual(
    reports(
      [
        ['client', query('SELECT 1')],
        ['client', Buffer.from('nonsense')],
        ['client', query('SELECT 2')],
      ],
      conversation,
    ),
    ['0 running SELECT 1', '2 running SELECT 2'],
  );
  assert.equal(conversation.misread, 1);
});

test('after a loss nothing is taken for the rest of what came before', () => {
  const conversation = new Conversation(64);
  const data = query('SELECT 1, 2, 3');
  conversation.received(0, 1, data.subarray(0, 12), 12, 8192);
  conversation.lost();
  assert.deepEqual(reports([['client', query('SELECT 4')]], conversation), ['0 running SELECT 4']);
});

test('whatever is said, in whatever order and cut anywhere, the next query of an idle server is seen', () => {
  const random = new Random(7);
  const client = [
    ...[query('SELECT 1'), parse('s', 'SELECT $1'), bind('', 's'), execute(''), close('s'), sync(), flush()],
    ...[copyData('x'), copyDone(), say.call(), say.terminate(), say.opening(196608), Buffer.from('nonsense')],
  ];
  const server = [
    ...[parsed(), boundTo(), closed(), row('1'), complete('SELECT 1'), failed(), copyIn(), say.suspended()],
    ...[ready('I'), ready('T'), Buffer.from('nonsense')],
  ];
  for (let round = 0; round < 500; round++) {
    const conversation = new Conversation(64);
    for (let turn = 0; turn < 40; turn++) {
      const said = random.below(2) === 0 ? client : server;
      const data = Buffer.concat([random.pick(said), random.pick(said)]);
      const seen = data.subarray(0, random.below(4) === 0 ? random.below(data.length + 1) : data.length);
      if (said === client) conversation.received(turn, turn, seen, data.length, 8192);
      else conversation.sent(turn, seen, data.length);
    }
    conversation.lost();
    assert.deepEqual(
      conversation
        .received(50, 51, query('SELECT 2'), query('SELECT 2').length, 8192)
        .map(({ text }) => text),
      ['SELECT 2'],
    );
  }
});
