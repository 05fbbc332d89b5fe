import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NameStore, nameLength } from '../../src/resolve/catalog-name.js';

const SIZE = 64;

function field(...bytes: number[]): DataView {
  const name = new Uint8Array(SIZE);
  name.set(bytes);
  return new DataView(name.buffer);
}

test('the length of a name, of every length and with any bytes', () => {
  for (let length = 1; length < SIZE; length++)
    for (const byte of [1, 0x7f, 0x80, 0x81, 0xff]) {
      const bytes = new Array<number>(length).fill(byte);
      assert.equal(nameLength(field(...bytes), 0), length);
      // Nothing may follow, wherever it is.
      for (let after = length + 1; after < SIZE; after++) {
        const view = field(...bytes);
        view.setUint8(after, byte);
        assert.equal(nameLength(view, 0), -1, `${length} bytes ${byte}, and one at ${after}`);
      }
    }
  assert.equal(nameLength(field(), 0), -1);
  assert.equal(nameLength(field(...new Array<number>(SIZE).fill(0x61)), 0), -1);
});

for (const room of [1, 100, 1_000_000])
  test(`names are kept as they were, with room for ${room}`, () => {
    const store = new NameStore(room);
    const names = Array.from({ length: 10_000 }, (_, index) => {
      const name = new TextEncoder().encode(`${index}_`.repeat(20).slice(0, 1 + (index % 63)));
      return { name, place: store.add(new DataView(name.buffer), 0, name.length) };
    });
    for (const { name, place } of names) assert.deepEqual(store.at(place, name.length), name);
  });
