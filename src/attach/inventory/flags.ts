/** Flags of open(2) as the kernel holds them in fdinfo: include/uapi/asm-generic/fcntl.h and its kin. */

type Flag = readonly [name: string, bits: number];

/** The same everywhere that PostgreSQL runs on Linux, MIPS, Alpha, SPARC and PA-RISC excepted. */
const COMMON: readonly Flag[] = [
  ['O_CREAT', 0o100],
  ['O_EXCL', 0o200],
  ['O_NOCTTY', 0o400],
  ['O_TRUNC', 0o1000],
  ['O_APPEND', 0o2000],
  ['O_NONBLOCK', 0o4000],
  // O_SYNC holds O_DSYNC's bit, so it comes first.
  ['O_SYNC', 0o4010000],
  ['O_DSYNC', 0o10000],
  ['O_ASYNC', 0o20000],
  ['O_NOATIME', 0o1000000],
  ['O_CLOEXEC', 0o2000000],
  ['O_PATH', 0o10000000],
];
const GENERIC: readonly Flag[] = [
  ['O_DIRECT', 0o40000],
  ['O_LARGEFILE', 0o100000],
  ['O_TMPFILE', 0o20200000],
  ['O_DIRECTORY', 0o200000],
  ['O_NOFOLLOW', 0o400000],
];
/** arch/arm64 and arch/powerpc include/uapi/asm/fcntl.h swap these. */
const SWAPPED: readonly Flag[] = [
  ['O_TMPFILE', 0o20040000],
  ['O_DIRECTORY', 0o40000],
  ['O_NOFOLLOW', 0o100000],
  ['O_DIRECT', 0o200000],
  ['O_LARGEFILE', 0o400000],
];
const ACCESS = ['O_RDONLY', 'O_WRONLY', 'O_RDWR'];

/** `O_RDWR|O_CLOEXEC`, in strace's words; bits without a name as a hexadecimal rest. */
export function openFlags(flags: number, arch: string): string {
  const access = flags & 3;
  const words = [ACCESS[access] ?? '0x3'];
  let rest = flags & ~3;
  const own = arch === 'arm64' || arch === 'arm' || arch === 'ppc64' ? SWAPPED : GENERIC;
  for (const [name, bits] of [...COMMON, ...own]) {
    if ((rest & bits) !== bits) continue;
    words.push(name);
    rest &= ~bits;
  }
  if (rest !== 0) words.push(`0x${rest.toString(16)}`);
  return words.join('|');
}
