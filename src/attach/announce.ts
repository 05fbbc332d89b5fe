/** What the trace says of each process beside its calls: what it is, and what it has open. */
import type { Event } from '../event/types.js';
import type { Inventory } from './inventory/describe.js';
import type { ProcFs } from './inventory/procfs.js';
import { openJoining } from './joining.js';

const RELEARN_MS = 100;

export interface Announcer {
  /** Holds a process's calls back; tracing is about to begin. What a newborn one did before is `lost`. */
  begin(pid: number, newborn: boolean): void;
  /** Says what a process is. */
  describe(pid: number): void;
  /** Says what a process has open. Tracing is on, and its calls follow. */
  learn(pid: number): void;
  /** A batch of the source: what need not be held back goes on. */
  pass(batch: Event[]): void;
  /** Says everything that is held back. */
  finish(): void;
}

export interface AnnouncerOptions {
  proc: ProcFs;
  inventory: Inventory;
  /** The processes that are traced now. */
  members(): Iterable<number>;
  emit(events: Event[]): void;
  warn(message: string, hint?: string): void;
}

export function openAnnouncer({ proc, inventory, members, emit, warn }: AnnouncerOptions): Announcer {
  const joining = openJoining(proc, emit);
  let relearning: NodeJS.Timeout | null = null;
  let deniedTold = false;
  let uringTold = false;

  const learn = (pid: number) => {
    const files = inventory.files(pid);
    if (files === 'denied') {
      if (!deniedTold) warn(`what process ${pid} has open may not be read`, 'run it as root or as its user');
      deniedTold = true;
    } else if (!uringTold && files.some((file) => file.path === 'anon_inode:[io_uring]')) {
      uringTold = true;
      warn(
        'the server reads through io_uring (io_method=io_uring): such reads are no system calls and are not seen',
        'everything else is; io_method=worker or sync shows the reads too',
      );
    }
    joining.settle(pid, files === 'denied' ? [] : files);
  };

  /** After a loss, descriptors may have changed unseen. */
  const relearn = () => {
    relearning ??= setTimeout(() => {
      relearning = null;
      for (const pid of members()) learn(pid);
    }, RELEARN_MS);
  };

  return {
    begin: joining.begin,
    describe(pid) {
      const event = inventory.process(pid);
      if (event !== null) emit([event]);
    },
    learn,
    pass(batch) {
      emit(joining.pass(batch));
      if (batch.some((event) => event.type === 'lost')) relearn();
    },
    finish() {
      if (relearning !== null) clearTimeout(relearning);
      joining.finish();
    },
  };
}
