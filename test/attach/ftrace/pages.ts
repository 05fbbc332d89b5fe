/** Ring-buffer pages as a kernel would write them, and those that one did write. */
import { readdirSync, readFileSync } from 'node:fs';
import {
  type Format,
  parseFormat,
  parseHeaderEvent,
  parseHeaderPage,
} from '../../../src/attach/ftrace/format.js';
import { type Layouts, Pages } from '../../../src/attach/ftrace/page.js';

const FIXTURES = new URL('../../../../fixtures/ftrace/', import.meta.url);

export function fixture(path: string): Buffer {
  return readFileSync(new URL(path, FIXTURES));
}

export const LAYOUTS: Layouts = {
  page: parseHeaderPage(fixture('layout/header_page').toString()),
  entry: parseHeaderEvent(fixture('layout/header_event').toString()),
  origin: 0n,
};

/** Every format recorded, by the event's name. */
export const FORMATS: ReadonlyMap<string, Format> = new Map(
  readdirSync(new URL('layout', FIXTURES))
    .filter((file) => file.endsWith('.format'))
    .map((file) => parseFormat(fixture(`layout/${file}`).toString()))
    .map((format) => [format.name, format]),
);

/** A CPU's stream with these pages filled in. */
export function streamOf(bytes: Buffer, cpu = 0, layouts = LAYOUTS): Pages {
  const pages = new Pages(cpu, layouts);
  const at = pages.room(bytes.length / pages.pageSize);
  bytes.copy(pages.bytes, at);
  pages.filled(at + bytes.length);
  return pages;
}

/** The words of a data record whose header says its length, then one whose length is a word of its own. */
export const record = (delta: number, words: readonly number[]): number[] => [
  (delta << 5) | words.length,
  ...words,
];
export const longRecord = (delta: number, words: readonly number[]): number[] => [
  delta << 5,
  4 * words.length + 4,
  ...words,
];
export const timeExtend = (delta: number): number[] => [
  ((delta % 2 ** 27) * 2 ** 5 + 30) | 0,
  Math.floor(delta / 2 ** 27),
];
export const timeStamp = (time: number): number[] => [
  ((time % 2 ** 27) * 2 ** 5 + 31) | 0,
  Math.floor(time / 2 ** 27),
];
export const discarded = (delta: number, words: number): number[] => [
  (delta << 5) | 29,
  4 * words,
  ...Array(words - 1).fill(0),
];
export const restOfPage: readonly number[] = [29];

/** One page: little endian, as the fixtures' kernel. `missed` as in the flags of `commit`: -1 for no count. */
export function page(time: bigint, entries: readonly (readonly number[])[], missed = 0): Buffer {
  const bytes = Buffer.alloc(LAYOUTS.page.size);
  const words = entries.flat();
  bytes.writeBigUInt64LE(time, 0);
  words.forEach((word, i) => {
    bytes.writeInt32LE(word | 0, 16 + 4 * i);
  });
  const flags = missed === 0 ? 0n : missed < 0 ? 1n << 31n : 3n << 30n;
  bytes.writeBigUInt64LE(BigInt(4 * words.length) | flags, 8);
  if (missed > 0) bytes.writeBigUInt64LE(BigInt(missed), 16 + 4 * words.length);
  return bytes;
}
