/** What a process is at, in a line: `create index, scanning table public.orders, ~43%`. */
import { quoteIdentifier } from '../event/pg.js';
import { roundedSize } from '../format/size.js';
import type { Activity } from './activity.js';
import { nameOf } from './name.js';
import type { ObjectStat } from './objects.js';
import { percent } from './units.js';

/** Raw: names hold anything, so escape them before they are shown. */
export function doing({ what, phase, object, parent, progress, partDone, copied, lsn }: Activity): string {
  const done = partDone ?? progress?.done ?? null;
  const name = object === null ? [] : [parent === null ? nameOf(object) : nameInParent(object, parent)];
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

/** `public.events (partition events_2026)`, and with its schema where that is another. */
function nameInParent(object: ObjectStat, parent: string): string {
  const schema = object.pg?.kind === 'relation' ? object.pg.schema : undefined;
  const prefix = schema === undefined ? '' : `${quoteIdentifier(schema)}.`;
  const name = nameOf(object);
  return `${parent} (partition ${parent.startsWith(prefix) ? name.slice(prefix.length) : name})`;
}
