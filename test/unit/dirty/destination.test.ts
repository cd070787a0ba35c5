/** Jobs that name a place for their refused rows, over the whole engine in memory. */
import { describe, expect, it } from 'vitest';
import type { Mark, Sink, SinkState, Writer } from '../../../core/connectors/contract.ts';
import { readDesk } from '../../../core/dirty/desk.ts';
import { refusedRowsOf } from '../../../core/dirty/refused-rows.ts';
import { SyncError } from '../../../core/errors/index.ts';
import { pauseRun, type RunOptions, resumeRun } from '../../../core/run/index.ts';
import { createDeskStore, MemoryRowTable } from '../../../core/stores/index.ts';
import { cellValue } from '../../../core/types/index.ts';
import { collect } from '../../support/collect.ts';
import { EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import { MemorySystems } from '../../support/memory-systems.ts';

const ROWS = 6_000;
const dirtyRows = { datasource: 'lake', prefix: 'dirty' };
const refuse = (id: bigint): boolean => id % 2n === 1n;
const refused = Array.from({ length: ROWS / 2 }, (_, i) => `id=${2 * i + 1}`);

/** A run that refuses every other row, 1,500 in each of two shards, with a checkpoint about every 100 rows. */
async function begun(limit = ROWS, options: Partial<RunOptions> = {}) {
  const systems = new MemorySystems(ROWS, 2, { refuse });
  const harness = new EngineHarness(systems);
  const job = memoryJob({ errorLimit: { kind: 'records', limit }, dirtyRows });
  await harness.start(job, { checkpointBytes: 800, ...options });
  const keys = async (run = harness.ref) =>
    (await collect(refusedRowsOf(harness.deps, await harness.run(run)))).map(({ key }) => key);
  return { systems, harness, keys };
}

describe('all refused rows of a run', () => {
  it('are kept at the place that its job names, and none in the status table', async () => {
    const { systems, harness, keys } = await begun();
    const run = await harness.settle();
    expect(run.receipt?.counters).toMatchObject({ written: ROWS / 2, dirty: ROWS / 2 });
    expect(await keys()).toEqual(refused);
    expect(await harness.deps.state.listDirtyRows(run, 9)).toEqual([]);
    expect(systems.folder.objects.size).toBeGreaterThan(2);
  });

  it('are kept once when workers die between keeping them and counting them', async () => {
    const { systems, harness, keys } = await begun();
    const { put } = systems.folder;
    let puts = 0;
    systems.folder.put = async (name, bytes) => {
      await put.call(systems.folder, name, bytes);
      if (++puts % 3 === 0) throw new SyncError('DST-4001', 'transient', 'the answer was lost');
    };
    expect((await harness.settle()).state).toBe('SUCCEEDED');
    expect(await keys()).toEqual(refused);
  });

  it('are told from what a worker that was replaced still stores', async () => {
    const { systems, harness, keys } = await begun(ROWS, { checkpointBytes: 8_000 });
    const zombies: (() => Promise<void>)[] = [];
    let reads = 0;
    systems.faults.onRead = () => {
      if (++reads % 250 !== 0) return;
      harness.clock.advance(120_000);
      const { put } = systems.folder;
      // What this attempt keeps from now on appears only after everything else.
      systems.folder.put = async (name, bytes) => {
        systems.folder.put = put;
        zombies.push(() => put.call(systems.folder, name, bytes));
        throw new SyncError('DST-4001', 'transient', 'too late');
      };
    };
    expect((await harness.settle()).state).toBe('SUCCEEDED');
    expect(zombies.length).toBeGreaterThan(0);
    const before = systems.folder.objects.size;
    for (const zombie of zombies) await zombie();
    expect(systems.folder.objects.size).toBeGreaterThan(before);
    expect(await keys()).toEqual(refused);
  });

  it('are read through a pause, slices and a chain of resumes', async () => {
    const { harness, keys } = await begun(700);
    for (let i = 0; i < 4; i++) await harness.deliver(9);
    await pauseRun(harness.deps, harness.ref);
    while (await harness.deliver(3));
    await resumeRun(harness.deps, harness.ref);
    expect(await harness.settle(500, 20)).toMatchObject({ state: 'FAILED', failure: { code: 'RUN-5001' } });
    const kept = await keys();
    expect(kept.length).toBeGreaterThan(700);
    const successor = await resumeRun(harness.deps, harness.ref, {
      errorLimit: { kind: 'records', limit: ROWS },
    });
    while (await harness.deliver());
    expect(await harness.run(successor)).toMatchObject({
      state: 'SUCCEEDED',
      receipt: { counters: { dirty: ROWS / 2 } },
    });
    expect(await keys(successor)).toEqual(refused);
    expect(await keys()).toEqual(kept);
  });

  it('are rows of the desk, in order', async () => {
    const { harness } = await begun();
    const run = await harness.settle();
    const desk = createDeskStore(new MemoryRowTable(), harness.deps.random);
    const claim = { shardId: '00001', ordinal: 1_234, replay: 'gone' };
    await desk.claims.insert({ ...harness.ref, ...claim }, claim);
    const rows = await collect(readDesk({ ...harness.deps, desk }, run));
    expect(rows.map(({ refused: { key } }) => key)).toEqual(refused);
    const held = rows.filter(({ standing }) => standing === 'held');
    expect(held.map(({ place }) => place)).toEqual(['00001/1234']);
  });
});

/** A target with transactions: blocks appear as they are written, and a ledger tells how far a shard is. */
class LedgerSystems extends MemorySystems {
  readonly ledger = new Map<string, Mark>();
  /** Called before and after each COMMIT with its number; throws to end the attempt there. */
  onCommit: (number: number, when: 'before' | 'after') => void = () => undefined;
  #commits = 0;

  override async openWriter(): Promise<Writer> {
    const writer = await super.openWriter();
    return { ...writer, open: async (task) => this.#sink(task.shardId) };
  }

  #sink(shardId: string): Sink {
    const ahead = this.ledger.get(shardId);
    return {
      ...(ahead !== undefined && { ahead }),
      write: async (block, settle) => {
        const faults = Array.from({ length: block.rowCount }, (_, row) => row)
          .filter((row) => refuse(cellValue(block, row, 0) as bigint))
          .map((row) => ({ row, column: 0, error: refusal, targetType: 'memory' }));
        // The first transaction is rolled back; it had refused other rows.
        const number = ++this.#commits;
        if (number % 3 === 0) await settle?.([{ row: 0, column: 0, error: refusal, targetType: 'lost' }]);
        const mark = await settle?.(faults);
        this.onCommit(number, 'before');
        if (mark !== undefined) this.ledger.set(shardId, mark);
        this.onCommit(number, 'after');
        return faults;
      },
      checkpoint: async () => '[]' as SinkState,
      finish: async () => '[]' as SinkState,
      close: async () => {},
    };
  }
}

const refusal = new SyncError('CNV-3001', 'data', 'refused by the test');

describe('refused rows of a target with transactions', () => {
  it('are kept before the transaction that counts them, once each, although attempts die on both sides of it', async () => {
    const systems = new LedgerSystems(600, 2);
    systems.onCommit = (number, when) => {
      if (number % 5 === 0 && when === (number % 2 === 0 ? 'before' : 'after'))
        throw new SyncError('DST-4001', 'transient', 'the connection broke');
    };
    const harness = new EngineHarness(systems);
    const errorLimit = { kind: 'records', limit: 600 } as const;
    await harness.start(memoryJob({ errorLimit, dirtyRows }), { maxAttempts: 100 });
    const run = await harness.settle();
    expect(run).toMatchObject({ state: 'SUCCEEDED', receipt: { counters: { read: 600, dirty: 300 } } });
    const rows = await collect(refusedRowsOf(harness.deps, run));
    expect(rows.map(({ key }) => key)).toEqual(refused.slice(0, 300));
    expect(rows.filter(({ targetType }) => targetType === 'lost')).toEqual([]);
  });
});

describe('a place that cannot be used', () => {
  it('is found before anything is written', async () => {
    const { systems, harness } = await begun();
    systems.folder.check = async () => {
      throw new SyncError('DST-4004', 'config', 'no such bucket');
    };
    expect(await harness.settle()).toMatchObject({ state: 'FAILED', failure: { code: 'DST-4004' } });
    expect(systems.staged.size).toBe(0);
  });

  it('is not silently replaced by another one', async () => {
    const { systems, harness } = await begun();
    Object.assign(systems, { openFolder: undefined });
    expect(await harness.settle()).toMatchObject({ state: 'FAILED', failure: { code: 'BUG-9001' } });
  });
});
