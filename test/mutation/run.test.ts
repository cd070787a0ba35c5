/**
 * The tests of the run protocol as one file: Vitest loads all modules anew for each test file, and Stryker starts it
 * for each of its mutants. Those that take long come last; most mutants are caught before.
 */
declare global {
  interface ImportMeta {
    /** Vite's: the modules under a pattern, by path. */
    glob(pattern: string): Record<string, () => Promise<unknown>>;
  }
}

const files = import.meta.glob('../unit/run/*.test.ts');

const SLOW = ['lifecycle-property', 'engine', 'hand-back'];
const place = (file: string): number => SLOW.findIndex((name) => file.includes(`/${name}.test.ts`));

for (const [, load] of Object.entries(files).sort(([a], [b]) => place(a) - place(b))) await load();

export {};
