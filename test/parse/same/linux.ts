/** perf trace (tools/perf/builtin-trace.c) and the kernel's text (kernel/trace/trace_syscalls.c), as a newer kernel has it. */
import type { SyscallEvent } from '../../../src/event/types.js';
import { bitsOf, type Flags, interleave, ORDER, PROT, valueIn, WHENCE } from './work.js';

const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  openat: { dirfd: 'dfd', path: 'filename' },
  read: { buffer: 'buf', length: 'count' },
  write: { buffer: 'buf', length: 'count' },
  pread64: { buffer: 'buf', length: 'count', offset: 'pos' },
  pwrite64: { buffer: 'buf', length: 'count', offset: 'pos' },
  rename: { path: 'oldname', newpath: 'newname' },
  unlink: { path: 'pathname' },
  mmap: { address: 'addr', length: 'len', offset: 'off' },
};

const OPEN: Flags = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_CREAT: 0x40,
  O_EXCL: 0x80,
  O_TRUNC: 0x200,
  O_NONBLOCK: 0x800,
  O_DIRECTORY: 0x10000,
  O_NOFOLLOW: 0x20000,
  O_CLOEXEC: 0x80000,
};
const MAP: Flags = { MAP_SHARED: 1, MAP_PRIVATE: 2, MAP_ANONYMOUS: 0x20 };

const nameOf = (call: string, key: string) => NAMES[call]?.[key] ?? key;
const hex = (value: number, wide = false) =>
  value < 0
    ? `0x${(BigInt(value) & (wide ? 0xffffffffffffffffn : 0xffffffffn)).toString(16)}`
    : value < 10
      ? `${value}`
      : `0x${value.toString(16)}`;

/** Seconds since the machine was started. */
const BASE = 1795320000;

export function kernelText(events: readonly SyscallEvent[]): string {
  const prefix = (event: SyscallEvent, at: number) =>
    `        postgres-${event.pid}   [000] .....  ${(at - BASE).toFixed(6)}: sys_${event.call}`;
  const entry = (event: SyscallEvent) => {
    const args = ORDER[event.call]!.map((key) => `${nameOf(event.call, key)}: ${kernelValue(event, key)}`);
    const all = event.call === 'clone' ? ['clone_flags: 0x1200011', 'newsp: 0'] : args;
    return [`${prefix(event, event.ts!)}(${all.join(', ')})`];
  };
  const exit = (event: SyscallEvent) => {
    const ret = event.errno === undefined ? Number(event.ret) : -2;
    return [
      `${prefix(event, event.ts! + event.dur!)} -> ${ret < 10 && ret >= 0 ? `0x${ret}` : hex(ret, true)}`,
    ];
  };
  return `${interleave(events, entry, exit).join('\n')}\n`;
}

function kernelValue(event: SyscallEvent, key: string): string {
  const value = valueIn(event, key);
  switch (key) {
    case 'dirfd':
      return value === 'AT_FDCWD' ? '0xffffff9c' : hex(Number(value));
    case 'path':
    case 'newpath':
      return `0x7ffe8650 ${JSON.stringify(value)}`;
    case 'flags':
      return hex(bitsOf(String(value), event.call === 'mmap' ? MAP : OPEN));
    case 'mode':
      return hex(Number.parseInt(String(value), 8));
    case 'whence':
      return hex(bitsOf(String(value), WHENCE));
    case 'prot':
      return hex(bitsOf(String(value), PROT));
    case 'buffer':
      return '0x7fa80e950980';
    default:
      return hex(Number(value));
  }
}

export function perfText(events: readonly SyscallEvent[]): string {
  return events
    .map((event) => {
      const { call, ts, dur, pid, ret, errno } = event;
      const args = ORDER[call]!.flatMap((key) => {
        const value = perfValue(event, key);
        return value === '0' ? [] : [`${nameOf(call, key)}: ${value}`];
      });
      const head = `${((ts! - BASE) * 1000).toFixed(3).padStart(10)} (${(dur! * 1000).toFixed(3).padStart(6)} ms): `;
      const result = errno === undefined ? ret : `-1 ${errno} (No such file or directory)`;
      return `${head}postgres/${pid} ${`${call}(${args.join(', ')})`.padEnd(70)} = ${result}\n`;
    })
    .join('');
}

function perfValue(event: SyscallEvent, key: string): string {
  const value = valueIn(event, key);
  const short = (prefix: string) => String(value).replaceAll(prefix, '');
  switch (key) {
    case 'dirfd':
      return value === 'AT_FDCWD' ? 'CWD' : String(value);
    case 'path':
    case 'newpath':
      return JSON.stringify(value);
    case 'flags':
      return event.call === 'mmap' ? short('MAP_') : value === 'O_RDONLY' ? '0' : short('O_');
    case 'mode':
      return value === '0600' ? 'IRUSR|IWUSR' : '0';
    case 'whence':
      return value === 'SEEK_SET' ? '0' : short('SEEK_');
    case 'prot':
      return short('PROT_');
    case 'buffer':
      return '0x7fa80e950980';
    case 'fd':
      return value === -1 ? '0' : String(value);
    default:
      return String(value);
  }
}
