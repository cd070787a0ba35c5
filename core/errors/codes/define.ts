/** What the user reads about a code (`millrace errors CODE`, docs/errors.md). */
export interface CodeSpec {
  /** What happened, in a few words. */
  readonly title: string;
  /** The usual reason. */
  readonly cause: string;
  /** What to do next, with the command where there is one. */
  readonly next: string;
}

/** Keeps the literal keys of a code table while checking its entries. */
export const defineCodes = <const T extends Readonly<Record<string, CodeSpec>>>(codes: T): T => codes;
