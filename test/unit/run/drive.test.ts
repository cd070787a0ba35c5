import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../core/errors/index.ts';
import {
  failRun,
  failRunIf,
  failureOf,
  MAX_DRIVE_ATTEMPTS,
  MAY_BE_VISIBLE,
  settleDrive,
  takeDrive,
} from '../../../core/run/drive.ts';
import type { RunRow, RunState } from '../../../core/run/index.ts';
import { EngineHarness } from '../../support/engine-harness.ts';
import { MemorySystems } from '../../support/memory-systems.ts';

/** A run whose row is what the test says. */
async function runWith(change: Partial<RunRow>): Promise<EngineHarness> {
  const harness = new EngineHarness(new MemorySystems(10, 1));
  await harness.start();
  const row = (await harness.deps.state.runs.get(harness.ref))!;
  await harness.deps.state.runs.replace(harness.ref, row, { ...row.value, ...change });
  return harness;
}

const fault = (kind: SyncError['kind'], message = 'cut') => new SyncError('SRC-2001', kind, message);

describe('the right to drive a run', () => {
  it('is given for one lease and counted as an attempt', async () => {
    const harness = await runWith({ driveAttempts: 2 });
    const taken = await takeDrive(harness.deps, harness.ref, 'PLANNING');
    const { leaseMs } = (await harness.run()).options;
    const drivenUntilMs = harness.clock.nowMs() + leaseMs;
    expect(taken?.value).toMatchObject({ drivenUntilMs, driveAttempts: 3, state: 'PLANNING' });
    expect(await harness.run()).toEqual(taken?.value);
  });

  it('is nobody else’s until the lease is over, to the millisecond', async () => {
    const harness = await runWith({});
    const { leaseMs } = (await harness.run()).options;
    await takeDrive(harness.deps, harness.ref, 'PLANNING');
    harness.clock.advance(leaseMs - 1);
    expect(await takeDrive(harness.deps, harness.ref, 'PLANNING')).toBeUndefined();
    harness.clock.advance(1);
    expect(await takeDrive(harness.deps, harness.ref, 'PLANNING')).toBeDefined();
  });

  it.each<[string, Partial<RunRow>]>([
    ['in another state', { state: 'RUNNING' }],
    ['over', { state: 'FAILED' }],
    ['paused', { stop: 'pause' }],
  ])('is not given for a run that is %s', async (_, change) => {
    const harness = await runWith(change);
    const before = await harness.run();
    expect(await takeDrive(harness.deps, harness.ref, 'PLANNING')).toBeUndefined();
    expect(await harness.run()).toEqual(before);
  });

  it.each<[RunState, string]>([
    ['PLANNING', 'planning was begun 20 times and never came to an end'],
    ['COMMITTING', `committing was begun 20 times and never came to an end; ${MAY_BE_VISIBLE}`],
  ])('is refused in %s after twenty attempts, and the run fails', async (state, message) => {
    expect(MAX_DRIVE_ATTEMPTS).toBe(20);
    const last = await runWith({ state, driveAttempts: MAX_DRIVE_ATTEMPTS - 1 });
    expect(await takeDrive(last.deps, last.ref, state)).toBeDefined();
    const harness = await runWith({ state, driveAttempts: MAX_DRIVE_ATTEMPTS });
    expect(await takeDrive(harness.deps, harness.ref, state)).toBeUndefined();
    const endedMs = harness.clock.nowMs();
    expect(await harness.run()).toMatchObject({
      state: 'FAILED',
      endedMs,
      failure: { code: 'RUN-5012', message },
    });
  });
});

