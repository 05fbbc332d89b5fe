/**
 * A process at the beginning of its trace: its calls are held back until it is known what its descriptors
 * meant before the first of them.
 */
import type { Event, FdEvent } from '../event/types.js';
import type { ProcFs } from './inventory/procfs.js';
import { type Shot, settleFiles } from './position.js';
import { takeShot } from './shot.js';

/** How long a source may take to tell what it saw; ftrace's buffers are read twenty times a second. */
const DELAY_MS = 250;
/** A process that is busy with a file gets several chances to be seen between two calls. */
const SHOTS = 4;
const BETWEEN_SHOTS_MS = 10;

export interface Joining {
  /** Holds back what the process does from now on. */
  begin(pid: number): void;
  /** Its descriptors, read after tracing was on; `done` gets what comes before all that was held, and that. */
  settle(pid: number, files: readonly FdEvent[], done: (events: Event[]) => void): void;
  /** What of a batch need not be held. */
  pass(batch: Event[]): Event[];
  /** Settles all that is held with what is known now. */
  finish(): void;
}

interface Held {
  events: Event[];
  /** When the last shot was taken; infinite before. */
  shotAt: number;
  release: (() => void) | null;
}

export function openJoining(proc: ProcFs): Joining {
  const joining = new Map<number, Held>();

  const settle = (pid: number, files: readonly FdEvent[], done: (events: Event[]) => void) => {
    const held = joining.get(pid);
    if (held === undefined) {
      done([...files]);
      return;
    }
    const fds = files.filter((file) => file.path.startsWith('/')).map((file) => file.fd);
    const shots: Shot[] = [];
    let timer: NodeJS.Timeout;
    held.release = () => {
      clearTimeout(timer);
      joining.delete(pid);
      done([...settleFiles(files, shots, held.events), ...held.events]);
    };
    const shoot = () => {
      const shot = takeShot(proc, pid, fds);
      shots.push(shot);
      if (shots.length < SHOTS && fds.length > 0) timer = setTimeout(shoot, BETWEEN_SHOTS_MS);
      else {
        held.shotAt = shot.to;
        timer = setTimeout(held.release!, DELAY_MS);
      }
    };
    shoot();
  };

  return {
    begin(pid) {
      joining.set(pid, { events: [], shotAt: Number.POSITIVE_INFINITY, release: null });
    },
    settle,
    pass(batch) {
      if (joining.size === 0) return batch;
      const free: Event[] = [];
      const ready = new Set<Held>();
      for (const event of batch) {
        const held = 'pid' in event && event.pid !== null ? joining.get(event.pid) : undefined;
        if (held === undefined) free.push(event);
        else {
          held.events.push(event);
          // The source has told all that came before.
          if ('ts' in event && event.ts !== null && event.ts > held.shotAt) ready.add(held);
        }
      }
      for (const held of ready) held.release?.();
      return free;
    },
    finish() {
      for (const held of [...joining.values()]) held.release?.();
    },
  };
}
