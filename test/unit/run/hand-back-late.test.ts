import { describe, expect, it } from 'vitest';
import { type RunRow, type ShardRow, work } from '../../../core/run/index.ts';
import { change } from '../../../core/run/state.ts';
import { freeChannel } from '../../../core/run/work.ts';
import { EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import { MemorySystems } from '../../support/memory-systems.ts';

/** Looks at the time that the slice allows: some batches, and then it is over. */
const STEPS = 4;

/**
 * A worker in a run with an idle channel, whose slice ends before its next checkpoint. `onOpen` happens after it has
 * seen the run going on and before it claims a shard.
 */
async function slice(onOpen: Partial<RunRow>): Promise<readonly ShardRow[]> {
  const systems = new MemorySystems(2_000, 1);
  const harness = new EngineHarness(systems);
  systems.splits = true;
  systems.faults.onRead = () => harness.clock.advance(900);
  await harness.start(memoryJob());
  await harness.deliver();
  const { state } = harness.deps;
  await state.channels.insert({ ...harness.ref, channel: 1 }, { ...freeChannel(1), idle: true });
  const openReader = systems.openReader.bind(systems);
  systems.openReader = async () => {
    const next = { hungry: true, ...onOpen };
    await change(state.runs, harness.ref, (row) => ({ result: undefined, next: { ...row, ...next } }));
    return openReader();
  };
  await work(harness.deps, { ...harness.ref, channel: 0 }, harness.slice(STEPS));
  const run = await harness.run();
  return (await state.listShards(harness.ref, run.plan?.planId ?? '')).map(({ value }) => value);
}

describe('at the end of its slice a worker', () => {
  it('hands back a part of its shard when a channel is idle', async () => {
    const shards = await slice({});
    expect(shards.filter(({ children }) => children !== undefined)).toHaveLength(1);
  });

  it('hands nothing back that it claimed after the end of the run: a resumed run may have copied the shard before', async () => {
    const shards = await slice({ state: 'FAILED' });
    expect(shards.some(({ epoch }) => epoch === 1)).toBe(true);
    expect(shards.filter(({ children, parent }) => children ?? parent)).toEqual([]);
  });
});
