/** Events to NDJSON: one JSON object a line. */
import type { Event } from './types.js';
import { LastSecond, Text, Writer } from './writer.js';

/** The events as text, each on a line of its own, each line ended. */
export function encodeEvents(events: readonly Event[]): string {
  return encodeBytes(events).toString();
}

/**
 * The same in UTF-8: what JSON.stringify gives, in half of its time (test/bench/parse.ts). Most values of a
 * system call come again and again, so their bytes, with their key's, are remembered; the rest are digits. Keys that
 * are not known here, and every other type of event, go through JSON.stringify.
 */
export function encodeBytes(events: readonly Event[]): Buffer {
  const out = new Writer(events.length * 256);
  for (const event of events) {
    if (event.type === 'syscall') writeSyscall(out, event);
    else out.string(`${JSON.stringify(event)}\n`);
  }
  return out.done();
}

const BEGIN = new Text('{"type":"syscall"');
const END = new Text('}\n');

function writeSyscall(out: Writer, event: object): void {
  out.text(BEGIN);
  const values = event as Readonly<Record<string, unknown>>;
  for (const key in values) {
    const value = values[key];
    switch (key) {
      case 'type':
        break;
      case 'ts':
        ts.seconds(out, value);
        break;
      case 'pid':
        pid.number(out, value);
        break;
      case 'call':
        call.known(out, value);
        break;
      case 'fd':
        fd.known(out, value);
        break;
      case 'path':
        path.known(out, value);
        break;
      case 'offset':
        offset.number(out, value);
        break;
      case 'length':
        length.known(out, value);
        break;
      case 'whence':
        whence.known(out, value);
        break;
      case 'flags':
        flags.known(out, value);
        break;
      case 'ret':
        ret.number(out, value);
        break;
      case 'errno':
        errno.known(out, value);
        break;
      case 'dur':
        dur.seconds(out, value);
        break;
      default:
        out.string(member(key, value));
    }
  }
  out.text(END);
}

/** `,"key":value`; nothing for `undefined`, as JSON.stringify leaves such a key out. */
function member(key: string, value: unknown): string {
  const json = JSON.stringify(value);
  return json === undefined ? '' : `,${JSON.stringify(key)}:${json}`;
}

const MOST_KNOWN = 4096;
const LONGEST_KNOWN = 1024;

/** One key of an event, and how its values are written. */
class Key {
  private readonly name: string;
  private readonly label: Text;
  /** Members that were written before, the value and its key. */
  private readonly texts = new Map<unknown, Text>();
  private readonly second = new LastSecond();
  private last: unknown = Symbol('none');
  private lastText = new Text('');

  constructor(name: string) {
    this.name = name;
    this.label = new Text(`,"${name}":`);
  }

  number(out: Writer, value: unknown): void {
    if (typeof value !== 'number') {
      out.string(member(this.name, value));
      return;
    }
    out.text(this.label);
    out.number(value);
  }

  seconds(out: Writer, value: unknown): void {
    if (typeof value !== 'number') {
      out.string(member(this.name, value));
      return;
    }
    out.text(this.label);
    out.seconds(value, this.second);
  }

  /** A value of which there are few different ones: a call's name, a path. */
  known(out: Writer, value: unknown): void {
    if (value !== this.last) {
      const text = this.texts.get(value) ?? this.learn(value);
      if (text === null) {
        out.string(member(this.name, value));
        return;
      }
      this.last = value;
      this.lastText = text;
    }
    out.text(this.lastText);
  }

  private learn(value: unknown): Text | null {
    const json = member(this.name, value);
    if (json.length > LONGEST_KNOWN) return null;
    const text = new Text(json);
    if (this.texts.size >= MOST_KNOWN) this.texts.clear();
    this.texts.set(value, text);
    return text;
  }
}

const ts = new Key('ts');
const pid = new Key('pid');
const call = new Key('call');
const fd = new Key('fd');
const path = new Key('path');
const offset = new Key('offset');
const length = new Key('length');
const whence = new Key('whence');
const flags = new Key('flags');
const ret = new Key('ret');
const errno = new Key('errno');
const dur = new Key('dur');
