/** A small ELF file: two functions at 0x1000 and 0x1010, one imported, a variable, a build-id. */
export function makeElf(base: number): Buffer {
  const names = '\0first\0second\0imported\0variable\0';
  const bytes = Buffer.alloc(0x1020 + 5 * 64);
  bytes.writeUInt32BE(0x7f454c46, 0);
  bytes[4] = 2;
  bytes[5] = 1;
  bytes.writeUInt32LE(64, 32);
  bytes.writeUInt32LE(0x1020, 40);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(2, 56);
  bytes.writeUInt16LE(64, 58);
  bytes.writeUInt16LE(5, 60);
  // Data before the code, as linkers lay them out.
  putSegment(bytes, 64, { flags: 4, offset: 0, address: base, size: 0x300 });
  putSegment(bytes, 64 + 56, { flags: 5, offset: 0x1000, address: base + 0x2000, size: 0x20 });
  const symbol = (index: number, name: string, info: number, section: number, value: number) => {
    const at = 0x200 + index * 24;
    bytes.writeUInt32LE(names.indexOf(`\0${name}\0`) + 1, at);
    bytes[at + 4] = info;
    bytes.writeUInt16LE(section, at + 6);
    bytes.writeUInt32LE(value, at + 8);
  };
  symbol(1, 'first', 0x12, 1, base + 0x2000);
  symbol(2, 'imported', 0x12, 0, 0);
  symbol(3, 'variable', 0x11, 1, base + 0x2004);
  symbol(4, 'second', 0x02, 1, base + 0x2010);
  bytes.write(names, 0x100, 'latin1');
  bytes.writeUInt32LE(4, 0x180);
  bytes.writeUInt32LE(4, 0x184);
  bytes.writeUInt32LE(3, 0x188);
  bytes.write('GNU\0', 0x18c, 'latin1');
  bytes.writeUInt32BE(0xc0ffee00, 0x190);
  bytes[0x1000] = 0x55;
  bytes[0x1010] = 0xc3;
  putSection(bytes, 1, { type: 11, offset: 0x200, size: 5 * 24, link: 2 });
  putSection(bytes, 2, { type: 3, offset: 0x100, size: names.length, link: 0 });
  putSection(bytes, 3, { type: 7, offset: 0x180, size: 20, link: 0 });
  putSection(bytes, 4, { type: 2, offset: 0x200, size: 5 * 24, link: 2 });
  return bytes;
}

function putSegment(
  bytes: Buffer,
  at: number,
  { flags, offset, address, size }: Record<'flags' | 'offset' | 'address' | 'size', number>,
): void {
  bytes.writeUInt32LE(1, at);
  bytes.writeUInt32LE(flags, at + 4);
  bytes.writeUInt32LE(offset, at + 8);
  bytes.writeUInt32LE(address, at + 16);
  bytes.writeUInt32LE(size, at + 32);
}

function putSection(
  bytes: Buffer,
  index: number,
  { type, offset, size, link }: Record<'type' | 'offset' | 'size' | 'link', number>,
): void {
  const at = 0x1020 + index * 64;
  bytes.writeUInt32LE(type, at + 4);
  bytes.writeUInt32LE(offset, at + 24);
  bytes.writeUInt32LE(size, at + 32);
  bytes.writeUInt32LE(link, at + 40);
}
