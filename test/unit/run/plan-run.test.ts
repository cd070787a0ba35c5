import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../core/errors/index.ts';
import { resumeRun } from '../../../core/run/index.ts';
import { CHANNELS, Installation } from '../../support/installation.ts';
import { MemorySystems } from '../../support/memory-systems.ts';

const REF = { jobId: 'job', runId: 'run' };

describe('the target before its first row', () => {
  it('is made ready once, before any worker, and not again by a resumed run', async () => {
    const systems = new MemorySystems(2_000, 2, {}, 50);
    let begins = 0;
    systems.onBegin = () => {
      begins++;
      expect(systems.staged.size).toBe(0);
    };
    systems.faults.refuse = (id) => id === 1_999n;
    const installation = new Installation(systems);
    expect((await installation.play()).run).toMatchObject({ state: 'FAILED', begun: true });
    await resumeRun(installation.deps, REF, { errorLimit: { kind: 'records', limit: 1 } });
    await installation.clock.settle();
    const heir = (await installation.deps.state.runs.get({ jobId: 'job', runId: 'run.r1' }))!.value;
    expect(heir).toMatchObject({ state: 'SUCCEEDED', begun: true });
    expect(begins).toBe(1);
  });

  it('fails the run with its own fault, and no worker moves a row', async () => {
    const systems = new MemorySystems(2_000, 2);
    systems.onBegin = () => {
      throw new SyncError('DST-4004', 'config', 'no');
    };
    const installation = new Installation(systems);
    const { run } = await installation.play();
    expect(run).toMatchObject({ state: 'FAILED', begun: false, failure: { code: 'DST-4004' } });
    expect(systems.staged.size).toBe(0);
  });
});

describe('a plan that depends on what its reader holds', () => {
  it('keeps that reader open until every shard is read, and then closes it', async () => {
    const systems = new MemorySystems(2_000, 4, {}, 50);
    systems.held = true;
    let reads = 0;
    systems.faults.onRead = () => {
      reads++;
      // Each worker has one of its own; the one that planned is beside them.
      expect(systems.openReaders).toBeGreaterThan(CHANNELS / 2);
    };
    const installation = new Installation(systems);
    expect((await installation.play()).run.state).toBe('SUCCEEDED');
    expect(reads).toBe(40);
    expect(systems.openReaders).toBe(0);
  });
});
