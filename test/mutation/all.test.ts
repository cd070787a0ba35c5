/**
 * The fast tests as one file: Vitest loads the modules anew for each test file, and Stryker starts it for each of
 * two thousand mutants. Those that take long come last; most mutants are caught before.
 */
declare global {
  interface ImportMeta {
    /** Vite's: the modules under these patterns, by path. */
    glob(patterns: readonly string[]): Record<string, () => Promise<unknown>>;
  }
}

const files = import.meta.glob([
  '../unit/{run,types}/**/*.test.ts',
  '../unit/ots/{key,position,range,split-planner}.test.ts',
]);

const SLOW = ['lifecycle-property', 'engine', 'hand-back'];
const place = (file: string): number => SLOW.findIndex((name) => file.includes(`/${name}.test.ts`));

for (const [, load] of Object.entries(files).sort(([a], [b]) => place(a) - place(b))) await load();

export {};
