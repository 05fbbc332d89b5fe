/** Which files of a recorded cluster can be broken, and what may be said of it then. */
import type { ClusterFiles } from '../../src/resolve/files.js';
import type { NamedRelation } from '../../src/resolve/names.js';
import type { Random } from '../random.js';
import type { Expected } from '../servers/record/expected.js';
import { answersOf, cuts, flips, type Outcome, type RelationId, tryDamages } from './fuzzing.js';

const BLOCK = 8192;
/** The part of it that is written and has a CRC (PG_CONTROL_MAX_SAFE_SIZE). */
const CONTROL_SIZE = 512;
const FOLDERS = ['global', 'base', 'pg_xact', 'pg_subtrans', 'pg_multixact', 'pg_tblspc'];

/** Every file that names come from. */
export function checkedFiles(files: ClusterFiles): string[] {
  return FOLDERS.flatMap((folder) => below(files, folder));
}

function below(files: ClusterFiles, path: string): string[] {
  if (files.size(path) !== null) return [path];
  return files.list(path).flatMap((name) => below(files, `${path}/${name}`));
}

/** Breaks one file: a byte or some in every stretch, and a cut at every so many bytes. */
export function tryFile(
  files: ClusterFiles,
  expected: Expected,
  path: string,
  { stretch, cut }: { stretch: number; cut: number },
  random: Random,
): Outcome {
  const asked = relationsIn(expected);
  const whole = answersOf(files, asked);
  const size = path === 'global/pg_control' ? CONTROL_SIZE : (files.size(path) ?? 0);
  const isMap = path.endsWith('pg_filenode.map');
  const isChecked =
    isMap || path === 'global/pg_control' || (expected.checksums && /^(?:base|global)\//.test(path));
  // A map has few bytes, and each of them counts.
  const small = size <= 1024 ? 16 : 1;
  const lacks = (answer: NamedRelation, index: number): boolean =>
    says(whole[index]! as NamedRelation, answer);
  const anything = (): boolean => true;
  const outcome = tryDamages(
    files,
    asked,
    flips(path, size, stretch / small, random),
    isChecked ? lacks : anything,
  );
  for (const damage of cuts(path, size, Math.ceil(cut / small))) {
    const known = isChecked && 'cut' in damage && (isMap || damage.cut % BLOCK !== 0);
    const { tried, refused, missing } = tryDamages(files, asked, [damage], known ? lacks : anything);
    outcome.tried += tried;
    outcome.refused += refused;
    outcome.missing += missing;
  }
  return outcome;
}

/** Whether nothing but what belongs to others is missing in `answer`. */
function says(whole: NamedRelation, answer: NamedRelation): boolean {
  const { table, parent, ...own } = whole;
  const { table: itsTable = table, parent: itsParent = parent, ...itsOwn } = answer;
  return itsTable === table && itsParent === parent && JSON.stringify(own) === JSON.stringify(itsOwn);
}

function relationsIn({ relations, tablespaces }: Expected): RelationId[] {
  return relations
    .filter(({ fork }) => fork === 'main')
    .map(({ databaseOid, filenode, tablespace }) => ({
      tablespace: tablespaces.find(({ name }) => name === tablespace)!.oid,
      database: databaseOid,
      filenode,
    }));
}
