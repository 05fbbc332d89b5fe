/** Lines of an strace log that are no calls. */

/** What a line says; `nothing` where it is known and no event comes of it. */
export type Remark =
  | { kind: 'nothing' }
  | { kind: 'signal'; what: { signal: string; info?: string } }
  | { kind: 'exit'; what: { status: number | null; signal?: string; core?: true } }
  | { kind: 'superseded'; by: number }
  | { kind: 'process'; pid: number };

const NOTHING: Remark = { kind: 'nothing' };

interface Rule {
  pattern: RegExp;
  read: (match: RegExpExecArray) => Remark;
}

/** In the order of how often they come. */
const RULES: readonly Rule[] = [
  { pattern: /^ > \S/, read: () => NOTHING },
  { pattern: /^ \| [0-9a-f]{5,} /, read: () => NOTHING },
  { pattern: /^ \* \d+ bytes in buffer \d+$/, read: () => NOTHING },
  {
    pattern: /^--- stopped by (\S+) ---$/,
    read: ([, signal]) => ({ kind: 'signal', what: { signal: signal!, info: 'stopped' } }),
  },
  {
    pattern: /^--- ([A-Z0-9_+]+|\d+)(?: (.*))? ---$/,
    read: ([, signal, info]) => ({
      kind: 'signal',
      what: { signal: signal!, ...(info === undefined ? {} : { info }) },
    }),
  },
  {
    // Version 4.6.
    pattern: /^--- (\{si_signo=([A-Z0-9_+]+).*) ---$/,
    read: ([, info, signal]) => ({ kind: 'signal', what: { signal: signal!, info: info! } }),
  },
  {
    pattern: /^\+\+\+ exited with (\d+) \+\+\+$/,
    read: ([, status]) => ({ kind: 'exit', what: { status: Number(status) } }),
  },
  {
    pattern: /^\+\+\+ killed by (\S+) (\(core dumped\) )?\+\+\+$/,
    read: ([, signal, core]) => ({
      kind: 'exit',
      what: { status: null, signal: signal!, ...(core === undefined ? {} : { core: true }) },
    }),
  },
  {
    pattern: /^\+\+\+ superseded by execve in pid (\d+) \+\+\+$/,
    read: ([, by]) => ({ kind: 'superseded', by: Number(by) }),
  },
  {
    // Up to 4.8 without `strace: `, and with what to do.
    pattern:
      /^(?:\S*strace: )?Process (\d+) attached(?: with \d+ threads)?(?: - interrupt to quit| \(waiting for parent\))?$/,
    read: ([, pid]) => ({ kind: 'process', pid: Number(pid) }),
  },
  {
    pattern: /^(?:\S*strace: )?\[ ?Process PID=(\d+) runs in .* mode\. ?\]$/,
    read: ([, pid]) => ({ kind: 'process', pid: Number(pid) }),
  },
  { pattern: /^(?:\S*strace: )?Process \d+ (?:detached|resumed|suspended)\b/, read: () => NOTHING },
  { pattern: /^\S*strace: Exit of unknown pid \d+ (?:seen|ignored)$/, read: () => NOTHING },
  { pattern: /^$/, read: () => NOTHING },
];

/** What the text after a line's prefix says; null where no rule knows it. */
export function readRemark(text: string): Remark | null {
  for (const { pattern, read } of RULES) {
    const match = pattern.exec(text);
    if (match !== null) return read(match);
  }
  return null;
}

const COLUMN =
  '(?:% time|total-time|seconds|usecs/call|(?:min|max|avg)-time|shortest|longest|calls|errors|syscall|name)';
const HEADER = new RegExp(`^\\s*${COLUMN}(?:\\s+${COLUMN})+$`);
const RULER = /^-{6}[- ]*$/;

/** The table of -c and -C: from its header to the line after its second ruler. */
export class SummaryTable {
  private rulers = -1;

  /** Whether the line belongs to a table. */
  takes(text: string): boolean {
    if (this.rulers === -1) {
      if (text.startsWith('System call usage summary for ')) return true;
      if (!HEADER.test(text)) return false;
      this.rulers = 0;
      return true;
    }
    // No row has a bracket: whatever the table lacked, a call is not swallowed.
    if (text.includes('(')) {
      this.rulers = -1;
      return false;
    }
    if (RULER.test(text)) this.rulers++;
    else if (this.rulers === 2) this.rulers = -1;
    return true;
  }
}
