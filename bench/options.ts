/** Options that every bench understands; absent ones are the bench's own defaults. */
export interface BenchOptions {
  readonly rows: number | undefined;
  readonly pairs: number | undefined;
  /** Of a bench with several paths: only these. */
  readonly only: readonly string[] | undefined;
  /** Folder for processor profiles of our side, of a readable bundle; such figures are for looking at code only. */
  readonly profile: string | undefined;
  /** Told of every figure that cannot be measured on this machine, and why. */
  readonly leaveOut: (line: string) => void;
}
