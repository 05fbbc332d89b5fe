/** Bytes that are not what PostgreSQL writes: the message says what was expected and what was found. */
export class FormatError extends Error {}
