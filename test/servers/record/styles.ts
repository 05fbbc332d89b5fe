/** The ways in which one strace(1) prints one piece of work, each a trace of its own. */

export const STYLES_VERSION = 15;

export interface Style {
  /** After the version in the name of the case. */
  name: string;
  options: readonly string[];
  /** Without -o: `[pid N]` prefixes and strace's own messages. */
  toStderr?: true;
  /** A listing of the descriptors that are open when the trace begins stands beside the trace. */
  lsof?: true;
  /** Arguments that the commands need for this case, by the day of the recording. */
  args?: (now: Date) => CaseArguments;
}

/** `<case>.args.json`: further arguments of each command; the listing and the directory are found by name. */
export interface CaseArguments {
  parse?: string[];
  resolve?: string[];
  format?: string[];
}

const dated = (now: Date): CaseArguments => ({ parse: ['--date', now.toISOString().slice(0, 10)] });

export const STYLES: readonly Style[] = [
  { name: 'yy', options: ['-ttt', '-T', '-yy', '-s', '8'] },
  { name: 'comm', options: ['-ttt', '-T', '-y', '-Y', '-s', '8'] },
  { name: 'stderr', options: ['-ttt', '-T', '-y', '-s', '8'], toStderr: true },
  { name: 'stderr-comm', options: ['-ttt', '-T', '-yy', '-Y', '-s', '8'], toStderr: true },
  { name: 'ff', options: ['-ff', '-ttt', '-T', '-y', '-s', '8'] },
  { name: 't', options: ['-t', '-y', '-s', '8'], args: dated },
  { name: 'tt', options: ['-tt', '-T', '-y', '-s', '8'], args: dated },
  { name: 'r', options: ['-r', '-y', '-s', '8'] },
  { name: 'no-time', options: ['-y', '-s', '8'] },
  { name: 'plain', options: ['-ttt', '-T', '-s', '8'] },
  { name: 'lsof', options: ['-ttt', '-T', '-s', '8'], lsof: true },
  {
    name: 'ns',
    options: ['--absolute-timestamps=unix,ns', '--syscall-times=ns', '-y', '-s', '8'],
  },
  { name: 'number', options: ['-ttt', '-T', '-y', '-n', '-s', '8'] },
  { name: 'ip', options: ['-ttt', '-T', '-y', '-i', '-s', '8'] },
  {
    name: 'stack',
    options: ['-ttt', '-T', '-y', '-k', '-s', '8', '-e', 'trace=pwrite64,fdatasync,unlink'],
  },
  { name: 'hex', options: ['-ttt', '-T', '-y', '-xx', '-s', '8'] },
  { name: 'verbose', options: ['-ttt', '-T', '-y', '-v', '-X', 'verbose', '-s', '64'] },
  { name: 'raw', options: ['-ttt', '-T', '-X', 'raw', '-s', '8'] },
  {
    name: 'dump',
    options: [
      '-ttt',
      '-T',
      '-y',
      '-s',
      '8',
      '-e',
      'read=all',
      '-e',
      'write=all',
      '-e',
      'trace=lseek,recvfrom,sendto',
    ],
  },
  { name: 'count', options: ['-C', '-ttt', '-T', '-y', '-s', '8'] },
  {
    name: 'inject',
    options: [
      '-ttt',
      '-T',
      '-y',
      '-s',
      '8',
      '-e',
      'inject=sync_file_range:error=ENOSYS:when=1',
      '-e',
      'inject=lseek:delay_exit=200:when=2+2',
    ],
  },
];