describe('a fault of a driver', () => {
  it('that may pass lets the next one try at once', async () => {
    const harness = await runWith({ drivenUntilMs: 1e15, driveAttempts: 1 });
    await settleDrive(harness.deps, await harness.run(), fault('transient'));
    expect(await harness.run()).toMatchObject({ state: 'PLANNING', drivenUntilMs: 0, driveAttempts: 1 });
  });

  it('that may pass fails the run once the attempts are used up', async () => {
    const last = await runWith({ driveAttempts: MAX_DRIVE_ATTEMPTS - 1 });
    await settleDrive(last.deps, await last.run(), fault('throttled'));
    expect((await last.run()).state).toBe('PLANNING');
    const harness = await runWith({ driveAttempts: MAX_DRIVE_ATTEMPTS });
    await settleDrive(harness.deps, await harness.run(), fault('throttled'));
    expect(await harness.run()).toMatchObject({
      state: 'FAILED',
      failure: { code: 'SRC-2001', message: 'cut' },
    });
  });

  it('that no attempt can mend fails the run at once, with its own code', async () => {
    const harness = await runWith({ driveAttempts: 1 });
    await settleDrive(harness.deps, await harness.run(), fault('config', 'no such table'));
    const failure = { code: 'SRC-2001', message: 'no such table' };
    expect(await harness.run()).toMatchObject({ state: 'FAILED', failure });
  });

  it('of committing says that the output may be visible', async () => {
    const harness = await runWith({ state: 'COMMITTING', driveAttempts: 1 });
    await settleDrive(harness.deps, await harness.run(), fault('auth', 'denied'));
    expect((await harness.run()).failure?.message).toBe(`denied; ${MAY_BE_VISIBLE}`);
  });

  it('that says somebody else was first changes nothing', async () => {
    const harness = await runWith({ drivenUntilMs: 5, driveAttempts: MAX_DRIVE_ATTEMPTS });
    const before = await harness.run();
    await settleDrive(harness.deps, before, fault('conflict'));
    expect(await harness.run()).toEqual(before);
  });

  it('that nobody classified is a defect and fails the run', async () => {
    const harness = await runWith({});
    await settleDrive(harness.deps, await harness.run(), new TypeError('x is undefined'));
    const failure = { code: 'BUG-9001', message: 'unexpected fault: x is undefined' };
    expect(await harness.run()).toMatchObject({ state: 'FAILED', failure });
  });

  it('met after the run has moved on says nothing about it', async () => {
    const harness = await runWith({ state: 'PLANNING' });
    const before = await harness.run();
    const row = (await harness.deps.state.runs.get(harness.ref))!;
    await harness.deps.state.runs.replace(harness.ref, row, {
      ...before,
      state: 'RUNNING',
      drivenUntilMs: 9,
    });
    await settleDrive(harness.deps, before, fault('config'));
    await settleDrive(harness.deps, before, fault('transient'));
    expect(await harness.run()).toMatchObject({ state: 'RUNNING', drivenUntilMs: 9 });
  });
});

describe('failing a run', () => {
  const failure = { code: 'RUN-5002', message: 'too often' } as const;

  it('happens in the state in which the fault arose and in no other', async () => {
    for (const state of ['PLANNING', 'RUNNING', 'COMMITTING', 'SUCCEEDED', 'FAILED', 'CANCELED'] as const) {
      const harness = await runWith({ state });
      await failRun(harness.deps, harness.ref, failure, 'RUNNING');
      const run = await harness.run();
      expect(run.state).toBe(state === 'RUNNING' ? 'FAILED' : state);
      expect(run.failure).toEqual(state === 'RUNNING' ? failure : undefined);
    }
  });

  it('may depend on the row as it is now', async () => {
    const harness = await runWith({ state: 'RUNNING' });
    await failRunIf(harness.deps, harness.ref, 'RUNNING', () => undefined);
    expect((await harness.run()).state).toBe('RUNNING');
    await failRunIf(harness.deps, harness.ref, 'RUNNING', (row) => ({ ...failure, message: row.state }));
    expect((await harness.run()).failure?.message).toBe('RUNNING');
  });

  it('names the shard if there is one', () => {
    expect(failureOf(fault('auth'))).toEqual({ code: 'SRC-2001', message: 'cut' });
    expect(failureOf(fault('auth'), '7')).toEqual({ code: 'SRC-2001', message: 'cut', shardId: '7' });
  });
});
