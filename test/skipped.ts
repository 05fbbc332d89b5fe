/** What is needed is not here: no failure. */
export class Skipped extends Error {}
