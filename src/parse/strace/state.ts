/** What one line of a trace leaves for the next, and the places where what is read of a line is put. */
import type { Event, SyscallEvent } from '../../event/types.js';
import type { DialectOptions } from '../dialect.js';
import { Slots } from './arguments.js';
import { CallTable } from './call.js';
import { Clock } from './clock.js';
import { PendingCalls } from './pending.js';
import { Prefix } from './prefix.js';
import type { Process } from './process.js';
import { Processes } from './processes.js';
import { Result } from './result.js';

export class State {
  readonly raw: boolean;
  readonly carried: WeakMap<SyscallEvent, Buffer> | null;
  readonly clock: Clock;
  readonly calls = new CallTable();
  readonly processes: Processes;
  readonly pending = new PendingCalls();
  readonly prefix = new Prefix();
  readonly slots: Slots;
  readonly result = new Result();

  constructor(options: DialectOptions) {
    this.raw = options.raw;
    this.carried = options.carried ?? null;
    this.clock = new Clock(options.date);
    this.processes = new Processes(options.pid);
    this.slots = new Slots(this.processes.unknown);
  }

  /** The process of the line just read; a name that it did not have yet makes an event. */
  lineProcess(out: Event[]): Process {
    const { pid, comm, ts } = this.prefix;
    const process = this.processes.ofLine(this.prefix);
    if (comm !== undefined && comm !== process.comm && process.pid !== null) {
      process.comm = comm;
      out.push({ type: 'process', ts, pid: pid ?? process.pid, comm });
    }
    return process;
  }
}
