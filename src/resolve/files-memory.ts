/** ClusterFiles over bytes in memory: an archive's members, or what a test makes up. */
import { ClusterFileError, type ClusterFiles } from './files.js';

/** A file's bytes: a Uint8Array, or what is read like one. */
export type Content = {
  readonly length: number;
  subarray(begin: number, end?: number): Uint8Array;
};

/** Directories are what the paths of files and links imply. */
export function memoryFiles(
  files: ReadonlyMap<string, Content>,
  links: ReadonlyMap<string, string> = new Map(),
): ClusterFiles {
  const directories = childrenByDirectory([...files.keys(), ...links.keys()]);
  const need = (path: string): Content => {
    const bytes = files.get(path);
    if (bytes === undefined) throw new ClusterFileError(path, 'no such file or directory', 'ENOENT');
    return bytes;
  };
  return {
    read: (path) => need(path).subarray(0),
    readAt: (path, offset, length) => need(path).subarray(offset, offset + length),
    size: (path) => files.get(path)?.length ?? null,
    list: (path) => [...(directories.get(path) ?? [])].sort(),
    link: (path) => links.get(path) ?? null,
  };
}

function childrenByDirectory(paths: readonly string[]): Map<string, Set<string>> {
  const directories = new Map<string, Set<string>>();
  for (const path of paths) {
    const parts = path.split('/');
    for (let depth = 0; depth < parts.length; depth++) {
      const directory = parts.slice(0, depth).join('/');
      const children = directories.get(directory);
      if (children === undefined) directories.set(directory, new Set([parts[depth]!]));
      else children.add(parts[depth]!);
    }
  }
  return directories;
}
