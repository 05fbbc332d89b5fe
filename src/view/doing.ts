/** What a process is at, in a line: `create index, scanning table public.orders, ~43%`. */
import { roundedSize } from '../format/size.js';
import type { Activity } from './activity.js';
import { nameOf } from './name.js';
import { percent } from './units.js';

/** Raw: names hold anything, so escape them before they are shown. */
export function doing({ what, phase, object, progress, partDone, copied, lsn }: Activity): string {
  const done = partDone ?? progress?.done ?? null;
  const name = object === null ? [] : [nameOf(object)];
  return [
    what,
    [...(phase === null ? [] : [phase]), ...name].join(' '),
    ...(done === null ? [] : [`~${percent(done)}`]),
    ...(copied > 0 ? [`${roundedSize(copied)} copied`] : []),
    ...(lsn === null ? [] : [`at ${lsn}`]),
  ]
    .filter((part) => part !== '')
    .join(', ');
}
