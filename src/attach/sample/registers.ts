/**
 * /proc/PID/syscall: proc_pid_syscall() of the kernel's fs/proc/base.c. `running`, or `-1 SP PC` for a process
 * that waits outside a call, or the call's number in decimal, its six argument registers, SP and PC in
 * hexadecimal. Pure, and without garbage: one record is read into again and again.
 */
import type { CallArguments, Int } from '../../event/types.js';
import type { Argument, Read } from '../../parse/linux/calls.js';

const REGISTERS = 6;
const TWO_32 = 2 ** 32;

export interface Registers {
  /** The call's number; -1 for none. */
  number: number;
  low: Uint32Array;
  high: Uint32Array;
}

export function emptyRegisters(): Registers {
  return { number: -1, low: new Uint32Array(REGISTERS), high: new Uint32Array(REGISTERS) };
}

/** Reads `length` bytes of the file into `into`. */
export function parseRegisters(bytes: Uint8Array, length: number, into: Registers): void {
  into.number = -1;
  const digit = bytes[0];
  // `running`, `-1`, or nothing.
  if (length === 0 || digit === undefined || digit < 0x30 || digit > 0x39) return;
  let at = 0;
  let number = 0;
  for (; at < length && bytes[at] !== 0x20; at++) number = number * 10 + bytes[at]! - 0x30;
  for (let i = 0; i < REGISTERS; i++) {
    let low = 0;
    let high = 0;
    // Behind ` 0x`.
    for (at += 3; at < length && bytes[at] !== 0x20; at++) {
      const char = bytes[at]!;
      const nibble = char <= 0x39 ? char - 0x30 : char - 0x57;
      high = (high << 4) | (low >>> 28);
      low = (low << 4) | nibble;
    }
    into.low[i] = low;
    into.high[i] = high;
  }
  into.number = number;
}

/** The arguments that registers alone can tell, under their names. What is behind an address is left out. */
export function readArguments(
  registers: Registers,
  args: readonly Argument[],
  into: CallArguments & Record<string, unknown>,
): void {
  for (let i = 0; i < args.length && i < REGISTERS; i++) {
    const { key, read } = args[i]!;
    if (read === 'skip' || read === 'text') continue;
    into[key] = readRegister(registers.low[i]!, registers.high[i]!, read);
  }
}

function readRegister(low: number, high: number, read: Exclude<Read, 'skip' | 'text'>): Int {
  switch (read) {
    case 'int':
      return low | 0;
    case 'dirfd':
      return (low | 0) === AT_FDCWD ? 'AT_FDCWD' : low | 0;
    case 'signed':
      return exact(high | 0, low);
    case 'unsigned':
      return exact(high, low);
    default:
      return read(high * TWO_32 + low);
  }
}

/** include/uapi/linux/fcntl.h */
const AT_FDCWD = -100;

function exact(high: number, low: number): Int {
  const value = high * TWO_32 + low;
  return Number.isSafeInteger(value) ? value : String((BigInt(high) << 32n) + BigInt(low));
}
