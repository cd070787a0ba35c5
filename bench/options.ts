/** Options that every bench understands. */
export interface BenchOptions {
  readonly rows: number | undefined;
  readonly pairs: number;
}
