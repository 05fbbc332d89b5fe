/** One process, sampled: its files of /proc stay open, and each sample is a few reads of them. */
import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import type { SampleEvent } from '../../event/types.js';
import { type Call, callOf } from '../ftrace/calls.js';
import { parseFdInfo, parseLink } from '../inventory/proc.js';
import { COUNTERS, parseCounters, parseState } from './counters.js';
import { emptyRegisters, parseRegisters, readArguments } from './registers.js';

/** An unchanged, sleeping process is told again after so many seconds. */
const REPEAT_SECONDS = 1;

export interface Reader {
  /** What may not be read: the kernel's word of it. */
  readonly denied: { syscall?: string; io?: string };
  /**
   * What the process does now. Null where a sleeping process has made no call since its last sample, which is
   * said again once a second; undefined where the process has ended.
   */
  sample(ts: number): SampleEvent | null | undefined;
  close(): void;
}

type Open = number | null;

// Shared by all readers: a sample is read in one go.
const line = Buffer.alloc(256);
const again = Buffer.alloc(256);
const stat = Buffer.alloc(512);
const io = Buffer.alloc(512);
const registers = emptyRegisters();
const counters = new Float64Array(COUNTERS.length);

/** @throws the system's error where the process is gone or too many files are open. */
export function openReader(pid: number, names: ReadonlyMap<number, string> | undefined): Reader {
  const root = `/proc/${pid}`;
  const denied: Reader['denied'] = {};
  const opened: number[] = [];
  const open = (file: 'stat' | 'syscall' | 'io'): number => {
    const fd = openSync(`${root}/${file}`, 'r');
    opened.push(fd);
    return fd;
  };
  const close = () => {
    for (const fd of opened.splice(0)) closeSync(fd);
  };
  /** The kernel judges some files at their opening and some at each reading. */
  const openJudged = (file: 'syscall' | 'io'): Open => {
    try {
      const fd = open(file);
      readSync(fd, line, 0, line.length, 0);
      return fd;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A kernel may lack the file; a process that has just ended gives ESRCH.
      if (code !== 'EACCES' && code !== 'EPERM' && code !== 'ENOENT') throw error;
      denied[file] = code;
      return null;
    }
  };

  let statFd: number;
  let syscallFd: Open;
  let ioFd: Open;
  try {
    statFd = open('stat');
    syscallFd = names === undefined ? null : openJudged('syscall');
    ioFd = openJudged('io');
  } catch (error) {
    close();
    throw error;
  }

  const last = Buffer.alloc(line.length);
  let lastLength = -1;
  const lastCounters = new Float64Array(COUNTERS.length);
  let lastTold = Number.NEGATIVE_INFINITY;

  const unchanged = (length: number): boolean => {
    if (length !== lastLength || line.compare(last, 0, length, 0, length) !== 0) return false;
    for (let i = 0; i < counters.length; i++) if (counters[i] !== lastCounters[i]) return false;
    return true;
  };

  const read = (ts: number): SampleEvent | null => {
    const counted = ioFd !== null && parseCounters(io, readSync(ioFd, io, 0, io.length, 0), counters);
    const length = syscallFd === null ? 0 : readSync(syscallFd, line, 0, line.length, 0);
    const state = parseState(stat, readSync(statFd, stat, 0, stat.length, 0));
    if (state === 'S' && unchanged(length) && ts - lastTold < REPEAT_SECONDS) return null;
    line.copy(last, 0, 0, length);
    lastLength = length;
    lastCounters.set(counters);
    lastTold = ts;
    const event: SampleEvent & Record<string, unknown> = { type: 'sample', ts, pid, state };
    parseRegisters(line, length, registers);
    if (registers.number !== -1) describeCall(event);
    if (counted) for (let i = 0; i < counters.length; i++) event[COUNTERS[i]!] = counters[i]!;
    return event;
  };

  const describeCall = (event: SampleEvent & Record<string, unknown>) => {
    const call = callNamed(names!.get(registers.number) ?? `syscall_${registers.number}`);
    event.call = call.name;
    if (call.args === null) return;
    readArguments(registers, call.args, event);
    const { fd } = event;
    if (fd === undefined || fd < 0) return;
    const { path, deleted, offset } = fileOf(fd, call.name);
    // The link means the call's file only if the process is still in that call: same arguments, same stack.
    const length = readSync(syscallFd!, again, 0, again.length, 0);
    if (length !== lastLength || again.compare(last, 0, length, 0, length) !== 0) return;
    if (path !== undefined) event.path = path;
    if (deleted) event.deleted = true;
    if (offset !== undefined) event.offset = offset;
  };

  const fileOf = (fd: number, call: string): { path?: string; deleted?: true; offset?: number } => {
    try {
      const link = parseLink(readlinkSync(`${root}/fd/${fd}`));
      if (!POSITIONED.has(call)) return link;
      const info = parseFdInfo(readFileSync(`${root}/fdinfo/${fd}`, 'latin1'));
      return info === null ? link : { ...link, offset: info.offset };
    } catch {
      return {};
    }
  };

  return {
    denied,
    sample(ts) {
      try {
        return read(ts);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
        return undefined;
      }
    },
    close,
  };
}

/** Calls that work at the descriptor's position: where that is, is the call's offset. */
const POSITIONED: ReadonlySet<string> = new Set(['read', 'write', 'readv', 'writev']);

const calls = new Map<string, Call>();

function callNamed(name: string): Call {
  let call = calls.get(name);
  if (call === undefined) {
    call = callOf(name);
    calls.set(name, call);
  }
  return call;
}
