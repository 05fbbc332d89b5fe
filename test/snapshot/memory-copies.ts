/** Copies in memory, as a snapshot's files would be. */
import type { Copies } from '../../src/snapshot/recording.js';

export function memoryCopies(): Copies & { files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    write(path, offset, bytes) {
      const before = files.get(path) ?? new Uint8Array(0);
      const file = new Uint8Array(Math.max(before.length, offset + bytes.length));
      file.set(before);
      file.set(bytes, offset);
      files.set(path, file);
    },
    remove: (path) => files.delete(path),
  };
}
