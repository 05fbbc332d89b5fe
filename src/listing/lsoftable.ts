/** A saved listing of lsof(8) as it prints without -F: a table, with the header that tells where NAME begins. */

/** A row: the values of lsof's fields p, f, t and n. */
export interface TableRow {
  pid: number;
  /** `15`, `cwd`, `txt` …, without the letters of its access and lock. */
  fd: string;
  type: string;
  name: string;
}

const HEADER = /^COMMAND\s+PID\s.*\sFD\s+TYPE\s.*\sNAME$/;

/** The rows of the table; null where the text has no header of one. Rows without a name are left out. */
export function parseLsofTable(text: string): TableRow[] | null {
  const rows: TableRow[] = [];
  let nameAt = -1;
  let threads = false;
  for (const line of text.split('\n')) {
    if (HEADER.test(line)) {
      nameAt = line.length - 'NAME'.length;
      threads = /\sTID\s/.test(line);
    } else if (nameAt >= 0) {
      const row = parseRow(line, nameAt, threads);
      if (row !== null) rows.push(row);
    }
  }
  return nameAt < 0 ? null : rows;
}

function parseRow(line: string, nameAt: number, threads: boolean): TableRow | null {
  // COMMAND PID [TID TASKCMD] USER FD TYPE; a process's own row has no TID in a listing of threads.
  const words = line.slice(0, nameAt).split(/\s+/);
  const pid = words[1] ?? '';
  const fdAt = threads && /^\d+$/.test(words[2] ?? '') ? 5 : 3;
  const fd = /^(\d{1,10}|[a-zA-Z]{3})/.exec(words[fdAt] ?? '')?.[1];
  const type = words[fdAt + 1];
  const name = line.slice(nameAt);
  if (!/^\d{1,10}$/.test(pid) || fd === undefined || type === undefined || name === '') return null;
  return { pid: Number(pid), fd, type, name };
}
