/** Records `fixtures/crash/<version>`. Arguments are versions. Called by fixtures/record.sh --crash. */
import { wantedVersions } from '../versions.js';
import { recordCrash } from './crash.js';

for (const version of wantedVersions(process.argv.slice(2).join(','))) {
  console.log(`PostgreSQL ${version}`);
  await recordCrash(version, 'fixtures/crash');
}
