/**
 * Where in a function a breakpoint costs least. The kernel steps over a probed instruction with a second trap,
 * but emulates a few kinds (arch/x86/kernel/uprobes.c: push_setup_xol_ops, branch_setup_xol_ops): 1.2 µs against
 * 14 µs in a virtual machine. So where a function does not begin with a push, its first call is looked for, past
 * instructions of known form and nothing else: a breakpoint must be where an instruction begins. Pure.
 */

export interface Place {
  /** In bytes from the function's beginning. */
  at: number;
  /** Whose arguments are in their registers there: the function's own, or those of what it calls first. */
  arguments: 'own' | 'called';
}

const OWN: Place = { at: 0, arguments: 'own' };

/**
 * @param code the function's first bytes.
 * @param called whether the place of the first call serves as well.
 */
export function cheapPlace(code: Buffer, architecture: string, called: boolean): Place {
  // The kernel simulates or steps over what arm64 has in place of a push.
  if (architecture !== 'x64') return OWN;
  const start = isEndbr(code, 0) ? 4 : 0;
  // Before a push every register is still the caller's.
  if (isPush(code, start)) return { at: start, arguments: 'own' };
  if (!called) return OWN;
  for (let at = start; at < code.length; ) {
    if (code[at] === 0xe8) return { at, arguments: 'called' };
    const length = knownLength(code, at);
    if (length === 0) return OWN;
    at += length;
  }
  return OWN;
}

/** push %rax … %rdi, %r8 … %r15 */
function isPush(code: Buffer, at: number): boolean {
  const first = code[at]!;
  const byte = first === 0x41 ? code[at + 1]! : first;
  return byte >= 0x50 && byte <= 0x57;
}

function isEndbr(code: Buffer, at: number): boolean {
  return at + 4 <= code.length && code.readUInt32BE(at) === 0xf30f1efa;
}

/** Of an instruction that makes a function's frame or moves its arguments; 0 for any other (Intel SDM, volume 2). */
function knownLength(code: Buffer, at: number): number {
  const prefix = (code[at]! & 0xf0) === 0x40 ? 1 : 0;
  const opcode = code[at + prefix];
  const modes = code[at + prefix + 1] ?? 0;
  const registers = modes >= 0xc0;
  switch (opcode) {
    // mov and xor between registers
    case 0x89:
    case 0x31:
    case 0x33:
      return registers ? prefix + 2 : 0;
    // mov from a register, or from a variable: disp32(%rip)
    case 0x8b:
      return registers ? prefix + 2 : (modes & 0xc7) === 0x05 ? prefix + 6 : 0;
    // sub $imm8, %rsp
    case 0x83:
      return modes === 0xec ? prefix + 3 : 0;
    default:
      // mov $imm32 to a 32-bit register
      return opcode !== undefined && opcode >= 0xb8 && opcode <= 0xbf && (code[at]! & 0xf8) !== 0x48
        ? prefix + 5
        : 0;
  }
}
