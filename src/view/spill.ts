/** A sort or hash that does not fit into work_mem: what was written to temporary files, and what was read back. */
import type { PgTemp } from '../event/pg.js';
import type { Measure } from './measure.js';

/**
 * - writing: the input is read, and written in runs or batches
 * - merging: runs are read and written as longer ones (a sort of several passes)
 * - reading back: the last reading, which gives the result
 */
export type SpillPhase = 'writing' | 'merging' | 'reading back';

/** BLCKSZ of all but servers that were built otherwise. */
const BLOCK = 8192;

interface TempFile {
  /** Bytes. */
  size: number;
  /** Bytes read since it was written last, and most of what was read between two writes. */
  back: number;
  longest: number;
}

export class Spill {
  /** Bytes read since `turn()`, of files that are there now. */
  turned = 0;
  private readonly files = new Map<string, TempFile>();
  /** Bytes of files that were read back and are deleted. */
  private gone = 0;
  /** The file whose descriptor was closed last. */
  private closed: string | null = null;

  call({ file, total }: PgTemp, name: string, { flow, bytes }: Measure): void {
    if (name === 'close') this.closed = file;
    if (name.startsWith('unlink')) this.remove(file);
    if (bytes === 0) return;
    let known = this.files.get(file);
    if (known === undefined) {
      known = { size: 0, back: 0, longest: 0 };
      this.files.set(file, known);
    }
    if (total !== undefined) known.size = total * BLOCK;
    if (flow === 'write') {
      known.longest = Math.max(known.longest, known.back);
      known.back = 0;
    } else {
      this.turned += bytes;
      known.back += bytes;
    }
  }

  /** Some file was deleted, and the trace does not tell which: FileClose() (fd.c) closes it just before. */
  unlinked(): void {
    if (this.closed !== null) this.remove(this.closed);
  }

  /** Something else is done now, beside which what is read from temporary files counts anew. */
  turn(): void {
    this.turned = 0;
  }

  phase(): SpillPhase | null {
    if (this.files.size === 0) return null;
    const found = this.biggestRead();
    if (found === null) return this.gone > 0 ? 'reading back' : 'writing';
    return isLast(found) ? 'reading back' : 'merging';
  }

  /** 0 to 1; null before the last reading. What is left over in a file that a sort has used again counts, too. */
  done(): number | null {
    if (this.phase() !== 'reading back') return null;
    let back = this.gone;
    let size = this.gone;
    for (const file of this.files.values()) {
      size += file.size;
      if (isLast(file)) back += Math.min(file.back, file.size);
    }
    return size === 0 ? null : back / size;
  }

  private biggestRead(): TempFile | null {
    let found: TempFile | null = null;
    for (const file of this.files.values())
      if (file.back + file.longest > 0 && (found === null || file.size > found.size)) found = file;
    return found;
  }

  private remove(name: string): void {
    const file = this.files.get(name);
    if (file !== undefined && isLast(file)) this.gone += file.size;
    this.files.delete(name);
    this.closed = null;
    if (this.files.size > 0) return;
    this.turned = 0;
    this.gone = 0;
  }
}

/** A merge reads by turns, each about as long as the first, which fills its buffers. */
function isLast({ back, longest }: TempFile): boolean {
  return back > 2 * longest;
}
