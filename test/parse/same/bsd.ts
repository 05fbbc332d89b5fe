/** dtruss, FreeBSD's truss, and kdump of FreeBSD, OpenBSD and NetBSD: fixtures/README.md names what each format is from. */
import type { SyscallEvent } from '../../../src/event/types.js';
import { bitsOf, type Flags, interleave, ORDER, PROT, valueIn, WHENCE } from './work.js';

const OPEN: Flags = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_NONBLOCK: 4,
  O_NOFOLLOW: 0x100,
  O_CREAT: 0x200,
  O_TRUNC: 0x400,
  O_EXCL: 0x800,
};
const DARWIN: Flags = { ...OPEN, O_DIRECTORY: 0x100000, O_CLOEXEC: 0x1000000 };
const NETBSD: Flags = { ...OPEN, O_DIRECTORY: 0x200000, O_CLOEXEC: 0x400000 };
const MAP: Flags = { MAP_SHARED: 1, MAP_PRIVATE: 2, MAP_ANONYMOUS: 0x1000 };

const BSD_NAME: Readonly<Record<string, string>> = { pread64: 'pread', pwrite64: 'pwrite', clone: 'fork' };
const nameOf = (call: string) => BSD_NAME[call] ?? call;
const hex = (value: number, bits = 64) => `0x${BigInt.asUintN(bits, BigInt(value)).toString(16)}`;
const words = (value: string | number) => String(value).replace('MAP_ANONYMOUS', 'MAP_ANON');

function numberOf(event: SyscallEvent, key: string, open: Flags, cwd: number): number {
  const value = valueIn(event, key);
  switch (key) {
    case 'dirfd':
      return value === 'AT_FDCWD' ? cwd : Number(value);
    case 'flags':
      return bitsOf(String(value), event.call === 'mmap' ? MAP : open);
    case 'mode':
      return Number.parseInt(String(value), 8);
    case 'whence':
      return bitsOf(String(value), WHENCE);
    case 'prot':
      return bitsOf(String(value), PROT);
    default:
      return Number(value);
  }
}

export function dtrussText(events: readonly SyscallEvent[]): string {
  const lines = events.map((event) => {
    const { call, pid, ts, dur, ret, errno } = event;
    const args = ORDER[call]!.map((key) => {
      if (key === 'path' || key === 'newpath')
        return `${JSON.stringify(valueIn(event, key)).slice(0, -1)}\\0"`;
      if (key === 'buffer') return '"\\0\\001,) \\"\\0"';
      return hex(numberOf(event, key, DARWIN, -2))
        .toUpperCase()
        .replace('X', 'x');
    });
    const columns = [((ts! + dur! - 1795329282) * 1e6).toFixed(0), (dur! * 1e6).toFixed(0), '3'];
    const [relative, elapsed, cpu] = columns.map((text, index) => text.padStart([8, 7, 6][index]!));
    const result = call === 'mmap' ? `0x${BigInt(ret!).toString(16).toUpperCase()}` : ret;
    const head = `${String(pid).padStart(5)}/0x1a2b:  ${relative} ${elapsed} ${cpu} `;
    return `${head}${nameOf(call)}(${args.join(', ')})\t\t = ${result} ${errno === undefined ? '0' : 'Err#2'}`;
  });
  return `\tPID/THRD  RELATIVE  ELAPSD    CPU SYSCALL(args) \t\t = return\n${lines.join('\n')}\n`;
}

export function trussText(events: readonly SyscallEvent[]): string {
  return events
    .map((event) => {
      const { call, pid, ts, dur, ret, errno } = event;
      const args = ORDER[call]!.map((key) => {
        const value = valueIn(event, key);
        if (key === 'path' || key === 'newpath') return `"${value}"`;
        if (key === 'buffer') return '"\\0\\^A,) = 3 (0x3)"...';
        if (key === 'offset' || key === 'address') return hex(Number(value));
        if (key === 'mode') return value === 0 ? '00' : String(value);
        return words(value);
      });
      const head = `${String(pid).padStart(5)}: ${(ts! + dur! - 1795329282).toFixed(9)} ${dur!.toFixed(9)} `;
      const said = `${nameOf(call)}(${args.join(',')})`.padEnd(48);
      return `${head}${said} ${errno === undefined ? `= ${ret} (${hex(Number(ret))})` : "ERR#2 'No such file or directory'"}\n`;
    })
    .join('');
}

export type Kdump = 'freebsd' | 'openbsd' | 'netbsd';

export function kdumpText(events: readonly SyscallEvent[], system: Kdump): string {
  const head = (event: SyscallEvent, at: number, kind: string) => {
    const pid = String(event.pid).padStart(6);
    const who = system === 'netbsd' ? `${pid}      1` : system === 'openbsd' ? `${pid}/100123 ` : pid;
    return `${who} postgres ${at.toFixed(system === 'netbsd' ? 9 : 6)} ${kind}  `;
  };
  const entry = (event: SyscallEvent) => {
    const { call, ts } = event;
    const args = ORDER[call]!.flatMap((key) => {
      const value = kdumpValue(event, key, system);
      return system === 'netbsd' && key === 'offset' ? ['0', value] : [value];
    });
    const said = args.length === 0 ? nameOf(call) : `${nameOf(call)}(${args.join(',')})`;
    const paths = ORDER[call]!.filter((key) => key === 'path' || key === 'newpath');
    return [
      head(event, ts!, 'CALL') + said,
      ...paths.map((key) => `${head(event, ts!, 'NAMI')}"${valueIn(event, key)}"`),
    ];
  };
  const exit = (event: SyscallEvent) => {
    const { call, ts, dur, ret, errno } = event;
    const end = ts! + dur!;
    const data =
      (call === 'read' || call === 'pread64') && errno === undefined
        ? [
            `${head(event, end, 'GIO ')}fd ${event.fd} read ${ret} bytes`,
            '       "\\0\\0\\',
            '\tabc \\n',
            '\t"',
          ]
        : [];
    const value = Number(ret) > 9 ? `${ret}/${hex(Number(ret))}` : `${ret}`;
    const said = errno === undefined ? value : '-1 errno 2 No such file or directory';
    return [...data, `${head(event, end, 'RET ')}${nameOf(call)} ${said}`];
  };
  return `${interleave(events, entry, exit).join('\n')}\n`;
}

function kdumpValue(event: SyscallEvent, key: string, system: Kdump): string {
  const value = valueIn(event, key);
  if (['path', 'newpath', 'buffer', 'address'].includes(key)) return '0x801a2b3c0';
  const decimal = system === 'openbsd' && key === 'fd';
  const number = numberOf(
    event,
    key,
    system === 'netbsd' ? NETBSD : { ...OPEN, O_DIRECTORY: 0x20000, O_CLOEXEC: 0x100000 },
    -100,
  );
  if (system !== 'netbsd') {
    if (key === 'dirfd' && value === 'AT_FDCWD') return 'AT_FDCWD';
    if (key === 'whence') return String(value);
    if (key === 'flags' || key === 'prot') return `${hex(number, 32)}<${words(value)}>`;
    if (key === 'mode') return number === 0 ? '<unused>0x1b6' : '0600<S_IRUSR|S_IWUSR>';
  }
  return decimal ? String(number) : hex(number, key === 'offset' ? 64 : 32);
}
