/** Names out of a cluster of which something is broken: the right ones, or none. */
import assert from 'node:assert/strict';
import { Failure } from '../../src/cli/diagnostic.js';
import { openCatalog } from '../../src/resolve/catalog.js';
import { openCluster } from '../../src/resolve/cluster.js';
import type { ClusterFiles } from '../../src/resolve/files.js';
import type { NamedRelation } from '../../src/resolve/names.js';
import { createOverlay } from '../../src/resolve/overlay.js';
import type { Random } from '../random.js';
import { type Damage, damagedFiles } from './damaged-files.js';

export interface RelationId {
  tablespace: number;
  database: number;
  filenode: number;
}

export type Answers = readonly (NamedRelation | string)[];

/** What a reader is told of these files; the reason where it can read nothing at all. */
export function answersOf(files: ClusterFiles, asked: readonly RelationId[]): Answers | string {
  try {
    const overlay = createOverlay();
    const catalog = openCatalog(openCluster(files), (opened) => overlay.source(opened));
    return asked.map(({ tablespace, database, filenode }) =>
      catalog.relation(tablespace, database, filenode),
    );
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

export interface Outcome {
  tried: number;
  /** How often nothing could be read, or names were missing. */
  refused: number;
  missing: number;
}

/**
 * Breaks the files in each of these ways.
 * @param isRight whether an answer that is another than before is right all the same
 */
export function tryDamages(
  files: ClusterFiles,
  asked: readonly RelationId[],
  damages: Iterable<Damage>,
  isRight: (answer: NamedRelation, index: number) => boolean,
): Outcome {
  const whole = answersOf(files, asked);
  assert.ok(typeof whole !== 'string', String(whole));
  const outcome: Outcome = { tried: 0, refused: 0, missing: 0 };
  for (const damage of damages) {
    outcome.tried++;
    const answers = answersOf(damagedFiles(files, damage), asked);
    if (typeof answers === 'string') {
      outcome.refused++;
      continue;
    }
    let missing = 0;
    answers.forEach((answer, index) => {
      if (typeof answer === 'string') missing += typeof whole[index] === 'string' ? 0 : 1;
      else if (!isDeepEqual(answer, whole[index]!) && !isRight(answer, index))
        assert.deepEqual(answer, whole[index], JSON.stringify(damage));
    });
    if (missing > 0) outcome.missing++;
  }
  return outcome;
}

/** Bytes flipped all over a file: in each stretch of so many bytes one to three of them. */
export function* flips(path: string, size: number, stretch: number, random: Random): Generator<Damage> {
  for (let from = 0; from < size; from += stretch) {
    const at = from + random.below(Math.min(stretch, size - from));
    yield { path, at, flip: Uint8Array.from({ length: 1 + random.below(3) }, () => 1 + random.below(255)) };
  }
}

/** The file cut short at every so many bytes. */
export function* cuts(path: string, size: number, step: number): Generator<Damage> {
  for (let cut = 0; cut < size; cut += step) yield { path, cut };
}

function isDeepEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
