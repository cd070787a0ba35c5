import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Small files first: the run protocol's tests touch everything, and each of theirs costs more. */
class SmallFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLarge = (file: TestSpecification): number => Number(file.moduleId.includes('/test/mutation/'));
    return files.sort((a, b) => isLarge(a) - isLarge(b));
  }
}

/** The fast tests that Stryker repeats for every mutant (docs/testing.md, Mutation testing). */
export default defineConfig({
  test: {
    environment: 'node',
    include: [
      'test/unit/types/{block-memory,row-block,row-block-builder,row-checksum,shard-id}.test.ts',
      'test/unit/ots/{key,position,range,split-planner,joined-pieces}.test.ts',
      'test/mutation/*.test.ts',
    ],
    setupFiles: ['test/mutation/quick-properties.ts'],
    testTimeout: 30_000,
    maxWorkers: 1,
    sequence: { sequencer: SmallFirst },
  },
});
