import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../core/errors/index.ts';
import { adHocRunId, createRun, defaultRunOptions, scheduledRunId } from '../../../core/run/index.ts';
import { EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import { MemorySystems } from '../../support/memory-systems.ts';

const newRun = (harness: EngineHarness) => ({
  ...harness.ref,
  job: memoryJob(),
  options: defaultRunOptions,
  scheduledMs: 1000,
});

describe('the name of a run', () => {
  it('is its schedule time to the second, in UTC', () => {
    expect(scheduledRunId(Date.UTC(2025, 0, 2, 3, 4, 5))).toBe('20250102T030405Z');
    expect(scheduledRunId(Date.UTC(2025, 0, 2, 3, 4, 5, 678))).toBe('20250102T030405Z');
  });

  it('is the same for one schedule time only, and sorts by it', () => {
    const second = fc.integer({ min: 0, max: 4_102_444_800 });
    fc.assert(
      fc.property(second, second, (a, b) => {
        const [x, y] = [scheduledRunId(a * 1000), scheduledRunId(b * 1000)];
        expect(x < y ? -1 : x > y ? 1 : 0).toBe(Math.sign(a - b));
      }),
    );
  });

  it('of one started by hand has six digits of its own', () => {
    const nonce = '0123456789abcdef0123456789abcdef';
    expect(adHocRunId(Date.UTC(2025, 0, 2), nonce)).toBe('20250102T000000Z-012345');
  });
});

describe('creating a run', () => {
  it('stores it in planning, lists it for the sweeper and asks for its plan', async () => {
    const harness = new EngineHarness(new MemorySystems(10, 1));
    expect(await createRun(harness.deps, newRun(harness))).toBe('created');
    const createdMs = harness.clock.nowMs();
    expect(await harness.run()).toEqual({
      ...newRun(harness),
      state: 'PLANNING',
      createdMs,
      stop: 'none',
      drivenUntilMs: 0,
      driveAttempts: 0,
      discarded: false,
    });
    expect(await harness.deps.state.listActive()).toEqual([{ ...harness.ref, sinceMs: createdMs }]);
    expect(harness.queue).toEqual([{ target: 'orchestrator', message: { v: 1, ...harness.ref } }]);
  });

  it('twice changes nothing and asks again', async () => {
    const harness = new EngineHarness(new MemorySystems(10, 1));
    await createRun(harness.deps, newRun(harness));
    const [run, active] = [await harness.run(), await harness.deps.state.listActive()];
    harness.clock.advance(5000);
    expect(await createRun(harness.deps, { ...newRun(harness), scheduledMs: 2000 })).toBe('exists');
    expect(await harness.run()).toEqual(run);
    expect(await harness.deps.state.listActive()).toEqual(active);
    expect(harness.queue).toHaveLength(2);
  });

  it('is in the sweeper’s list before it exists, so that nothing is forgotten if it dies in between', async () => {
    const harness = new EngineHarness(new MemorySystems(10, 1));
    harness.deps.state.runs.insert = async () => {
      throw new SyncError('RUN-5007', 'transient', 'cut');
    };
    await expect(createRun(harness.deps, newRun(harness))).rejects.toMatchObject({ code: 'RUN-5007' });
    expect(await harness.deps.state.listActive()).toHaveLength(1);
    expect(harness.queue).toEqual([]);
  });
});
