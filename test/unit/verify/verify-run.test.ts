/** Verifying runs of the engine in memory, with targets that know shards and targets that do not. */
import { describe, expect, it } from 'vitest';
import type { ReadBack, Reader, Writer } from '../../../core/connectors/contract.ts';
import { type Column, cellValue, type RowBlock, RowBlockBuilder } from '../../../core/types/index.ts';
import type { VerifyReport } from '../../../core/verify/model.ts';
import { verifyRun } from '../../../core/verify/verify-run.ts';
import { EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import { MemorySystems } from '../../support/memory-systems.ts';

const columns: readonly Column[] = [{ name: 'id', type: 'long' }];
const never = new AbortController().signal;

const blockOf = (ids: readonly bigint[]): RowBlock => {
  const builder = new RowBlockBuilder(columns);
  for (const id of ids) builder.add(id);
  return builder.build();
};

/** A target that shows `visible`; a source whose values may become others. */
class ReadableSystems extends MemorySystems {
  readBack: Partial<ReadBack> = {};
  /** Replaces values of the source. */
  now: (id: bigint) => bigint = (id) => id;

  override async openReader(): Promise<Reader> {
    const reader = await super.openReader();
    const now = (block: RowBlock): RowBlock =>
      blockOf(
        Array.from({ length: block.rowCount }, (_, row) => this.now(cellValue(block, row, 0) as bigint)),
      );
    return {
      ...reader,
      read: async function* (shard, from) {
        for await (const batch of reader.read(shard, from)) yield { ...batch, block: now(batch.block) };
      },
    };
  }

  override async openWriter(): Promise<Writer> {
    const { visible } = this;
    const readBack: ReadBack = {
      columns,
      scope: 'whole',
      oneToOne: true,
      holdsOthers: false,
      unchecked: [],
      expected: (block) => ({ blocks: [block], refused: 0 }),
      rows: async function* () {
        yield blockOf(visible.slice(0, 7));
        yield blockOf(visible.slice(7));
      },
      problems: async () => [],
      ...this.readBack,
    };
    return { ...(await super.openWriter()), readBack: async () => readBack };
  }
}

async function finished(systems: ReadableSystems) {
  const harness = new EngineHarness(systems);
  await harness.start(memoryJob({ errorLimit: { kind: 'records', limit: 100 } }));
  const run = await harness.settle();
  expect(run.state).toBe('SUCCEEDED');
  let rows = 0;
  const progress = (more: number): void => {
    rows += more;
  };
  const hooks = { progress, onUnit: () => undefined };
  return {
    run,
    verify: (): Promise<VerifyReport> => verifyRun(harness.deps, run, hooks, never),
    seen: () => rows,
    harness,
  };
}

const unitOf = (report: VerifyReport) => report.units[0]!;

describe('a target that does not know shards', () => {
  it('is the same in any order', async () => {
    const systems = new ReadableSystems(100, 4);
    const { verify, seen } = await finished(systems);
    systems.visible.reverse();
    const report = await verify();
    expect(report).toMatchObject({ verdict: 'same', problems: [] });
    expect(unitOf(report)).toMatchObject({
      expectedRows: 100,
      writtenRows: 100,
      targetRows: 100,
      state: 'same',
    });
    expect(unitOf(report).shards).toHaveLength(4);
    expect(seen()).toBe(200);
  });

  it('shows what is altered, missing and extra', async () => {
    const systems = new ReadableSystems(100, 4);
    const { verify } = await finished(systems);
    systems.visible = [...systems.visible.filter((id) => id !== 50n && id !== 60n), 600n, 7n];
    const report = await verify();
    expect(report.verdict).toBe('different');
    expect(unitOf(report)).toMatchObject({ missing: 2, extra: 2, different: 0, unseenBuckets: 0 });
    const named = unitOf(report).differences.map(({ kind, row }) => `${kind} ${JSON.stringify(row[0])}`);
    expect(named.sort()).toEqual([
      'extra {"long":"600"}',
      'extra {"long":"7"}',
      'missing {"long":"50"}',
      'missing {"long":"60"}',
    ]);
  });

  it('that may hold rows of others is the same as long as ours are there', async () => {
    const systems = new ReadableSystems(100, 4);
    systems.readBack = { holdsOthers: true };
    const { verify } = await finished(systems);
    systems.visible.push(1_000n, 1_001n);
    expect((await verify()).verdict).toBe('same');
    systems.visible.splice(systems.visible.indexOf(42n), 1);
    const report = await verify();
    expect(report.verdict).toBe('different');
    expect(unitOf(report).differences).toMatchObject([{ kind: 'missing', row: [{ long: '42' }] }]);
  });

  it('that only itself could refuse rows is no false alarm: the desk has them', async () => {
    const systems = new ReadableSystems(100, 4, { refuse: (id) => id % 25n === 3n });
    const { verify } = await finished(systems);
    const report = await verify();
    expect(report.verdict).toBe('same');
    expect(unitOf(report)).toMatchObject({ expectedRows: 96, writtenRows: 96, targetRows: 96 });
    systems.visible.push(28n);
    expect(unitOf(await verify()).differences).toMatchObject([{ kind: 'extra', row: [{ long: '28' }] }]);
  });
});

describe('a target that knows shards', () => {
  it('tells in which one a row is wrong', async () => {
    const systems = new ReadableSystems(100, 4);
    const { visible } = systems;
    systems.readBack = {
      scope: 'shard',
      rows: async function* (shardId) {
        const from = BigInt(Number(shardId) * 25);
        yield blockOf(systems.visible.filter((id) => id >= from && id < from + 25n));
      },
    };
    expect(visible).toEqual([]);
    const { verify } = await finished(systems);
    expect((await verify()).verdict).toBe('same');
    systems.visible = systems.visible.filter((id) => id !== 30n);
    const { units } = await verify();
    expect(units.map(({ shardId, state, missing }) => [shardId, state, missing])).toEqual([
      ['00000', 'same', 0],
      ['00001', 'different', 1],
      ['00002', 'same', 0],
      ['00003', 'same', 0],
    ]);
  });
});

describe('a source that changed', () => {
  it('is told by shard, and no row is called wrong for it', async () => {
    const systems = new ReadableSystems(100, 4);
    const { verify } = await finished(systems);
    systems.now = (id) => (id === 99n ? -99n : id);
    const report = await verify();
    expect(report.verdict).toBe('source-changed');
    expect(unitOf(report).differences).toEqual([]);
    expect(unitOf(report).shards.map(({ sourceChanged }) => sourceChanged)).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it('hides no wrong number of rows, and no problem of the target', async () => {
    const systems = new ReadableSystems(100, 4);
    const { verify } = await finished(systems);
    systems.now = (id) => id + 1_000n;
    systems.visible.pop();
    expect((await verify()).verdict).toBe('different');
    const other = new ReadableSystems(100, 4);
    other.readBack = { problems: async () => ['the manifest is missing'] };
    const second = await finished(other);
    other.now = (id) => -id;
    expect(await second.verify()).toMatchObject({
      verdict: 'different',
      problems: ['the manifest is missing'],
    });
  });
});

describe('what cannot be verified', () => {
  it('is refused by code', async () => {
    const harness = new EngineHarness(new MemorySystems(10, 1));
    await harness.start();
    const run = await harness.settle();
    const hooks = { progress: () => undefined, onUnit: () => undefined };
    const refused = { code: 'RUN-5030' };
    await expect(verifyRun(harness.deps, run, hooks, never)).rejects.toMatchObject(refused);
    await expect(verifyRun(harness.deps, { ...run, state: 'CANCELED' }, hooks, never)).rejects.toMatchObject(
      refused,
    );
  });
});
