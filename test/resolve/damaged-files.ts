/** A data directory with one file that is not as it was written. */
import type { ClusterFiles } from '../../src/resolve/files.js';

/** Bytes that are other than they were, from `at` on, or the length that the file was cut to. */
export type Damage = { path: string; at: number; flip: Uint8Array } | { path: string; cut: number };

export function damagedFiles(files: ClusterFiles, damage: Damage): ClusterFiles {
  const { path } = damage;
  const change = (bytes: Uint8Array, offset: number): Uint8Array => {
    if ('cut' in damage) return bytes.subarray(0, Math.max(0, damage.cut - offset));
    const changed = bytes.slice();
    damage.flip.forEach((bits, index) => {
      const at = damage.at + index - offset;
      if (at >= 0 && at < changed.length) changed[at]! ^= bits;
    });
    return changed;
  };
  return {
    ...files,
    read: (asked) => (asked === path ? change(files.read(asked), 0) : files.read(asked)),
    readAt(asked, offset, length) {
      const bytes = files.readAt(asked, offset, length);
      return asked === path ? change(bytes, offset) : bytes;
    },
    size(asked) {
      const size = files.size(asked);
      return asked === path && size !== null && 'cut' in damage ? Math.min(size, damage.cut) : size;
    },
  };
}
