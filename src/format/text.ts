/** Events as lines of text, in the look of strace -f -tt -T -y. */
import type {
  BufferEvent,
  BuffersEvent,
  Event,
  ExitEvent,
  FdEvent,
  ProcessEvent,
  SampleEvent,
  StatementEvent,
  TraceEvent,
  UnparsedEvent,
} from '../event/types.js';
import { type CallStyle, formatCall, formatResult } from './call.js';
import { describeObject } from './object.js';
import { quoted, safe } from './safe.js';
import { roundedSize } from './size.js';
import { type Clock, createTimeFormatter, formatDuration } from './time.js';

export interface TextStyle extends CallStyle {
  clock: Clock;
}

/**
 * Makes the function that gives an event's line, without its newline, or an empty text for a type that it does
 * not know. Nothing but printable text is in a line, whatever the event holds, but for the theme's colours.
 */
export function createTextFormatter(style: TextStyle): (event: Event) => string {
  let formatTime = createTimeFormatter(style.clock);
  const { time, end } = style.theme;
  return (event) => {
    if (event.type === 'trace') {
      formatTime = createTimeFormatter(event.clock === 'relative' ? 'seconds' : style.clock);
    }
    const body = formatBody(event, style);
    if (body === '') return '';
    const { ts, pid, comm } = event as { ts?: number | null; pid?: number | null; comm?: string };
    let start = ts == null ? '' : `${time}${formatTime(ts)}${end} `;
    if (pid != null) start += comm === undefined ? `[${pid}] ` : `[${pid}<${safe(comm)}>] `;
    return start + body;
  };
}

/** The line without time and process. */
export function formatBody(event: Event, style: CallStyle): string {
  switch (event.type) {
    case 'syscall':
      return formatCall(event.call, event, style) + formatResult(event, style);
    case 'sample':
      return formatSample(event, style);
    case 'buffer':
      return formatBuffer(event, style);
    case 'buffers':
      return formatBuffers(event, style);
    case 'statement':
      return formatStatement(event);
    case 'process':
      return formatProcess(event);
    case 'fd':
      return formatFd(event, style);
    case 'signal':
      return `--- ${words([event.signal, event.info])} ---`;
    case 'exit':
      return `+++ ${formatExit(event)} +++`;
    case 'lost':
      return `${style.theme.error}*** ${event.count} events lost: ${safe(event.reason)} ***${style.theme.end}`;
    case 'unparsed':
      return formatUnparsed(event);
    case 'trace':
      return formatTrace(event);
    default:
      return '';
  }
}

function formatTrace(event: TraceEvent): string {
  return `*** ${words([
    `${event.source} trace`,
    event.host === undefined ? '' : `on ${event.host}`,
    `by ${event.tool}`,
    event.clock === undefined ? '' : `with ${event.clock} times`,
  ])} ***`;
}

/** The call under way, its state, and what the process has done so far. */
function formatSample(event: SampleEvent, style: CallStyle): string {
  const call = event.call === undefined ? 'in no call' : formatCall(event.call, event, style);
  const counters: [string, string | undefined][] = [
    ['read', bytes(event.rchar)],
    ['written', bytes(event.wchar)],
    ['from disk', bytes(event.read_bytes)],
    ['to disk', bytes(event.write_bytes)],
    ['reads', event.syscr?.toString()],
    ['writes', event.syscw?.toString()],
  ];
  const known = counters.flatMap(([name, value]) => (value === undefined ? [] : `${name} ${value}`));
  return `${call} ${safe(event.state)}${known.length === 0 ? '' : ` (${known.join(', ')})`}`;
}

function bytes(count: number | undefined): string | undefined {
  return count === undefined ? undefined : roundedSize(count);
}

function formatBuffer(event: BufferEvent, { theme, ids }: CallStyle): string {
  const { pg, hit } = event;
  const what = hit === undefined ? 'buffer' : hit ? 'buffer hit' : 'buffer read';
  const path = `${event.tablespace}/${event.databaseOid}/${event.filenode}`;
  if (pg === undefined) return `${what} <${path} ${safe(event.fork)} ${event.block}>`;
  const color = pg.unresolved === undefined ? theme.object : theme.unresolved;
  return `${what} <${color}${describeObject(pg, path, ids)}${theme.end}>`;
}

/** `1234 buffers <shop: public.orders main>` */
function formatBuffers(event: BuffersEvent, { theme, ids }: CallStyle): string {
  const { pg, count } = event;
  const path = `${event.tablespace}/${event.databaseOid}/${event.filenode}`;
  if (pg === undefined) return `${count} buffers <${path} ${safe(event.fork)}>`;
  const color = pg.unresolved === undefined ? theme.object : theme.unresolved;
  return `${count} buffers <${color}${describeObject(pg, path, ids)}${theme.end}>`;
}

/** `statement 7 begins: "SELECT …"`, `statement 7 ends: idle <0.000147>`; a line, whatever is in the text. */
function formatStatement({ number, state, text, cut, dur }: StatementEvent): string {
  if (number === undefined) return `process is ${safe(state)}`;
  if (dur !== undefined) return `statement ${number} ends: ${safe(state)} <${formatDuration(dur)}>`;
  const what = text === undefined ? '' : `: ${quoted(text)}${cut === true ? '...' : ''}`;
  return `statement ${number} begins${state === 'running' ? '' : ` (${safe(state)})`}${what}`;
}

function formatProcess(event: ProcessEvent): string {
  const parts: [string, string | number | undefined][] = [
    ['', event.role],
    ['user ', event.user],
    ['database ', event.database],
    ['client ', event.client],
    ['leader ', event.leader],
    ['parent ', event.parent],
    ['version ', event.version],
    ['in ', event.cwd],
  ];
  const known = parts.flatMap(([name, value]) => (value === undefined ? [] : name + safe(String(value))));
  if (event.title !== undefined) known.push(quoted(event.title));
  return `=== process${known.length === 0 ? '' : ': '}${known.join(', ')} ===`;
}

function formatFd(event: FdEvent, { theme, ids }: CallStyle): string {
  const { pg, path } = event;
  const color = pg === undefined || pg.unresolved === undefined ? theme.object : theme.unresolved;
  const object = pg === undefined ? safe(path) : `${color}${describeObject(pg, path, ids)}${theme.end}`;
  let text = `=== open: ${event.fd}<${object}>`;
  if (event.offset !== undefined) text += ` at ${event.offset}`;
  if (event.flags !== undefined) text += ` ${safe(event.flags)}`;
  return `${text}${event.deleted === true ? ' (deleted)' : ''} ===`;
}

function formatExit(event: ExitEvent): string {
  if (event.signal === undefined) return `exited with ${event.status ?? '?'}`;
  return `killed by ${safe(event.signal)}${event.core === true ? ' (core dumped)' : ''}`;
}

function formatUnparsed(event: UnparsedEvent): string {
  const place = event.file === undefined ? `line ${event.line}` : `${safe(event.file)}:${event.line}`;
  return `??? ${place}: ${safe(event.text)}`;
}

function words(parts: readonly (string | undefined)[]): string {
  return parts.flatMap((part) => (part === undefined || part === '' ? [] : safe(part))).join(' ');
}
