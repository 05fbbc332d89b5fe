/** An archive that the kernel unpacks as its first file system: "newc" of Documentation/driver-api/early-userspace/buffer-format.rst. */

export interface Member {
  name: string;
  /** Type and permissions, as stat(2) has them. */
  mode: number;
  content: Buffer;
}

export const DIRECTORY = 0o040755;
export const EXECUTABLE = 0o100755;

export function cpio(members: readonly Member[]): Buffer {
  const end: Member = { name: 'TRAILER!!!', mode: 0, content: Buffer.alloc(0) };
  return Buffer.concat([...members, end].flatMap((member, index) => encode(member, index + 1)));
}

function encode({ name, mode, content }: Member, inode: number): Buffer[] {
  const links = 1;
  // Owner, group, time, and the numbers of two devices are 0, the check sum of this format too.
  const numbers = [inode, mode, 0, 0, links, 0, content.length, 0, 0, 0, 0, Buffer.byteLength(name) + 1, 0];
  const header = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}${name}\0`;
  return [padded(Buffer.from(header)), padded(content)];
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
