/**
 * What a path below the data directory is. Pure: nothing is looked up, a path is judged by its form alone.
 *
 * Forms: src/common/relpath.c (relation forks), src/include/access/xlog_internal.h (WAL), src/backend/storage/
 * file/fd.c and fileset.c (temporary files), src/backend/access/transam/slru.c (segments of SLRUs),
 * doc/src/sgml/storage.sgml (the rest), PostgreSQL 10 to 18.
 */
import type { Fork, PgOther, PgSlru } from '../event/pg.js';
import { DEFAULT_TABLESPACE, GLOBAL_TABLESPACE } from '../postgres/catalog-source.js';
import {
  type ClusterFile,
  type OtherFile,
  type RelationFile,
  type SlruFile,
  type TempFile,
  UNKNOWN_TABLESPACE,
} from './clusterfile.js';
import { parseWal } from './walpath.js';

const MAX_OID = 0xffffffff;
const RELATION = /^(?:t(\d{1,10})_)?([1-9]\d{0,9})(?:_(fsm|vm|init))?(?:\.([1-9]\d{0,9}))?$/;
const OID = /^[1-9]\d{0,9}$/;
const TEMP = /^pgsql_tmp(\d{1,10})\.(\d{1,15})(?:\.(?:shared)?fileset(?:\/.*)?)?$/;
const TABLESPACE_VERSION = /^PG_\d{1,4}(?:\.\d)?_\d{9}$/;
const SLRU_SEGMENT = /^(?:[0-9A-F]{4,6}|[0-9A-F]{15})$/;

/** Folders whose every file is of one kind. */
const FOLDERS: ReadonlyMap<string, PgOther['kind']> = new Map([
  ['pg_twophase', 'twophase'],
  ['pg_snapshots', 'snapshot'],
  ['pg_logical', 'logical'],
  ['pg_replslot', 'replslot'],
  ['pg_stat', 'stat'],
  ['pg_stat_tmp', 'stat'],
  ['pg_dynshmem', 'dynshmem'],
  ['log', 'log'],
  ['pg_log', 'log'],
]);

/** SLRU folders; the names before version 10 too. */
const SLRUS: ReadonlyMap<string, PgSlru['kind']> = new Map([
  ['pg_xact', 'xact'],
  ['pg_clog', 'xact'],
  ['pg_subtrans', 'subtrans'],
  ['pg_commit_ts', 'commit_ts'],
  ['pg_notify', 'notify'],
  ['pg_serial', 'serial'],
]);

const TOP_FILES: ReadonlyMap<string, PgOther['kind']> = new Map([
  ['PG_VERSION', 'version'],
  ['postmaster.pid', 'pid'],
  ['postmaster.opts', 'pid'],
  ['backup_label', 'backup'],
  ['backup_label.old', 'backup'],
  ['tablespace_map', 'backup'],
  ['tablespace_map.old', 'backup'],
  ['backup_manifest', 'backup'],
  ['current_logfiles', 'log'],
  ['current_logfiles.tmp', 'log'],
  ['logrotate', 'log'],
  ['recovery.done', 'config'],
  ['recovery.signal', 'config'],
  ['standby.signal', 'config'],
  ['promote', 'config'],
  ['postgresql.auto.conf.tmp', 'config'],
]);

/** Judges a path below the data directory, with `/`, no `.` components and no slash at its ends. */
export function classify(below: string): ClusterFile {
  const slash = below.indexOf('/');
  const top = slash < 0 ? below : below.slice(0, slash);
  const rest = slash < 0 ? '' : below.slice(slash + 1);
  switch (top) {
    case '':
      return other('directory', below);
    case 'base':
      return inTablespace(below, rest, DEFAULT_TABLESPACE);
    case 'global':
      return inGlobal(below, rest);
    case 'pg_tblspc':
      return underLink(below, rest);
    case 'pg_wal':
    case 'pg_xlog':
      return parseWal(rest) ?? other(isWalFolder(rest) ? 'directory' : 'other', below);
    case 'pg_multixact':
      return inMultixact(below, rest);
  }
  const slru = SLRUS.get(top);
  if (slru !== undefined) return inSlru(below, rest, slru, null);
  const kind = FOLDERS.get(top);
  if (kind !== undefined) return inFolder(below, top, rest, kind);
  if (rest === '') return other(TOP_FILES.get(top) ?? (top.endsWith('.conf') ? 'config' : 'other'), below);
  return other('other', below);
}

/** True for a form that no file has by chance, so that what stands before it is a data directory. */
export function isTelling(file: ClusterFile): boolean {
  switch (file.kind) {
    case 'wal':
      return file.segno !== null;
    case 'relation':
      // Any program may have a folder `global` with a numbered file in it.
      return file.database !== 0;
    case 'temp':
    case 'xact':
    case 'multixact':
    case 'subtrans':
    case 'commit_ts':
    case 'control':
    case 'relmap':
      return true;
    default:
      return false;
  }
}

/** Judges a path below a tablespace's location, `PG_<major>_<catalog version>/…`, of a tablespace that is not known. */
export function classifyInLocation(path: string): ClusterFile {
  const slash = path.indexOf('/');
  return inTablespace(path, slash < 0 ? '' : path.slice(slash + 1), UNKNOWN_TABLESPACE);
}

