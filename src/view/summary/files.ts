/** Tallies by file, for those who ask: a relation has one for each segment, and there are sockets and pipes. */
import type { Event } from '../../event/types.js';
import { createMeasure, measure } from '../measure.js';
import { Tally } from '../tally.js';

export interface Files {
  /** By path; calls on no file under `-`. */
  readonly tallies: ReadonlyMap<string, Tally>;
  take(event: Event): void;
}

export function createFiles(): Files {
  const tallies = new Map<string, Tally>();
  const call = createMeasure();

  function tallyOf(path: string): Tally {
    let tally = tallies.get(path);
    if (tally === undefined) {
      tally = new Tally();
      tallies.set(path, tally);
    }
    return tally;
  }

  return {
    tallies,
    take(event) {
      if (event.type === 'sample') tallyOf(event.path ?? '-').samples++;
      if (event.type !== 'syscall') return;
      measure(call, event);
      tallyOf(event.path ?? '-').add(call);
      if (call.flow === 'copy' && event.outpath !== undefined) tallyOf(event.outpath).written += call.bytes;
    },
  };
}
