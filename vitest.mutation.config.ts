import { defineConfig } from 'vitest/config';

/** The fast tests that Stryker repeats for every mutant (docs/testing.md, Mutation testing). */
export default defineConfig({
  test: { environment: 'node', include: ['test/mutation/all.test.ts'], testTimeout: 30_000, maxWorkers: 1 },
});
