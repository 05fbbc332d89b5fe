/** What calls do to positions, and which bytes they touch. */
import type { CallArguments, SyscallEvent } from '../event/types.js';
import { fileOf, place } from './arguments.js';
import type { OpenFile, Process } from './descriptors.js';
import type { Touch, Touches } from './touch.js';

export function moveData(
  file: OpenFile | null,
  touch: Touch,
  event: SyscallEvent,
  ret: number,
  writes: boolean,
): void {
  if (file === null) return;
  const appends = writes && file.append;
  touch.offset = appends ? -1 : file.position;
  touch.length = ret >= 0 ? ret : place(event.length);
  touch.reaches = ret > 0 && touch.offset >= 0;
  advance(file, event, ret);
  if (appends && ret > 0) file.position = -1;
}

/** Moves a position by what a call has moved. A call whose end the trace does not show leaves it unknown. */
export function advance(file: OpenFile, event: SyscallEvent, ret: number): void {
  if (ret > 0 && file.position >= 0) file.position += ret;
  else if (event.ret === null && event.errno === undefined) file.position = -1;
}

export function range(touch: Touch, event: CallArguments): void {
  touch.offset = place(event.offset);
  // A length of 0 means up to the end (posix_fadvise(2), sync_file_range(2)).
  touch.length = event.length === 0 ? -1 : place(event.length);
}

export function seek(file: OpenFile | null, touch: Touch, event: SyscallEvent, ret: number): void {
  const position = event.call === '_llseek' ? (ret === 0 ? place(event.outoffset) : -1) : ret;
  const toEnd = event.whence === 'SEEK_END' || event.whence === '2';
  if (file === null) return;
  if (event.errno === undefined) file.position = position;
  if (!toEnd) touch.offset = position;
  else if (event.offset === 0) touch.size = position;
}

/** sendfile, copy_file_range, splice: an offset that is not given is the descriptor's own position. */
export function copy(process: Process, touches: Touches, event: SyscallEvent, ret: number): void {
  const { first, second } = touches;
  const length = ret >= 0 ? ret : place(event.length);
  const from = fileOf(process, first, event);
  const { outfd, outpath } = event;
  if (outfd !== undefined) fileOf(process, second, pathOf(outfd, outpath));
  const to = second.file;
  first.offset = place(event.offset ?? from?.position);
  second.offset = place(event.outoffset ?? (to?.append ? -1 : to?.position));
  first.length = length;
  second.length = length;
  second.reaches = ret > 0 && second.offset >= 0;
  if (from !== null && event.offset === undefined) advance(from, event, ret);
  if (to !== null && event.outoffset === undefined) advance(to, event, ret);
}

export function pathOf(fd: number, path: string | undefined): CallArguments {
  return path === undefined ? { fd } : { fd, path };
}
