/** truss of Solaris and illumos (usr/src/cmd/truss). */
import type { SyscallEvent } from '../../../src/event/types.js';
import { ORDER, valueIn } from './work.js';

const NAME: Readonly<Record<string, string>> = {
  pread64: 'pread',
  pwrite64: 'pwrite',
  clone: 'forkx',
  fsync: 'fdsync',
  fdatasync: 'fdsync',
};

/** print.c, prt_dex(): in decimal if small. */
const dex = (value: number) =>
  value > 0xffffff ? `0x${value.toString(16).toUpperCase().padStart(8, '0')}` : String(value);

export function sunText(events: readonly SyscallEvent[]): string {
  const lines = events.map((event) => {
    const { call, pid, ts, dur, ret, errno } = event;
    const args = ORDER[call]!.flatMap((key) => {
      const value = valueIn(event, key);
      if (key === 'path' || key === 'newpath') return [`"${value}"`];
      if (key === 'buffer') return ['"\\0\\0 , )   = 3\\n".. '.trimEnd()];
      if (key === 'offset') return [dex(Number(value))];
      if (key === 'mode') return value === 0 ? [] : [String(value)];
      return [String(value).replace('MAP_ANONYMOUS', 'MAP_ANON')];
    });
    if (call === 'fsync') args.push('FSYNC');
    if (call === 'fdatasync') args.push('FDSYNC');
    if (call === 'clone') args.push('0');
    const times = `${(ts! + dur! - 1795329282).toFixed(4).padStart(7)}\t${dur!.toFixed(4).padStart(7)}\t`;
    const said = `${NAME[call] ?? call}(${args.join(', ')})`;
    return `${pid}/1:\t\t${times}${said}\t${errno === undefined ? `= ${ret}` : `Err#2 ${errno}`}`;
  });
  return `Base time stamp:  1795329282.0000  [ Sun Nov 22 06:34:42 UTC 2026 ]\n${lines.join('\n')}\n`;
}
