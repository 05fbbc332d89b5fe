/** A system's own variants of a call, as the call that they are a variant of. */

const SAME: Readonly<Record<string, string>> = {
  // illumos: the 64-bit variants of 32-bit programs, and what has a sub-code.
  open64: 'open',
  openat64: 'openat',
  creat64: 'creat',
  llseek: 'lseek',
  forkx: 'fork',
  fork1: 'fork',
  vforkx: 'vfork',
  forkall: 'fork',
  getdents: 'getdents',
  // FreeBSD: the process descriptor of its child is no matter here.
  pdfork: 'fork',
  _exit: 'exit',
};

/** `read_nocancel` (macOS), `freebsd11_fstat` (FreeBSD), `__fstat50` (NetBSD), `sys_pread` and `_read` of ABIs. */
const VARIANT = /^(?:freebsd\d+_|compat_\d+_|__|sys_)?([a-z]\w*?)(?:_nocancel|(?<=^__\w+)\d\d)?$/;

export function plainName(name: string): string {
  const plain = VARIANT.exec(name)?.[1] ?? name;
  return SAME[plain] ?? plain;
}
