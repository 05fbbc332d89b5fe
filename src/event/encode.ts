/** Events to NDJSON: one JSON object a line. */
import type { Event } from './types.js';

/** The events as text, each on a line of its own, each line ended. */
export function encodeEvents(events: readonly Event[]): string {
  let text = '';
  for (const event of events)
    text += event.type === 'syscall' ? encodeFast(event) : `${JSON.stringify(event)}\n`;
  return text;
}

/**
 * A system call's event: what JSON.stringify gives, at a third of its time, because its keys are known to need no
 * escapes and most of its values come again and again. Keys that are not known here go through JSON.stringify.
 */
function encodeFast(event: object): string {
  let text = '{';
  const values = event as Record<string, unknown>;
  for (const key in values) {
    const value = values[key];
    if (text.length > 1) text += ',';
    switch (key) {
      case 'type':
        text += '"type":"syscall"';
        break;
      case 'ts':
        text += typeof value === 'number' ? `"ts":${formatTime(value)}` : '"ts":null';
        break;
      case 'dur':
        text += `"dur":${formatDuration(value as number)}`;
        break;
      case 'pid':
      case 'fd':
      case 'length':
      case 'offset':
      case 'ret':
        text += typeof value === 'number' ? `"${key}":${value}` : `"${key}":${JSON.stringify(value)}`;
        break;
      case 'call':
      case 'path':
        text += `"${key}":${quote(value as string)}`;
        break;
      default:
        text += value === undefined ? `"${key}":null` : `"${key}":${JSON.stringify(value)}`;
    }
  }
  return `${text}}\n`;
}

const QUOTED_MOST = 4096;
const quoted = new Map<string, string>();

/** A JSON string; call names and paths come again and again. */
function quote(text: string): string {
  let known = quoted.get(text);
  if (known === undefined) {
    known = JSON.stringify(text);
    if (quoted.size >= QUOTED_MOST) quoted.clear();
    quoted.set(text, known);
  }
  return known;
}

const THREE: readonly string[] = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));

let lastSecond = -1;
let lastSecondText = '';

/** Seconds to microseconds, as the digits of the nearest decimal; what is finer as JavaScript has it. */
function formatTime(seconds: number): string {
  const micros = Math.round(seconds * 1e6);
  if (micros / 1e6 !== seconds || micros < 0) return String(seconds);
  const second = Math.floor(micros / 1e6);
  if (second !== lastSecond) {
    lastSecond = second;
    lastSecondText = `${second}.`;
  }
  const rest = micros - second * 1e6;
  return lastSecondText + THREE[Math.floor(rest / 1000)] + THREE[rest % 1000];
}

const DURATIONS: (string | undefined)[] = new Array(4096).fill(undefined);

function formatDuration(seconds: number): string {
  const micros = Math.round(seconds * 1e6);
  if (!(micros >= 0 && micros < DURATIONS.length && micros / 1e6 === seconds)) return JSON.stringify(seconds);
  const known = DURATIONS[micros] ?? String(seconds);
  DURATIONS[micros] = known;
  return known;
}
