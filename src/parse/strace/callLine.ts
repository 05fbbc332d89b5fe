/** Lines of calls: whole, cut off by `<unfinished ...>`, and resumed. */
import type { Event } from '../../event/types.js';
import { type Call, readArguments, splitArguments } from './call.js';
import { CARRIERS, carriedBy } from './carried.js';
import { finishedCall, unfinishedCall } from './event.js';
import { detach, type Pending, type Process } from './process.js';
import { readResult } from './result.js';
import { beginText } from './scan.js';
import type { State } from './state.js';
import { FOREIGN } from './values.js';

const UNFINISHED = '<unfinished ...>';
const DETACHED = ' <detached ...>';
/** How a line ends that another one goes on with, or none. */
const CUT_OFF =
  / <(?:unfinished \.\.\.|detached \.\.\.|pid changed to \d+ \.\.\.|Cannot restart pid [^<>]+|ptrace\([^<>]+)>$/;

/** A line with a call's name from `at` to the bracket at `open`. False where it is none after all. */
export function readCall(state: State, text: string, at: number, open: number, out: Event[]): boolean {
  const { ts } = state.prefix;
  const process = state.lineProcess(out);
  const call = state.calls.named(text.slice(at, open));
  const event = finish(state, call, process, ts, text, open + 1);
  if (event === null && !cutOff(text)) return false;
  if (ts === null) state.clock.untimed();
  giveUp(state, process, out);
  if (event !== null) {
    if (state.raw) event.raw = text;
    out.push(event);
  } else if (text.endsWith(DETACHED)) {
    out.push(unfinished(state, process, { name: call.name, head: text.slice(at, -DETACHED.length), ts }));
  } else wait(state, process, { name: call.name, head: text.slice(at, text.lastIndexOf(' <')), ts }, out);
  return true;
}

function cutOff(text: string): boolean {
  return text.endsWith('>') && CUT_OFF.test(text.slice(-200));
}

/** A line with `<... read resumed>` at `at`: the rest of a call that waits. False where it is none after all. */
export function readResumed(state: State, text: string, at: number, out: Event[]): boolean {
  const close = text.indexOf(' resumed>', at);
  if (close === -1) return false;
  const { ts } = state.prefix;
  const process = state.lineProcess(out);
  const call = state.calls.named(text.slice(at + 5, close));
  const tail = text.slice(close + 9);
  const began = takeBeginning(state, process, call, out);
  if (began === null) return readHeadless(state, call, process, text, close + 9, out);
  const whole = began.head + tail;
  const event = finish(state, call, process, began.ts, whole, began.name.length + 1);
  if (event !== null) {
    if (state.raw) event.raw = whole;
    out.push(event);
  } else if (cutOff(tail))
    wait(state, process, { ...began, head: whole.slice(0, whole.lastIndexOf(' <')) }, out);
  else {
    wait(state, process, began, out);
    return false;
  }
  if (ts === null) state.clock.untimed();
  return true;
}

/** What waits for the process to resume the call; a call of another name will have no end. */
function takeBeginning(state: State, process: Process, call: Call, out: Event[]): Pending | null {
  const began = state.pending.take(process);
  if (began === null) {
    // On stderr strace names processes only while there are several: the call that made the second one began
    // without a name.
    const { unknown } = state.processes;
    return unknown.pid === null && unknown.pending?.name === call.name ? state.pending.take(unknown) : null;
  }
  if (began.name === call.name) return began;
  out.push(unfinished(state, process, began));
  return null;
}

/** A call whose beginning the trace does not have: its result only. */
function readHeadless(
  state: State,
  call: Call,
  process: Process,
  text: string,
  pos: number,
  out: Event[],
): boolean {
  const after = splitArguments([], text, pos, text.length);
  if (after < 0 || !readResult(state.result, text, after, text.length, call.returnsProcess)) return false;
  call.clear(state.slots, 0);
  const event = finishedCall(state.prefix.ts, process, call, state.slots, state.result, null);
  if (state.raw) event.raw = text;
  out.push(event);
  return true;
}

/** The event of the call whose arguments begin at `pos`; null where its end is not in the text. */
function finish(state: State, call: Call, process: Process, ts: number | null, text: string, pos: number) {
  const { slots, result } = state;
  let args: string[] | null = null;
  let after = FOREIGN;
  beginText();
  slots.process = process;
  if (call.readers !== null) after = readArguments(call, call.readers, slots, text, pos, text.length);
  if (after === FOREIGN) {
    args = [];
    after = splitArguments(args, text, pos, text.length);
  }
  if (after < 0 || !readResult(result, text, after, text.length, call.returnsProcess)) return null;
  // `read(0,  <unfinished ...>) = ?`: the process died in the call.
  const died = result.ret === null && text.endsWith(`${UNFINISHED})`, after);
  if (died && args !== null) args = args.filter((argument) => argument !== UNFINISHED);
  if (died) return unfinishedCall(ts, process, call, slots, args);
  const event = finishedCall(ts, process, call, slots, result, args);
  if (state.carried !== null && CARRIERS.has(call.name)) state.carried.set(event, carriedBy(text, pos));
  return event;
}

function wait(state: State, process: Process, pending: Pending, out: Event[]): void {
  const { name, head, ts } = pending;
  for (const other of state.pending.add(process, { name, head: detach(head), ts })) giveUp(state, other, out);
}

/** What waits of the process will have no end. */
export function giveUp(state: State, process: Process, out: Event[]): void {
  const began = state.pending.take(process);
  if (began !== null) out.push(unfinished(state, process, began));
}

function unfinished(state: State, process: Process, began: Pending): Event {
  const { slots } = state;
  const { head } = began;
  beginText();
  const call = state.calls.named(began.name);
  const open = began.name.length + 1;
  slots.process = process;
  let args: string[] | null = null;
  if (
    call.readers === null ||
    readArguments(call, call.readers, slots, head, open, head.length) === FOREIGN
  ) {
    args = [];
    splitArguments(args, head, open, head.length);
  }
  const event = unfinishedCall(began.ts, process, call, slots, args);
  if (state.raw) event.raw = head;
  return event;
}
