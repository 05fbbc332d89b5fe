import type { Pg } from '../event/pg.js';
import type { Event } from '../event/types.js';

/** Which events are shown: all, all but what only debugging asks for, or the understood ones. */
export type Selection = 'everything' | 'normal' | 'understood';

/** What is no file of the cluster. */
const OUTSIDE: ReadonlySet<string> = new Set<Pg['kind']>(['socket', 'pipe', 'epoll', 'other']);

export function isSelected(event: Event, selection: Selection): boolean {
  if (selection === 'everything') return true;
  if (selection === 'normal') return event.type !== 'trace' && event.type !== 'fd';
  switch (event.type) {
    case 'syscall':
      return isUnderstood(event.pg) || isUnderstood(event.pg2);
    case 'sample':
    case 'buffer':
    case 'buffers':
      return isUnderstood(event.pg);
    case 'statement':
      // There are none unless they were asked for.
      return true;
    case 'lost':
      // A gap in what follows is never left out.
      return true;
    default:
      return false;
  }
}

function isUnderstood(pg: Pg | undefined): boolean {
  return pg !== undefined && pg.unresolved === undefined && !OUTSIDE.has(pg.kind);
}
