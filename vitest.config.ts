import path from 'node:path';
import { defineConfig } from 'vitest/config';

/** Properties are played from the seed that this module gives the library. */
const alias = [
  { find: /^fast-check$/, replacement: path.resolve(import.meta.dirname, 'test/support/properties.ts') },
];

/**
 * One project per kind of test (docs/testing.md). Everything that needs a process, a port or a disk lives in
 * `test/`. End-to-end files come last and one at a time: each starts a whole cloud and moves a million rows.
 */
const project = (name: string, include: string[], extra: Record<string, unknown> = {}) => ({
  resolve: { alias },
  test: { name, include, environment: 'node' as const, testTimeout: 30_000, hookTimeout: 60_000, ...extra },
});

export default defineConfig({
  test: {
    reporters: ['default'],
    maxWorkers: 2,
    projects: [
      project('unit', ['test/unit/**/*.test.ts', '{core,events,functions,infra,cli}/**/*.test.ts']),
      project('contract', ['test/contract/**/*.test.ts'], { testTimeout: 60_000 }),
      project('integration', ['test/integration/**/*.test.ts'], { testTimeout: 120_000 }),
      project('cases', ['test/cases/**/*.test.ts'], { testTimeout: 120_000 }),
      project('simulation', ['test/simulation/**/*.test.ts'], { testTimeout: 120_000 }),
      project('security', ['test/security/**/*.test.ts'], { testTimeout: 120_000 }),
      project('e2e', ['test/{e2e,sweep}/**/*.test.ts'], {
        testTimeout: 300_000,
        hookTimeout: 180_000,
        maxWorkers: 1,
        sequence: { groupOrder: 1 },
      }),
    ],
  },
});
