import { describe, expect, it } from 'vitest';
import { createSystems } from '../../../core/connectors/systems.ts';
import type { JobModel } from '../../../core/job/model.ts';
import { silentLogger, systemClock, systemRandom } from '../../../core/ports/system.ts';
import { verifyRun } from '../../../core/verify/verify-run.ts';
import type { LocalRow } from '../../../infra/local/ots/index.ts';
import { EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import type { MemorySystems } from '../../support/memory-systems.ts';
import { LOST, type OtsTarget, startTarget, THROTTLED } from './ots-target.ts';

const ROWS = 12_000;
const KEY = { user: 'STRING', seq: 'INTEGER' } as const;
const rows: LocalRow[] = Array.from({ length: ROWS }, (_, i) => ({
  primaryKey: [`user-${String(i % 97).padStart(3, '0')}`, BigInt(i) * 1_000_000_007_000n - 5n],
  columns: [
    ['amount', i % 2 === 0 ? 9_007_199_254_740_993n + BigInt(i) : -(2n ** 63n)],
    ['rate', i / 7],
    ...(i % 5 === 0 ? [] : ([['note', `"${i}", 'é' 漢\n`]] as const)),
    ['ok', i % 3 === 0],
    ['raw', Buffer.from([0, 255, i & 255])],
  ],
}));

const ATTRIBUTES = [
  { name: 'amount', type: 'int' },
  { name: 'rate', type: 'double' },
  { name: 'note', type: 'string' },
  { name: 'ok', type: 'bool' },
  { name: 'raw', type: 'binary' },
];

/** An engine over the real connectors, state in memory. */
function engine(): EngineHarness {
  const systems = createSystems({
    dataSources: {},
    secrets: { env: () => undefined, file: () => undefined },
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
  });
  return new EngineHarness(systems as unknown as MemorySystems);
}

function copyJob({ harness }: OtsTarget, changes: object = {}): JobModel {
  const names = [...Object.keys(KEY), ...ATTRIBUTES.map(({ name }) => name)];
  const reader = {
    ...harness.connection(),
    table: 'source',
    column: names.map((name) => ({ name })),
    range: { split: ['user-020', 'user-050', 'user-080'].map((value) => ({ type: 'STRING', value })) },
  };
  const writer = {
    ...harness.connection(),
    table: 'target',
    primaryKey: [
      { name: 'user', type: 'string' },
      { name: 'seq', type: 'int' },
    ],
    column: ATTRIBUTES,
    writeMode: 'PutRow',
    retrySleepInMillisecond: 1,
    ...changes,
  };
  return {
    ...memoryJob({ speed: { concurrent: 2 } }),
    reader: { type: 'ots', params: reader, path: 'reader' } as JobModel['reader'],
    writer: { type: 'ots', params: writer, path: 'writer' } as JobModel['writer'],
  };
}

async function withSource(): Promise<OtsTarget> {
  const target = await startTarget();
  await target.harness.createTable('source', KEY, rows);
  await target.createTable('target', KEY);
  return target;
}

const verify = async (runs: EngineHarness) => {
  const hooks = { progress: () => undefined, onUnit: () => undefined };
  return verifyRun(runs.deps, await runs.run(), hooks, new AbortController().signal);
};

describe('a job from Tablestore to Tablestore', () => {
  it('copies every row exactly, whatever happens on the way and however short the slices are', async () => {
    await using target = await withSource();
    const runs = engine();
    target.inject(20, LOST);
    await runs.start(copyJob(target), { checkpointBytes: 1 });
    const done = await runs.settle(500, 3);
    expect(done).toMatchObject({ state: 'SUCCEEDED' });
    expect(target.faultsLeft).toBe(0);
    const [source, copy] = [await target.stored('source'), await target.stored('target')];
    expect(copy).toHaveLength(ROWS);
    expect(copy).toEqual(source);
  });

  it('is verified by reading the table back, and a row changed since is found', async () => {
    await using target = await withSource();
    const runs = engine();
    target.inject(5, THROTTLED);
    await runs.start(copyJob(target));
    expect(await runs.settle()).toMatchObject({ state: 'SUCCEEDED' });
    expect(await verify(runs)).toMatchObject({ verdict: 'same' });
    const { primaryKey, columns } = rows[4_242]!;
    const longer = columns.map(([name, value]) =>
      name === 'raw'
        ? ([name, Buffer.concat([value as Buffer, Buffer.of(0)])] as const)
        : ([name, value] as const),
    );
    target.harness.service.bulkLoad('target', [{ primaryKey, columns: longer }]);
    const report = await verify(runs);
    expect(report).toMatchObject({ verdict: 'different', problems: [], unchecked: [] });
    expect(report.units).toMatchObject([{ missing: 0, extra: 0, different: 1 }]);
  });

  it('fails, and says why, when the key does not fit the table', async () => {
    await using target = await withSource();
    const runs = engine();
    await runs.start(copyJob(target, { primaryKey: ['user', 'other'] }));
    expect(await runs.settle()).toMatchObject({ state: 'FAILED', failure: { code: 'DST-4041' } });
    expect(target.writes).toEqual([]);
  });
});
