/** File names of pg_wal: src/include/access/xlog_internal.h, src/backend/backup/walsummary.c (17). */

export interface WalFile {
  kind: 'wal';
  /** The file's name. */
  segment: string;
  /** Null for a file that is not of a timeline yet, such as `xlogtemp.3820`. */
  timeline: number | null;
  /** Of a file that holds WAL: the two parts of its number. The low one counts segments within 4 GB. */
  segno: { high: number; low: number } | null;
  /** Where what the file describes begins, for a summary. */
  lsn: string | null;
}

const SEGMENT = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})(\.partial)?$/;
const SUMMARY = /^summaries\/([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})[0-9A-F]{16}\.summary$/;
const HISTORY = /^([0-9A-F]{8})\.history$/;
const BACKUP = /^([0-9A-F]{8})[0-9A-F]{16}\.[0-9A-F]{8}\.backup$/;
const STATUS = /^archive_status\/([0-9A-F]{8})[^/]*\.(?:ready|done)$/;
/** Files that become a segment, a history or a summary by a rename. */
const UNFINISHED = /^(?:xlogtemp\.\d+|RECOVERYXLOG|RECOVERYHISTORY|summaries\/temp\.summary)$/;

/** What a path below pg_wal is; null where it has no form of WAL. */
export function parseWal(rest: string): WalFile | null {
  const segment = rest.slice(rest.lastIndexOf('/') + 1);
  const full = SEGMENT.exec(rest);
  if (full !== null) {
    const timeline = hex(full[1]!);
    return timeline === 0 ? null : wal(segment, timeline, { high: hex(full[2]!), low: hex(full[3]!) });
  }
  const summary = SUMMARY.exec(rest);
  if (summary !== null) {
    return wal(segment, hex(summary[1]!), null, formatLsn(hex(summary[2]!), hex(summary[3]!)));
  }
  const described = HISTORY.exec(rest) ?? BACKUP.exec(rest) ?? STATUS.exec(rest);
  if (described !== null) return wal(segment, hex(described[1]!));
  return UNFINISHED.test(rest) ? wal(segment, null) : null;
}

/** An LSN of two 32-bit halves, as `%X/%X`. */
export function formatLsn(high: number, low: number): string {
  return `${high.toString(16).toUpperCase()}/${low.toString(16).toUpperCase()}`;
}

function wal(
  segment: string,
  timeline: number | null,
  segno: WalFile['segno'] = null,
  lsn: string | null = null,
): WalFile {
  return { kind: 'wal', segment, timeline, segno, lsn };
}

function hex(digits: string): number {
  return Number.parseInt(digits, 16);
}
