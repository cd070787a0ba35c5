import { describe, expect, it } from 'vitest';
import { cancelRun, pauseRun, type RunRow, type RunState } from '../../../core/run/index.ts';
import { EngineHarness } from '../../support/engine-harness.ts';
import { MemorySystems } from '../../support/memory-systems.ts';

const STATES: readonly RunState[] = ['PLANNING', 'RUNNING', 'COMMITTING', 'SUCCEEDED', 'FAILED', 'CANCELED'];

/** A run put into a state by hand. */
async function runIn(state: RunState, change: Partial<RunRow> = {}): Promise<EngineHarness> {
  const harness = new EngineHarness(new MemorySystems(10, 1));
  await harness.start();
  const row = (await harness.deps.state.runs.get(harness.ref))!;
  await harness.deps.state.runs.replace(harness.ref, row, { ...row.value, state, ...change });
  return harness;
}

const cancel = (harness: EngineHarness): Promise<void> =>
  cancelRun(harness.deps, harness.ref, new AbortController().signal);

describe('a pause', () => {
  it.each(STATES)('is asked of a run that is not over: %s', async (state) => {
    const harness = await runIn(state);
    const before = await harness.run();
    await pauseRun(harness.deps, harness.ref);
    const over = state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELED';
    expect(await harness.run()).toEqual({ ...before, stop: over ? 'none' : 'pause' });
  });

  it('of no run is refused', async () => {
    const harness = new EngineHarness(new MemorySystems(10, 1));
    await expect(pauseRun(harness.deps, harness.ref)).rejects.toMatchObject({ code: 'RUN-5003' });
  });
});

describe('canceling', () => {
  it.each<RunState>(['PLANNING', 'RUNNING'])('ends a run in %s and discards what it left', async (state) => {
    const harness = await runIn(state);
    const before = await harness.run();
    harness.clock.advance(1234);
    await cancel(harness);
    const endedMs = harness.clock.nowMs();
    expect(await harness.run()).toEqual({ ...before, state: 'CANCELED', endedMs, discarded: true });
    expect(harness.systems.discards).toEqual(['run']);
  });

  it.each<RunState>(['COMMITTING', 'SUCCEEDED'])('is refused in %s, without any effect', async (state) => {
    const harness = await runIn(state);
    const before = await harness.run();
    await expect(cancel(harness)).rejects.toMatchObject({
      code: 'RUN-5004',
      kind: 'config',
      message: `run job/run is ${state} and can no longer be canceled`,
    });
    expect(await harness.run()).toEqual(before);
    expect(harness.systems.discards).toEqual([]);
  });

  it('twice discards again and changes nothing else', async () => {
    const harness = await runIn('RUNNING');
    await cancel(harness);
    const row = await harness.run();
    harness.clock.advance(1000);
    await cancel(harness);
    expect(await harness.run()).toEqual(row);
    expect(harness.systems.discards).toEqual(['run', 'run']);
  });

  it('a failed run discards it, and it stays failed', async () => {
    const harness = await runIn('FAILED', { endedMs: 5 });
    await cancel(harness);
    expect(await harness.run()).toMatchObject({ state: 'FAILED', endedMs: 5, discarded: true });
    expect(harness.systems.discards).toEqual(['run']);
  });

  it('a failed run that was resumed is refused: its parts belong to the successor', async () => {
    const harness = await runIn('FAILED', { resumedBy: 'run.r1' });
    await expect(cancel(harness)).rejects.toMatchObject({ code: 'RUN-5004' });
    expect((await harness.run()).discarded).toBe(false);
    expect(harness.systems.discards).toEqual([]);
  });

  it('of no run is refused', async () => {
    const harness = new EngineHarness(new MemorySystems(10, 1));
    await expect(cancel(harness)).rejects.toMatchObject({
      code: 'RUN-5003',
      kind: 'config',
      message: 'there is no run job/run',
    });
  });
});
