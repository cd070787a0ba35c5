import { describe, expect, it } from 'vitest';
import type { Cursor, SinkState } from '../../../core/connectors/contract.ts';
import { decideClaim } from '../../../core/run/decide.ts';
import { ShardHolding } from '../../../core/run/holding.ts';
import { resumeRun, zeroCounters } from '../../../core/run/index.ts';
import { change } from '../../../core/run/state.ts';
import { EngineHarness } from '../../support/engine-harness.ts';
import { forgetful, MemorySystems } from '../../support/memory-systems.ts';

/** A run with two shards that failed while a worker held the first of them, and that was resumed. */
async function takenOver() {
  const harness = new EngineHarness(new MemorySystems(200, 2));
  await harness.start();
  await harness.deliver();
  harness.queue.length = 0;
  const { deps, ref } = harness;
  const planId = (await harness.run()).plan?.planId ?? '';
  const key = { ...ref, planId, shardId: '00000' };
  const who = { owner: 'straggler', nowMs: harness.clock.nowMs(), leaseMs: 60_000 };
  const { row } = await change(deps.state.shards, key, (shard) => decideClaim(shard, who, 8));
  const straggler = new ShardHolding(deps, key, await harness.run(), row, forgetful);
  await change(deps.state.runs, ref, (run) => ({
    result: undefined,
    next: { ...run, state: 'FAILED', endedMs: harness.clock.nowMs() },
  }));
  await resumeRun(deps, ref);
  await harness.deliver();
  return { harness, straggler, key };
}

describe('a run that takes over a failed one', () => {
  it('closes its shards there: a straggler can neither move nor cut what was taken over', async () => {
    const { harness, straggler, key } = await takenOver();
    const counters = { ...zeroCounters, read: 10, written: 10 };
    const durable = { cursor: '10' as Cursor, sink: '[]' as SinkState, counters };
    await expect(straggler.checkpoint(durable, [])).rejects.toMatchObject({ kind: 'conflict' });
    await expect(straggler.narrow('[0,10]', ['00000-255e1'])).rejects.toMatchObject({ kind: 'conflict' });
    const closed = (await harness.deps.state.shards.get(key))?.value;
    expect(closed).toMatchObject({ state: 'PENDING', epoch: 2, movedTo: 'run.r1', owner: '' });
    const who = { owner: 'late', nowMs: harness.clock.nowMs() + 1e9, leaseMs: 60_000 };
    expect(decideClaim(closed!, who, 8)).toEqual({ result: 'moved' });
  });

  it('goes on with open copies whose epochs are above all that went before', async () => {
    const { harness, key } = await takenOver();
    const heir = { jobId: 'job', runId: 'run.r1' };
    const copies = await harness.deps.state.listShards(heir, key.planId);
    expect(copies.map(({ value }) => value)).toMatchObject([
      { state: 'PENDING', epoch: 2, attempts: 0 },
      { state: 'PENDING', epoch: 1 },
    ]);
    expect(copies.every(({ value }) => value.movedTo === undefined)).toBe(true);
  });
});
