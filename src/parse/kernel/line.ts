/**
 * Lines of the kernel's own text: what a record's head looks like in trace_pipe and trace (kernel/trace/trace_output.c,
 * trace_print_context()), in `trace-cmd report` (libtraceevent, tep_print_event()), and in `perf script`
 * (tools/perf/builtin-script.c, perf_sample__fprintf_start()).
 */

export interface Head {
  /** Undefined where the kernel did not know it any more (`<...>`). */
  comm: string | undefined;
  /** The thread. */
  tid: number;
  /** Its process, where the text tells (`perf script -F +pid`, the option record-tgid). */
  pid: number | undefined;
  /** Seconds of the trace's clock. */
  ts: number;
  /** What the record says, from its event's name on. */
  rest: string;
}

/** `  postgres-3820  [001] d..2. 4682.709493: sys_read(fd: 3, ...`; `( 3820)` after the pid with record-tgid. */
const TRACE =
  /^ {0,32}(\S.{0,63}?)-(\d{1,10}) {1,16}(?:\( {0,8}(\d{1,10}|-{1,9})\) {1,8})?\[\d{1,5}\] {1,8}(?:\S{4,9} {1,8})?(\d{1,12})\.(\d{1,9}): +(.*)$/;

/** `  postgres  3820 [001]  4684.430620:   syscalls:sys_enter_read: fd: 0x00000003, ...`; `3820/3821` is pid and tid. */
const PERF =
  /^ {0,32}(\S.{0,63}?) {1,32}(?:(\d{1,10})\/)?(\d{1,10}) {1,16}(?:\[\d{1,5}\] {1,16})?(\d{1,12})\.(\d{1,9}): +(?:\d+ +)?(\S{1,100}: .*)$/;

export function readHead(line: string): Head | null {
  const trace = TRACE.exec(line);
  if (trace !== null) {
    const [, comm, tid, tgid, seconds, fraction, rest] = trace;
    const pid = tgid === undefined || tgid.startsWith('-') ? undefined : Number(tgid);
    return head(comm!, tid!, pid, seconds!, fraction!, rest!);
  }
  const perf = PERF.exec(line);
  if (perf === null) return null;
  const [, comm, pid, tid, seconds, fraction, rest] = perf;
  return head(comm!, tid!, pid === undefined ? undefined : Number(pid), seconds!, fraction!, rest!);
}

function head(
  comm: string,
  tid: string,
  pid: number | undefined,
  seconds: string,
  fraction: string,
  rest: string,
): Head {
  const known = comm === '<...>' || comm === '' ? undefined : comm;
  return { comm: known, tid: Number(tid), pid, ts: Number(`${seconds}.${fraction}`), rest };
}

/** What a record says of a call. */
export type Said =
  /** The values by position, each a text: a string in quotes, where the kernel recorded what the address led to. */
  | { kind: 'enter'; call: string | number; names: string[]; values: string[] }
  | { kind: 'exit'; call: string | number; ret: string }
  | { kind: 'death' }
  | { kind: 'signal'; number: number };

const ENTER = /^(?:syscalls:)?sys_(?:enter_)?(\w+)(?:\((.*)\)|: *(.*))$/;
const EXIT = /^(?:syscalls:)?sys_(?:exit_)?(\w+)(?: ->|:) +(-?\w+)$/;
const RAW_ENTER = /^(?:raw_syscalls:)?sys_enter: NR (-?\d+) \((.*)\)$/;
const RAW_EXIT = /^(?:raw_syscalls:)?sys_exit: NR (-?\d+) = (-?\d+)$/;
const DEATH = /^(?:sched:)?sched_process_exit: /;
const SIGNAL = /^(?:signal:)?signal_deliver: sig=(\d+) /;

/** Null for a record of another event. */
export function readRecord(rest: string): Said | null {
  const rawEnter = RAW_ENTER.exec(rest);
  if (rawEnter !== null) {
    const values = rawEnter[2]!.split(', ').map((word) => (word.startsWith('0x') ? word : `0x${word}`));
    return { kind: 'enter', call: Number(rawEnter[1]), names: [], values };
  }
  const rawExit = RAW_EXIT.exec(rest);
  if (rawExit !== null) return { kind: 'exit', call: Number(rawExit[1]), ret: rawExit[2]! };
  // `sys_exit_read: 0x0` and `sys_exit_group(...)`: the one form is an exit's, the other a call's of that name.
  const exit = EXIT.exec(rest);
  if (exit !== null && (rest.includes('sys_exit_') || rest.includes(' -> ')))
    return { kind: 'exit', call: exit[1]!, ret: exit[2]! };
  const enter = ENTER.exec(rest);
  if (enter !== null && (enter[2] !== undefined || rest.includes('sys_enter_')))
    return { kind: 'enter', call: enter[1]!, ...readFields(enter[2] ?? enter[3] ?? '') };
  if (DEATH.test(rest)) return { kind: 'death' };
  const signal = SIGNAL.exec(rest);
  return signal === null ? null : { kind: 'signal', number: Number(signal[1]) };
}

/** `fd: 0x19, buf: 0x7f… (00:01) "…", count: 0x2000`: the address of a text may be followed by it. */
const FIELD = /(\w+): ([^\s,"]+)(?: \([0-9a-f:]*\))?(?: ?("(?:[^"\\]|\\.)*"\.*))?(?:, |$)/gy;

function readFields(text: string): { names: string[]; values: string[] } {
  const names: string[] = [];
  const values: string[] = [];
  for (const [, name, value, string] of text.matchAll(FIELD)) {
    names.push(name!);
    values.push(string ?? value!);
  }
  return { names, values };
}
