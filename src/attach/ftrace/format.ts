/**
 * What the kernel says of its own layouts: `events/header_page`, `events/header_event` and each event's
 * `format` file (Documentation/trace/events.rst, "Event formats").
 */
import { Failure } from '../../cli/diagnostic.js';

export interface Field {
  name: string;
  /** The declaration without the name: `unsigned int`, `const char *`, `__data_loc char[]`. */
  type: string;
  /** In bytes from the record's beginning. */
  offset: number;
  size: number;
  signed: boolean;
}

export interface Format {
  name: string;
  id: number;
  /** The fields of the event itself; `common_*` left out, which `common` holds. */
  fields: Field[];
  common: { type: Field; pid: Field };
}

/** Where a sub-buffer has its parts, in bytes (events/header_page). */
export interface PageLayout {
  timestamp: number;
  commit: number;
  /** 8 on a 64-bit kernel: the size of its `long`. */
  commitSize: number;
  data: number;
  /** Of the whole sub-buffer: the machine's page, or more by buffer_subbuf_size_kb (Linux 6.8). */
  size: number;
}

/** The numbers of `type_len` that are no length (events/header_event). */
export interface EntryLayout {
  typeBits: number;
  padding: number;
  timeExtend: number;
  timeStamp: number;
}

/** @throws Failure where the text is no format file or lacks what every event has. */
export function parseFormat(text: string): Format {
  const name = /^name: (\S+)$/m.exec(text)?.[1];
  const id = Number(/^ID: (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
  if (name === undefined || Number.isNaN(id)) throw unreadable('an event format', 'a name and an ID', text);
  const fields = parseFields(text);
  const type = fields.find((field) => field.name === 'common_type');
  const pid = fields.find((field) => field.name === 'common_pid');
  if (type?.size !== 2 || pid?.size !== 4)
    throw unreadable(`the format of ${name}`, 'common_type of 2 bytes, common_pid of 4', text);
  return {
    name,
    id,
    fields: fields.filter((field) => !field.name.startsWith('common_')),
    common: { type, pid },
  };
}

/** @throws Failure where a part is missing. */
export function parseHeaderPage(text: string): PageLayout {
  const fields = parseFields(text);
  const timestamp = fields.find((field) => field.name === 'timestamp');
  const commit = fields.find((field) => field.name === 'commit');
  const data = fields.find((field) => field.name === 'data');
  if (timestamp?.size !== 8 || commit === undefined || data === undefined)
    throw unreadable('events/header_page', 'timestamp of 8 bytes, commit, data', text);
  return {
    timestamp: timestamp.offset,
    commit: commit.offset,
    commitSize: commit.size,
    data: data.offset,
    size: data.offset + data.size,
  };
}

/** @throws Failure where a part is missing. */
export function parseHeaderEvent(text: string): EntryLayout {
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  const layout = {
    typeBits: number(/type_len\s*:\s*(\d+) bits/),
    padding: number(/padding\s*:\s*type == (\d+)/),
    timeExtend: number(/time_extend\s*:\s*type == (\d+)/),
    // Kernels before 4.16 have no absolute time stamps: no type_len equals -1.
    timeStamp: Number(/time_stamp\s*:\s*type == (\d+)/.exec(text)?.[1] ?? -1),
  };
  if (Object.values(layout).some(Number.isNaN))
    throw unreadable('events/header_event', 'type_len, padding, time_extend', text);
  return layout;
}

function parseFields(text: string): Field[] {
  const fields: Field[] = [];
  const pattern = /^\s*field:(.+?)(\w+)((?:\[\d*\])*);\s*offset:(\d+);\s*size:(\d+);\s*signed:([01]);/gm;
  for (const [, type, name, dimensions, offset, size, signed] of text.matchAll(pattern))
    fields.push({
      name: name!,
      type: `${type!.trimEnd()}${dimensions}`,
      offset: Number(offset),
      size: Number(size),
      signed: signed === '1',
    });
  return fields;
}

function unreadable(what: string, expected: string, text: string): Failure {
  return new Failure(
    `cannot read ${what} of this kernel (expected ${expected}, found ${JSON.stringify(text.slice(0, 200))})`,
    'please report it with the output of uname -a; --via strace works without it',
  );
}
