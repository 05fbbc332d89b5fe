/** The released versions: one row each, newest first. */
import {
  PG_CLASS,
  PG_DATABASE,
  PG_DEPEND,
  PG_INDEX,
  PG_INHERITS,
  PG_NAMESPACE,
  PG_TABLESPACE,
  type RowLayout,
  rowLayout,
} from './columns.js';

export interface Version {
  /** PG_VERSION's content. */
  readonly major: number;
  /** CATALOG_VERSION_NO (src/include/catalog/catversion.h) of the release; it is part of tablespaces' directory names. */
  readonly catalogVersion: number;
  /** PG_CONTROL_VERSION (src/include/catalog/pg_control.h). */
  readonly controlVersion: number;
  /** XLOG_PAGE_MAGIC (src/include/access/xlog_internal.h). */
  readonly walMagic: number;
}

export const VERSIONS: readonly Version[] = [
  { major: 18, catalogVersion: 202506291, controlVersion: 1800, walMagic: 0xd118 },
  { major: 17, catalogVersion: 202406281, controlVersion: 1700, walMagic: 0xd116 },
  { major: 16, catalogVersion: 202307071, controlVersion: 1300, walMagic: 0xd113 },
  { major: 15, catalogVersion: 202209061, controlVersion: 1300, walMagic: 0xd110 },
  { major: 14, catalogVersion: 202107181, controlVersion: 1300, walMagic: 0xd10d },
  { major: 13, catalogVersion: 202007201, controlVersion: 1300, walMagic: 0xd106 },
  { major: 12, catalogVersion: 201909212, controlVersion: 1201, walMagic: 0xd101 },
  { major: 11, catalogVersion: 201809051, controlVersion: 1100, walMagic: 0xd098 },
  { major: 10, catalogVersion: 201707211, controlVersion: 1002, walMagic: 0xd097 },
];

export const NEWEST_MAJOR = VERSIONS[0]!.major;
export const OLDEST_MAJOR = VERSIONS[VERSIONS.length - 1]!.major;

/** The catalogs' rows in one version. */
export interface CatalogLayout {
  readonly pgClass: RowLayout<(typeof PG_CLASS)[number]['name']>;
  readonly pgNamespace: RowLayout<(typeof PG_NAMESPACE)[number]['name']>;
  readonly pgTablespace: RowLayout<(typeof PG_TABLESPACE)[number]['name']>;
  readonly pgIndex: RowLayout<(typeof PG_INDEX)[number]['name']>;
  readonly pgInherits: RowLayout<(typeof PG_INHERITS)[number]['name']>;
  readonly pgDepend: RowLayout<(typeof PG_DEPEND)[number]['name']>;
  readonly pgDatabase: RowLayout<(typeof PG_DATABASE)[number]['name']>;
}

/** The layout of a version; of one newer than the newest known, the newest known. */
export function catalogLayout(major: number): CatalogLayout {
  return {
    pgClass: rowLayout(PG_CLASS, major),
    pgNamespace: rowLayout(PG_NAMESPACE, major),
    pgTablespace: rowLayout(PG_TABLESPACE, major),
    pgIndex: rowLayout(PG_INDEX, major),
    pgInherits: rowLayout(PG_INHERITS, major),
    pgDepend: rowLayout(PG_DEPEND, major),
    pgDatabase: rowLayout(PG_DATABASE, major),
  };
}
