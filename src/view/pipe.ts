/** Reads a pipe into one buffer, again and again, for who is done with what came when the next comes. */
import { fstatSync } from 'node:fs';
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import type { Readable } from 'node:stream';
import type { Ending } from '../stream/filter.js';

/** As much as a pipe of Linux holds. */
const ROOM = 1 << 16;

/** The descriptor of an input that is a pipe of the system's; null for all other inputs. */
export function pipeOf(input: Readable & { fd?: number }): number | null {
  return input.fd !== undefined && fstatSync(input.fd).isFIFO() ? input.fd : null;
}

/**
 * Reads the pipe up to its end, or to an abort of `signal`. The bytes that `take` is given are overwritten when it has
 * returned: a stream that makes a buffer for each chunk costs as much as twice the reading.
 * @throws what reading failed with, or `take`.
 */
export function readPipe(fd: number, take: (bytes: Buffer) => void, signal: AbortSignal): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const buffer = Buffer.allocUnsafeSlow(ROOM);
    const callback = (length: number): boolean => {
      try {
        take(buffer.subarray(0, length));
        return true;
      } catch (error) {
        socket.destroy(error as Error);
        return false;
      }
    };
    const options: SocketConstructorOpts & { onread: OnReadOpts } = {
      fd,
      readable: true,
      writable: false,
      onread: { buffer, callback },
    };
    const socket = new Socket(options);
    socket.once('end', () => resolve('end'));
    socket.once('error', reject);
    socket.once('close', () => resolve(signal.aborted ? 'interrupted' : 'end'));
    const stop = (): void => void socket.destroy();
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    socket.resume();
  });
}
