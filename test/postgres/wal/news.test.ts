import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WalNews } from '../../../src/postgres/wal/news.js';

test('a change is news of its database, and the end of the transaction that made it again', () => {
  const news = new WalNews();
  news.add(5, 700);
  news.add(5, 700);
  news.add(6, 700);
  assert.deepEqual([news.of(0), news.of(5), news.of(6), news.total], [0, 2, 1, 3]);
  news.end(700);
  assert.deepEqual([news.of(5), news.of(6), news.total], [3, 2, 5]);
});

test('the end of a transaction that changed nothing is none, nor is a second end, nor that of nobody', () => {
  const news = new WalNews();
  news.add(5);
  news.add(5, 701);
  for (const xid of [701, 701, 700, 0]) news.end(xid);
  assert.deepEqual([news.of(5), news.total], [3, 3]);
});

test('what a crash has ended is over, across the wraparound of ids', () => {
  const news = new WalNews();
  news.add(5, 0xfffffff0);
  news.add(6, 10);
  news.settle(0);
  news.settle(5);
  assert.deepEqual([news.of(5), news.of(6)], [2, 1]);
  news.end(10);
  assert.equal(news.of(6), 2);
});
