import type { NamedRelation } from './names.js';

/** What was answered for a file: its relation, or why there is none. */
export type Answer = NamedRelation | string;

type ByFile = Map<number, Answer>;

/** Answers by database, tablespace, and filenode with the backend of a temporary relation. */
export class Answers {
  readonly #byDatabase = new Map<number, Map<number, ByFile>>();

  get(tablespace: number, database: number, filenode: number, backend?: number): Answer | undefined {
    return this.#byDatabase.get(database)?.get(tablespace)?.get(fileKey(filenode, backend));
  }

  set(answer: Answer, tablespace: number, database: number, filenode: number, backend?: number): void {
    this.#files(tablespace, database).set(fileKey(filenode, backend), answer);
  }

  #files(tablespace: number, database: number): ByFile {
    let byTablespace = this.#byDatabase.get(database);
    if (byTablespace === undefined) {
      byTablespace = new Map();
      this.#byDatabase.set(database, byTablespace);
    }
    let files = byTablespace.get(tablespace);
    if (files === undefined) {
      files = new Map();
      byTablespace.set(tablespace, files);
    }
    return files;
  }
}

/** Filenodes have 32 bits, backends at most 18 (MAX_BACKENDS): together they fit a number. */
function fileKey(filenode: number, backend: number | undefined): number {
  return backend === undefined ? filenode : filenode + (backend + 1) * 2 ** 32;
}
