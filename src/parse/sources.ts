/** What pgtrace-parse reads: files, or standard input. */
import { createReadStream, fstatSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { cannotRead, filterFailure } from '../cli/reading.js';

export interface Source {
  /** Absent for standard input. */
  file?: string;
  /** The process in the name that strace -ff gives a file: `trace.log.3820`. */
  pid: number | null;
  /** When the trace was written last; null where it is no file. */
  lastWritten: Date | null;
  /** Bytes; null where it is no file. */
  size: number | null;
  /** Opens it: chunks of at most `chunk` bytes. */
  open(chunk: number): Readable;
}

/** Linux allows no pid above 2^22; a smaller number at the end of a name may be a log rotator's. */
const NAMED = /\.([1-9]\d{1,6})$/;

export async function fileSource(file: string): Promise<Source> {
  const status = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw cannotRead(file, error);
  });
  if (status.isDirectory()) throw cannotRead(file, { code: 'EISDIR' });
  const pid = NAMED.exec(basename(file))?.[1];
  return {
    file,
    pid: pid === undefined ? null : Number(pid),
    lastWritten: status.isFile() ? status.mtime : null,
    size: status.isFile() ? status.size : null,
    open: (highWaterMark) => createReadStream(file, { highWaterMark }),
  };
}

/** Standard input, which may well be a file (`< trace.log`). */
export function standardInput(stdin: Readable & { fd?: number }): Source {
  const status = typeof stdin.fd === 'number' ? fstatSync(stdin.fd) : null;
  const file = status?.isFile() ? status : null;
  return { pid: null, lastWritten: file?.mtime ?? null, size: file?.size ?? null, open: () => stdin };
}

/** The chunks of a source, up to its end or the abort of `signal`. */
export async function* chunks(source: Source, size: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stream = source.open(size);
  const stop = (): void => {
    stream.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    if (!signal.aborted) throw filterFailure(source.file ?? 'standard input', error);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
