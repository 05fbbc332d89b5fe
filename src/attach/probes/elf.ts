/**
 * Where the functions of an executable are in its file: a small reader of 64-bit little-endian ELF files (the
 * System V ABI's chapters 4 and 5, include/uapi/linux/elf.h). Nothing in a file is trusted: every length is
 * checked against a bound before it is used, and what is wrong is an absent symbol.
 */

/** Reads at a place of the file; shorter at its end. */
export type ReadAt = (position: number, length: number) => Buffer;

export interface Executable {
  /** In hexadecimal; null where the file has none. */
  buildId: string | null;
  /** Those that were asked for and found. */
  functions: ReadonlyMap<string, CodeOf>;
}

export interface CodeOf {
  /** In the file, in bytes. */
  offset: number;
  /** Its first bytes. */
  code: Buffer;
}

interface Section {
  type: number;
  offset: number;
  size: number;
  link: number;
}

interface Segment {
  offset: number;
  address: number;
  fileSize: number;
}

const HEADER = 64;
const SECTION = 64;
const SEGMENT = 56;
const SYMBOL = 24;

const SHT_SYMTAB = 2;
const SHT_STRTAB = 3;
const SHT_NOTE = 7;
const SHT_DYNSYM = 11;
const PT_LOAD = 1;
const PF_X = 1;
const STT_FUNC = 2;
const NT_GNU_BUILD_ID = 3;

/** A server has some 20,000 functions; one with debug symbols has tables of some megabytes. */
const MOST_TABLE = 64 << 20;
const MOST_NOTE = 1 << 16;
const CODE = 64;

/** Null where it is no ELF file of that kind. */
export function readExecutable(read: ReadAt, wanted: ReadonlySet<string>): Executable | null {
  const header = read(0, HEADER);
  if (header.length < HEADER || header.readUInt32BE(0) !== 0x7f454c46) return null;
  // EI_CLASS: 64 bits; EI_DATA: little-endian.
  if (header[4] !== 2 || header[5] !== 1) return null;
  const segments = readSegments(read, header);
  const sections = readSections(read, header);
  const functions = new Map<string, CodeOf>();
  for (const type of [SHT_DYNSYM, SHT_SYMTAB])
    for (const section of sections)
      if (section.type === type) collect(read, section, sections[section.link], segments, wanted, functions);
  return { buildId: findBuildId(read, sections), functions };
}

/** A 64-bit place or size as a number; infinite where it is none of any file. */
function long(bytes: Buffer, at: number): number {
  const high = bytes.readUInt32LE(at + 4);
  return high >= 1 << 20 ? Number.POSITIVE_INFINITY : high * 2 ** 32 + bytes.readUInt32LE(at);
}

function table(read: ReadAt, offset: number, size: number, count: number): Buffer[] {
  if (!Number.isFinite(offset)) return [];
  const bytes = read(offset, size * count);
  const rows: Buffer[] = [];
  for (let at = 0; at + size <= bytes.length; at += size) rows.push(bytes.subarray(at, at + size));
  return rows;
}

/** Those that are mapped as code. */
function readSegments(read: ReadAt, header: Buffer): Segment[] {
  if (header.readUInt16LE(54) !== SEGMENT) return [];
  return table(read, long(header, 32), SEGMENT, header.readUInt16LE(56))
    .filter((row) => row.readUInt32LE(0) === PT_LOAD && (row.readUInt32LE(4) & PF_X) !== 0)
    .map((row) => ({ offset: long(row, 8), address: long(row, 16), fileSize: long(row, 32) }));
}

function readSections(read: ReadAt, header: Buffer): Section[] {
  if (header.readUInt16LE(58) !== SECTION) return [];
  return table(read, long(header, 40), SECTION, header.readUInt16LE(60)).map((row) => ({
    type: row.readUInt32LE(4),
    offset: long(row, 24),
    size: long(row, 32),
    link: row.readUInt32LE(40),
  }));
}

function content(read: ReadAt, { offset, size }: Section, most: number): Buffer {
  return Number.isFinite(offset) && size <= most ? read(offset, size) : Buffer.alloc(0);
}

function collect(
  read: ReadAt,
  symbols: Section,
  strings: Section | undefined,
  segments: readonly Segment[],
  wanted: ReadonlySet<string>,
  into: Map<string, CodeOf>,
): void {
  if (strings?.type !== SHT_STRTAB) return;
  const names = content(read, strings, MOST_TABLE);
  const rows = content(read, symbols, MOST_TABLE);
  const lengths = new Set([...wanted].map((name) => name.length));
  const longest = Math.max(0, ...lengths);
  for (let at = 0; at + SYMBOL <= rows.length; at += SYMBOL) {
    // st_info's low half is the type; an st_shndx of 0 is a function of another file.
    if ((rows[at + 4]! & 15) !== STT_FUNC || rows.readUInt16LE(at + 6) === 0) continue;
    const start = rows.readUInt32LE(at);
    const end = names.subarray(0, start + longest + 1).indexOf(0, start);
    if (end === -1 || !lengths.has(end - start)) continue;
    const name = names.toString('latin1', start, end);
    if (!wanted.has(name) || into.has(name)) continue;
    const offset = fileOffset(segments, long(rows, at + 8));
    if (offset !== null) into.set(name, { offset, code: read(offset, CODE) });
  }
}

function fileOffset(segments: readonly Segment[], address: number): number | null {
  const segment = segments.find((one) => address >= one.address && address < one.address + one.fileSize);
  const offset = segment === undefined ? Number.NaN : address - segment.address + segment.offset;
  return Number.isFinite(offset) ? offset : null;
}

function findBuildId(read: ReadAt, sections: readonly Section[]): string | null {
  for (const section of sections) {
    if (section.type !== SHT_NOTE) continue;
    const notes = content(read, section, MOST_NOTE);
    for (let at = 0; at + 12 <= notes.length; ) {
      const name = at + 12;
      const description = name + pad(notes.readUInt32LE(at));
      const end = description + notes.readUInt32LE(at + 4);
      if (
        notes.readUInt32LE(at + 8) === NT_GNU_BUILD_ID &&
        notes.toString('latin1', name, name + 4) === 'GNU\0'
      )
        return end <= notes.length ? notes.toString('hex', description, end) : null;
      at = pad(end);
    }
  }
  return null;
}

function pad(length: number): number {
  return Math.ceil(length / 4) * 4;
}
