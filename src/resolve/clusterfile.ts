/** What a path can be to a cluster. */
import type { Fork, PgOther, PgSlru } from '../event/pg.js';
import type { WalFile } from './walpath.js';

/** InvalidOid: the trace shows a tablespace's location, and nothing says whose it is. */
export const UNKNOWN_TABLESPACE = 0;

export interface RelationFile {
  kind: 'relation';
  tablespace: number;
  /** 0 for a shared relation. */
  database: number;
  filenode: number;
  fork: Fork;
  segment: number;
  /** The owner of a temporary relation: the number after `t`. */
  backend: number | null;
  /** The path of the fork's segment 0. */
  first: string;
}

export interface TempFile {
  kind: 'temp';
  file: string;
  tablespace: number;
  /** The pid of the process that made it, and its count of such files. */
  creator: number | null;
  number: number | null;
}

/** A segment of an SLRU; the segment's number counts 32 pages. */
export interface SlruFile {
  kind: PgSlru['kind'];
  file: string;
  /** Which of the two of pg_multixact. */
  part: 'offsets' | 'members' | null;
  segment: number;
  /** Named with 15 digits, as version 17 does for SLRUs of 64-bit page numbers. */
  long: boolean;
}

export interface OtherFile {
  kind: PgOther['kind'];
  file: string;
  database: number | null;
  tablespace: number | null;
  slot: string | null;
}

export type ClusterFile = RelationFile | WalFile | TempFile | SlruFile | OtherFile;
