/** From a tracer's text to our reader: handed on as events until the reader is slow, and then kept for a while. */
import type { Event } from '../../event/types.js';
import type { Dialect } from '../../parse/dialect.js';
import { openBacklog } from './backlog.js';
import { openTraceText } from './text.js';

/** A second or two of a fast scan's lines. */
const BACKLOG_BYTES = 32 * 1024 * 1024;

export interface Relay {
  write(chunk: Buffer): void;
  /** Hands on what is kept, and the last line if it has no end. */
  end(): void;
}

/**
 * @param tracer its name, for the `lost` that tells what was more than can be kept.
 * @param emit gives back null, or what settles when its reader has room for more.
 */
export function openRelay(
  dialect: Dialect,
  tracer: string,
  emit: (events: Event[]) => Promise<void> | null,
): Relay {
  const text = openTraceText(dialect);
  const backlog = openBacklog(BACKLOG_BYTES);
  let held = false;

  const hand = (events: Event[]) => {
    const wait = events.length === 0 ? null : emit(events);
    if (wait === null) return;
    held = true;
    void wait.then(() => {
      held = false;
      handBacklog();
    });
  };
  const handBacklog = () => {
    const { kept, lost, midLine } = backlog.take();
    hand(kept.flatMap((chunk) => text.write(chunk)));
    if (lost === 0) return;
    text.cut(midLine);
    const reason = `the reader was slower than ${tracer}`;
    hand([{ type: 'lost', ts: Date.now() / 1000, count: lost, reason }]);
  };

  return {
    write(chunk) {
      if (held) backlog.push(chunk);
      else hand(text.write(chunk));
    },
    end() {
      handBacklog();
      hand(text.end());
    },
  };
}
