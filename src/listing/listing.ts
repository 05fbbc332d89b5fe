/** A saved listing of what processes had open, of whichever program. */
import { type Listing, parseLsof } from './lsof.js';
import { parsePfiles } from './pfiles.js';
import { parseProcstat } from './procstat.js';

/** Null where the text is a listing of none of them. */
export function parseListing(text: string): Listing | null {
  return parseProcstat(text) ?? parsePfiles(text) ?? parseLsof(text);
}
