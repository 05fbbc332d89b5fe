import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListedSizes } from '../../src/resolve/listed-sizes.js';

function listed(...lines: string[]): { sizes: ListedSizes; taken: boolean[] } {
  const bytes = new TextEncoder().encode(lines.join('\n'));
  const sizes = new ListedSizes(bytes);
  let at = 0;
  const taken = lines.map((line) => {
    const start = at;
    at += new TextEncoder().encode(line).length + 1;
    const end = sizes.add(start);
    if (end >= 0) assert.equal(end, at - 1, line);
    return end >= 0;
  });
  return { sizes, taken };
}

test('finds every one of many paths, and no other', () => {
  const all = Array.from({ length: 20_000 }, (_, index) => ({
    path: `base/${5 + (index % 3)}/${16384 + index}${['', '_fsm', '_vm', '.1'][index % 4]}`,
    size: index * 8192,
  }));
  const { sizes, taken } = listed(...all.map((line) => JSON.stringify(line)));
  assert.ok(taken.every((is) => is));
  for (const { path, size } of all) {
    assert.equal(sizes.size(path), size, path);
    assert.equal(sizes.size(`${path}0`), null);
    assert.equal(sizes.size(path.slice(0, 6)), null);
  }
});

test('takes what pgtrace-snapshot writes, and leaves all that JSON could mean otherwise', () => {
  for (const path of ['', 'a b', '~', 'base/5/1'])
    for (const size of [0, 1, 8192, 999_999_999_999_999]) {
      const { sizes, taken } = listed(JSON.stringify({ path, size }));
      assert.deepEqual([taken, sizes.size(path)], [[true], size]);
    }
  const others = [
    '{"path":"a","size":1e3}',
    '{"path":"a","size":01}',
    '{"path":"a","size":-1}',
    '{"path":"a","size":1.5}',
    '{"path":"a","size":}',
    '{"path":"a","size":9007199254740993}',
    '{"path":"a","size":1} ',
    '{"path":"a","size":1}}',
    '{"path":"a","size":1',
    '{"path":"a", "size":1}',
    '{"path":"a","size":1,"more":2}',
    '{"path":"a","link":"b"}',
    '{"path":"\\u0061","size":1}',
    '{"path":"\u00e4","size":1}',
    '{"path":"a\tb","size":1}',
    '{"path":"a',
    '{"home":"/"}',
    '{',
    '',
  ];
  const { sizes, taken } = listed(...others);
  assert.deepEqual(
    taken,
    others.map(() => false),
  );
  for (const path of ['a', '', 'b', '\u00e4', 'a","size":1}']) assert.equal(sizes.size(path), null, path);
});

test('a path asked for ends where it ends, and the later of two lines counts', () => {
  const { sizes } = listed('{"path":"a","size":1}', '{"path":"ab","size":2}', '{"path":"a","size":3}');
  assert.deepEqual([sizes.size('a'), sizes.size('ab'), sizes.size('abc')], [3, 2, null]);
  for (const path of ['a"', 'a","size":3}', 'a\n']) assert.equal(sizes.size(path), null);
});

test('has room for the shortest of lines, wherever in memory they begin', () => {
  const paths = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index));
  for (let count = 0; count <= paths.length; count++)
    for (let offset = 0; offset < 8; offset++) {
      const lines = paths.slice(0, count).map((path, size) => JSON.stringify({ path, size: size % 10 }));
      const bytes = new TextEncoder().encode(' '.repeat(offset) + lines.join('\n')).subarray(offset);
      const sizes = new ListedSizes(bytes);
      for (let at = 0; at < bytes.length; ) at = sizes.add(at) + 1;
      assert.deepEqual(
        paths.map((path) => sizes.size(path)),
        paths.map((_, size) => (size < count ? size % 10 : null)),
      );
    }
});