function isWalFolder(rest: string): boolean {
  return rest === '' || rest === 'archive_status' || rest === 'summaries';
}

/** `<database>/<file>` and `pgsql_tmp/<file>`, which base/ and every tablespace's version folder hold. */
function inTablespace(below: string, rest: string, tablespace: number): ClusterFile {
  const slash = rest.indexOf('/');
  const folder = slash < 0 ? rest : rest.slice(0, slash);
  const name = slash < 0 ? '' : rest.slice(slash + 1);
  if (folder === '') return other('directory', below, null, tablespace);
  if (folder === 'pgsql_tmp') {
    return name === '' ? other('directory', below, null, tablespace) : temp(below, name, tablespace);
  }
  const database = oid(folder);
  if (database === null) return other('other', below);
  if (name === '') return other('directory', below, database, tablespace);
  return (
    relation(below, name, tablespace, database) ??
    other(databaseFile(name) ?? 'other', below, database, tablespace)
  );
}

function inGlobal(below: string, rest: string): ClusterFile {
  if (rest === '') return other('directory', below);
  if (rest === 'pg_control') return other('control', below);
  if (rest.startsWith('config_exec_params')) return other('config', below);
  if (rest.endsWith('.stat') || rest === 'pgstat.tmp') return other('stat', below);
  return relation(below, rest, GLOBAL_TABLESPACE, 0) ?? other(databaseFile(rest) ?? 'other', below);
}

/** `<tablespace>/PG_<major>_<catalog version>/…` */
function underLink(below: string, rest: string): ClusterFile {
  const [link = '', version] = rest.split('/', 2);
  const tablespace = oid(link);
  if (rest === '') return other('directory', below);
  if (tablespace === null) return other('other', below);
  if (version === undefined) return other('directory', below, null, tablespace);
  if (!TABLESPACE_VERSION.test(version)) return other('other', below, null, tablespace);
  return inTablespace(below, rest.slice(link.length + version.length + 2), tablespace);
}

function relation(below: string, name: string, tablespace: number, database: number): RelationFile | null {
  const match = RELATION.exec(name);
  const filenode = match === null ? null : oid(match[2]!);
  if (match === null || filenode === null) return null;
  const [, backend, , fork, segment] = match;
  return {
    kind: 'relation',
    tablespace,
    database,
    filenode,
    fork: (fork ?? 'main') as Fork,
    segment: segment === undefined ? 0 : Number(segment),
    backend: backend === undefined ? null : Number(backend),
    first: segment === undefined ? below : below.slice(0, -segment.length - 1),
  };
}

function databaseFile(name: string): PgOther['kind'] | null {
  if (name === 'PG_VERSION') return 'version';
  if (/^pg_filenode\.map(?:\.tmp)?$/.test(name)) return 'relmap';
  return /^pg_internal\.init(?:\.\d+)?$/.test(name) ? 'relcache' : null;
}

function temp(below: string, name: string, tablespace: number): TempFile {
  const match = TEMP.exec(name);
  return {
    kind: 'temp',
    file: below,
    tablespace,
    creator: match === null ? null : Number(match[1]),
    number: match === null ? null : Number(match[2]),
  };
}

function inMultixact(below: string, rest: string): ClusterFile {
  const [part = '', name = ''] = rest.split('/', 2);
  if (rest === '') return other('directory', below);
  if (part !== 'offsets' && part !== 'members') return other('other', below);
  return inSlru(below, name, 'multixact', part);
}

function inSlru(below: string, name: string, kind: PgSlru['kind'], part: SlruFile['part']): ClusterFile {
  if (name === '') return other('directory', below);
  if (!SLRU_SEGMENT.test(name)) return other('other', below);
  return { kind, file: below, part, segment: Number.parseInt(name, 16), long: name.length === 15 };
}

function inFolder(below: string, top: string, rest: string, kind: PgOther['kind']): OtherFile {
  if (rest === '') return other('directory', below);
  switch (top) {
    case 'pg_replslot':
      // A slot is made, and dropped, under its name and `.tmp`, which no slot can have.
      return other(kind, below, null, null, rest.split('/', 1)[0]!.replace(/\.tmp$/, ''));
    case 'pg_logical':
      if (rest === 'snapshots' || rest === 'mappings') return other('directory', below);
      return other(rest.startsWith('snapshots/') ? 'snapshot' : kind, below);
    case 'pg_stat':
    case 'pg_stat_tmp': {
      const database = /^db_([1-9]\d{0,9})\.(?:stat|tmp)$/.exec(rest)?.[1];
      return other(kind, below, database === undefined ? null : oid(database));
    }
    default:
      return other(kind, below);
  }
}

function oid(digits: string): number | null {
  if (!OID.test(digits)) return null;
  const value = Number(digits);
  return value <= MAX_OID ? value : null;
}

function other(
  kind: PgOther['kind'],
  file: string,
  database: number | null = null,
  tablespace: number | null = null,
  slot: string | null = null,
): OtherFile {
  return { kind, file, database, tablespace, slot };
}
