/** Events to NDJSON: one JSON object a line. */
import type { Event } from './types.js';

/** The events as text, each on a line of its own, each line ended. */
export function encodeEvents(events: readonly Event[]): string {
  let text = '';
  for (const event of events)
    text += event.type === 'syscall' ? encodeSyscall(event) : `${JSON.stringify(event)}\n`;
  return text;
}

/**
 * What JSON.stringify gives, in less than half its time (test/bench/parse.ts): most values come again and again,
 * so their text, with their key's, is remembered. Keys that are not known here go through JSON.stringify.
 */
function encodeSyscall(event: object): string {
  let text = '{"type":"syscall"';
  const values = event as Readonly<Record<string, unknown>>;
  for (const key in values) {
    const value = values[key];
    switch (key) {
      case 'type':
        break;
      case 'ts':
        text += time(value);
        break;
      case 'pid':
        text += typeof value === 'number' ? `,"pid":${value}` : member(key, value);
        break;
      case 'call':
        text += call.text(value);
        break;
      case 'fd':
        text += fd.text(value);
        break;
      case 'path':
        text += path.text(value);
        break;
      case 'offset':
        text += typeof value === 'number' ? `,"offset":${value}` : member(key, value);
        break;
      case 'length':
        text += length.text(value);
        break;
      case 'whence':
        text += whence.text(value);
        break;
      case 'flags':
        text += flags.text(value);
        break;
      case 'ret':
        text += typeof value === 'number' ? `,"ret":${value}` : member(key, value);
        break;
      case 'errno':
        text += errno.text(value);
        break;
      case 'dur':
        text += duration(value);
        break;
      default:
        text += member(key, value);
    }
  }
  return `${text}}\n`;
}

/** `,"key":value`; nothing for `undefined`, as JSON.stringify leaves such a key out. */
function member(key: string, value: unknown): string {
  const json = JSON.stringify(value);
  return json === undefined ? '' : `,${JSON.stringify(key)}:${json}`;
}

/** A key with few different values: call names, paths. */
class Known {
  private readonly key: string;
  private readonly texts = new Map<unknown, string>();

  constructor(key: string) {
    this.key = key;
  }

  text(value: unknown): string {
    let text = this.texts.get(value);
    if (text === undefined) {
      text = member(this.key, value);
      if (this.texts.size >= 4096) this.texts.clear();
      this.texts.set(value, text);
    }
    return text;
  }
}

const call = new Known('call');
const fd = new Known('fd');
const path = new Known('path');
const length = new Known('length');
const whence = new Known('whence');
const flags = new Known('flags');
const errno = new Known('errno');

const THREE: readonly string[] = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));

let second = -1;
let secondText = '';

/** To the microsecond where that is all the number holds: that saves the search for the shortest decimal. */
function time(value: unknown): string {
  if (typeof value !== 'number') return member('ts', value);
  const micros = Math.round(value * 1e6);
  if (micros < 0 || micros / 1e6 !== value) return member('ts', value);
  const whole = Math.floor(micros / 1e6);
  if (whole !== second) {
    second = whole;
    secondText = `,"ts":${whole}.`;
  }
  const rest = micros - whole * 1e6;
  return secondText + THREE[(rest / 1000) | 0] + THREE[rest % 1000];
}

const durations: string[] = Array.from({ length: 4096 }, (_, micros) => member('dur', micros / 1e6));

function duration(value: unknown): string {
  if (typeof value === 'number') {
    const micros = Math.round(value * 1e6);
    if (micros >= 0 && micros < durations.length && micros / 1e6 === value) return durations[micros]!;
  }
  return member('dur', value);
}
