/**
 * The dialect of strace(1), versions 4 to 7, with whatever options it ran: lines to events.
 * What it prints is in its src/syscall.c (calls), src/strace.c (prefix, exits), src/signal.c (signals).
 */
import type { Event } from '../../event/types.js';
import type { Dialect, DialectOptions, Tally } from '../dialect.js';
import { giveUp, readCall, readResumed } from './callLine.js';
import { CARRIERS } from './carried.js';
import { finishedCall } from './event.js';
import { FastLine } from './fast.js';
import { readPrefix } from './prefix.js';
import { detach } from './process.js';
import { readRemark, SummaryTable } from './remark.js';
import { beginText } from './scan.js';
import { State } from './state.js';

/** A message behind the start of a line, which must not be taken for the message's own. */
const ATTACHED =
  /(?:(?:\.{0,2}\/(?:[\w.+-]+\/)*)?strace: )?Process (\d+) attached(?: \(waiting for parent\))?$/;
const NAME = /[A-Za-z0-9_?]+\(/y;
/** What strace 7 paints with on a terminal. */
const COLOUR = /\x1b\[[0-9;]*m/g;

export class Strace implements Dialect {
  readonly name = 'strace';
  readonly tally: Tally = { lines: 0, unparsed: 0, firstUnparsed: 0 };
  private readonly state: State;
  private readonly fast: FastLine;
  private readonly file: { file?: string };
  private readonly table = new SummaryTable();
  /** The start of a line that a message of strace's own broke; the next line goes on with it. */
  private broken = '';

  constructor(options: DialectOptions) {
    const state = new State(options);
    this.state = state;
    this.fast = new FastLine(state.processes, state.clock, state.calls, state.slots, state.result);
    this.file = options.file === undefined ? {} : { file: options.file };
  }

  get clock(): 'realtime' | 'relative' | 'none' | undefined {
    return this.state.clock.kind;
  }

  bytes(bytes: Buffer, start: number, end: number, out: Event[]): void {
    const { fast, state } = this;
    const plain = this.broken === '' && !state.raw && fast.read(bytes, start, end);
    if (plain && (state.carried === null || !CARRIERS.has(fast.call.name))) {
      this.tally.lines++;
      out.push(finishedCall(fast.ts, fast.process, fast.call, state.slots, state.result, null));
    } else this.line(bytes.toString('utf8', start, end), out);
  }

  line(line: string, out: Event[]): void {
    this.tally.lines++;
    let text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (text.includes('\x1b')) text = text.replace(COLOUR, '');
    if (this.broken !== '') {
      text = this.broken + text;
      this.broken = '';
    }
    const { state } = this;
    beginText();
    const at = readPrefix(state.prefix, state.clock, text, 0, text.length);
    NAME.lastIndex = at;
    const understood = NAME.test(text)
      ? readCall(state, text, at, NAME.lastIndex - 1, out)
      : text.startsWith('<... ', at)
        ? readResumed(state, text, at, out)
        : this.remark(text, at, out);
    if (!understood && !this.breaks(text, out)) this.unparsed(text, out);
  }

  end(out: Event[]): void {
    if (this.broken !== '') this.unparsed(this.broken, out);
    for (const process of this.state.pending.processes()) giveUp(this.state, process, out);
  }

  /** A line that is no call: a signal, an exit, strace's own messages, what -k, -c and -e read= add. */
  private remark(text: string, at: number, out: Event[]): boolean {
    const { state } = this;
    const { ts } = state.prefix;
    const rest = text.slice(at);
    if (this.table.takes(rest)) return true;
    const remark = readRemark(rest);
    if (remark === null) return false;
    const raw = state.raw ? { raw: text } : {};
    switch (remark.kind) {
      case 'signal':
        out.push({ type: 'signal', ts, pid: state.lineProcess(out).pid, ...remark.what, ...raw });
        break;
      case 'exit': {
        const process = state.lineProcess(out);
        giveUp(state, process, out);
        state.processes.gone(process);
        out.push({ type: 'exit', ts, pid: process.pid, ...remark.what, ...raw });
        break;
      }
      case 'superseded':
        this.superseded(remark.by, out);
        break;
      case 'process':
        this.attached(remark.pid, out);
        break;
    }
    return true;
  }

  /** A thread's execve gave it the process's pid: the thread is no more, what it has under way goes on there. */
  private superseded(by: number, out: Event[]): void {
    const { state } = this;
    const leader = state.lineProcess(out);
    const thread = state.processes.of(by);
    giveUp(state, leader, out);
    const began = state.pending.take(thread);
    if (began !== null) state.pending.add(leader, began);
    state.processes.gone(thread);
    out.push({ type: 'exit', ts: state.prefix.ts, pid: by, status: null });
  }

  private attached(pid: number, out: Event[]): void {
    this.state.processes.attached(pid);
    out.push({ type: 'process', ts: this.state.prefix.ts, pid });
  }

  /**
   * A message of strace's own in the middle of a line, where both go to stderr:
   * `clone(flags=SIGCHLDstrace: Process 3821 attached`, and then `, child_tidptr=0x…) = 3821`.
   */
  private breaks(text: string, out: Event[]): boolean {
    const match = ATTACHED.exec(text.slice(-200));
    if (match === null) return false;
    this.state.processes.breakLine(this.state.prefix);
    this.attached(Number(match[1]), out);
    this.broken = detach(text.slice(0, -match[0].length));
    return true;
  }

  private unparsed(text: string, out: Event[]): void {
    const { tally } = this;
    tally.unparsed++;
    if (tally.firstUnparsed === 0) tally.firstUnparsed = tally.lines;
    out.push({ type: 'unparsed', line: tally.lines, text, ...this.file });
  }
}
