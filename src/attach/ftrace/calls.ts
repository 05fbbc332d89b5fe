/** The calls that are traced, by the kernel's names, and what they do to descriptors. */
import { CALLS } from '../../parse/calls.js';
import { type Argument, argumentsOf, straceName } from '../../parse/linux/calls.js';

/** What a call does to its process's descriptors. */
export type Effect =
  /** Returns a new descriptor, whose file is to be found out. */
  | 'opens'
  /** Ends what its first argument meant. */
  | 'closes'
  /** Ends what its second argument meant. */
  | 'replaces'
  /** Ends what several descriptors meant. */
  | 'closes many'
  | 'none';

export interface Call {
  /** As strace(1) says it. */
  name: string;
  /** By position; null for a call whose arguments stay raw. */
  args: readonly Argument[] | null;
  effect: Effect;
}

const EFFECTS: Readonly<Record<string, Effect>> = {
  ...Object.fromEntries(
    (
      'open creat openat openat2 open_by_handle_at dup socket accept accept4 epoll_create epoll_create1 eventfd ' +
      'eventfd2 signalfd signalfd4 timerfd_create inotify_init inotify_init1 memfd_create io_uring_setup ' +
      'pidfd_open perf_event_open'
    )
      .split(' ')
      .map((call) => [call, 'opens'] as const),
  ),
  close: 'closes',
  dup2: 'replaces',
  dup3: 'replaces',
  close_range: 'closes many',
  execve: 'closes many',
  execveat: 'closes many',
};

/** What is traced beside parse's table unless every call is asked for. */
const ALSO_TRACED = ['exit', 'exit_group', 'io_uring_setup', 'socket', ...Object.keys(EFFECTS)];

/** Not worth its noise: no file of the cluster is touched by these. */
const UNTRACED = new Set([
  'access',
  'getsockname',
  'getpeername',
  'getsockopt',
  'setsockopt',
  'bind',
  'listen',
]);

/** Whether a call is traced unless every call is asked for; by the kernel's name of it. */
export function isTraced(event: string): boolean {
  const name = straceName(event);
  return (CALLS.has(name) || ALSO_TRACED.includes(name)) && !UNTRACED.has(name);
}

/** How to read a call, by the kernel's name of it (`newfstat` of `sys_enter_newfstat`). */
export function callOf(event: string): Call {
  const name = straceName(event);
  return { name, args: argumentsOf(name), effect: EFFECTS[name] ?? 'none' };
}
