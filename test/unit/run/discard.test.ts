import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../core/errors/index.ts';
import { discardOutputs } from '../../../core/run/discard.ts';
import type { RunRow } from '../../../core/run/index.ts';
import { changeRun, preparedRun } from './prepared-run.ts';

const discarded = async (run: Partial<RunRow>, meanwhile: Partial<RunRow> = {}) => {
  const harness = await preparedRun({ run });
  const before = await harness.run();
  await changeRun(harness, meanwhile);
  await discardOutputs(harness.deps, before, new AbortController().signal);
  return { marked: (await harness.run()).discarded, discards: harness.systems.discards };
};

describe('throwing away what a run left', () => {
  it('is noted in the run, so that it is never resumed', async () => {
    expect(await discarded({ state: 'FAILED' })).toEqual({ marked: true, discards: ['run'] });
  });

  it('is left alone if the run was resumed a moment before: its parts have a new owner', async () => {
    const outcome = await discarded({ state: 'FAILED' }, { resumedBy: 'run.r1' });
    expect(outcome).toEqual({ marked: false, discards: [] });
  });

  it('goes back through the runs that it took over, as far as they are known', async () => {
    const outcome = await discarded({ state: 'CANCELED', resumeOf: 'gone' });
    expect(outcome.discards).toEqual(['run']);
  });

  it('asks for nothing about runs before the first', async () => {
    const harness = await preparedRun({ run: { state: 'FAILED' } });
    const asked: string[] = [];
    const { get } = harness.deps.state.runs;
    harness.deps.state.runs.get = async (ref) => {
      asked.push(ref.runId);
      return get.call(harness.deps.state.runs, ref);
    };
    await discardOutputs(
      harness.deps,
      (await get.call(harness.deps.state.runs, harness.ref))!.value,
      new AbortController().signal,
    );
    expect(asked).toEqual(['run']);
  });

  it('closes the target whatever happens, and a fault is passed on', async () => {
    const harness = await preparedRun({ run: { state: 'FAILED' } });
    const { openWriter } = harness.systems;
    let closed = 0;
    harness.systems.openWriter = async () => ({
      ...(await openWriter.call(harness.systems)),
      discard: async () => {
        throw new SyncError('DST-4001', 'transient', 'cut');
      },
      close: async () => void closed++,
    });
    const cut = discardOutputs(harness.deps, await harness.run(), new AbortController().signal);
    await expect(cut).rejects.toMatchObject({ code: 'DST-4001' });
    expect(closed).toBe(1);
  });
});
