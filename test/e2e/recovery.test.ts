/** What happens around a run: dirty rows and resuming, canceling, schedules, limits over all workers. */
import { describe, expect, it } from 'vitest';
import { createSystems } from '../../core/connectors/systems.ts';
import type { JobModel } from '../../core/job/model.ts';
import { silentLogger, systemClock, systemRandom } from '../../core/ports/system.ts';
import { cancelRun, type EngineDeps, type RunRow, resumeRun } from '../../core/run/index.ts';
import { sourceRow } from '../support/dataset.ts';
import { checkExport, dataKeys } from '../support/export-check.ts';
import { exportCloud } from '../support/export-cloud.ts';
import { exportJob, inlineDataSources } from '../support/export-job.ts';

const ROWS = 8_000;

const env = exportCloud(ROWS);

/** Without base64, rows with bytes that are not text are refused. */
function textJob(prefix: string): JobModel {
  const job = exportJob(prefix, { concurrent: 4 });
  const { byteEncoding: _none, ...params } = job.writer.params;
  return { ...job, writer: { ...job.writer, params } };
}

const isDirty = (i: number): boolean => sourceRow(i).columns.some(([name]) => name === 'raw');
const DIRTY = Array.from({ length: ROWS }, (_, i) => i).filter(isDirty).length;

/** The engine as the command line has it: the target can be opened from here. */
const withSystems = (): EngineDeps => ({
  ...env.deployment.deps,
  systems: createSystems({
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    dataSources: inlineDataSources(env.cloud.address),
    secrets: { env: () => undefined, file: () => undefined },
  }),
});

const uploads = async (prefix: string): Promise<number> =>
  (await env.oss.listUploads({ prefix, 'max-uploads': 1000 })).uploads.length;

describe('a run with dirty rows', () => {
  it('fails by default, shows nothing, keeps the rows, and is resumed with a higher limit', async () => {
    await env.deployment.start('dirty', textJob('dirty/part'));
    const run = await env.deployment.watch('dirty');
    expect(run).toMatchObject({ state: 'FAILED', failure: { code: 'RUN-5001' } });
    expect(await dataKeys(env.oss, 'dirty/part')).toEqual([]);
    const kept = await env.deployment.deps.state.listDirtyRows(run, 10);
    expect(kept[0]).toMatchObject({ column: 'raw', code: 'CNV-3001', valueType: 'bytes' });

    const ref = { jobId: 'export', runId: 'dirty' };
    const next = await resumeRun(env.deployment.deps, ref, {
      errorLimit: { kind: 'records', limit: DIRTY },
    });
    const resumed = await env.deployment.watch(next.runId);
    expect(resumed.failure).toBeUndefined();
    expect(resumed.receipt?.counters).toMatchObject({ read: ROWS, written: ROWS - DIRTY, dirty: DIRTY });
    expect((await env.deployment.run('dirty')).state).toBe('FAILED');
    const report = await checkExport(env.oss, await dataKeys(env.oss, 'dirty/part'), ROWS);
    expect(report).toMatchObject({ rows: ROWS - DIRTY, duplicates: 0, missing: DIRTY, differences: [] });
  });
});

describe('a canceled run', () => {
  it('leaves nothing behind, neither objects nor uploads', async () => {
    const job = exportJob('canceled/part', { concurrent: 4, recordsPerSecond: 2_000 });
    await env.deployment.start('canceled', job, { leaseMs: 1_000 });
    const moving = async (row: RunRow): Promise<number> => {
      const shards = row.plan ? await env.deployment.deps.state.listShards(row, row.plan.planId) : [];
      return shards.filter(({ value }) => value.state === 'DONE').length;
    };
    let done = 0;
    await env.deployment.watch(
      'canceled',
      () => done >= 4,
      async (row) => {
        done = await moving(row);
      },
    );
    await cancelRun(withSystems(), { jobId: 'export', runId: 'canceled' }, new AbortController().signal);
    expect((await env.deployment.run('canceled')).state).toBe('CANCELED');
    // Workers still at it put parts until they notice; the sweeper collects those after two leases.
    await env.deployment.watch(
      'canceled',
      () => collected,
      async () => {
        collected = (await uploads('canceled/')) === 0 && !(await isActive('canceled'));
      },
    );
    expect(await dataKeys(env.oss, 'canceled/')).toEqual([]);
  });
});

let collected = false;
const isActive = async (runId: string): Promise<boolean> =>
  (await env.deployment.deps.state.listActive()).some((active) => active.runId === runId);

describe('a speed limit', () => {
  it('holds over all workers together, also when every message comes twice', async () => {
    await env.cloud.ask({ do: 'deliver', rule: 'double' });
    const job = exportJob('paced/part', { concurrent: 4, recordsPerSecond: 2_000 });
    const startedMs = Date.now();
    await env.deployment.start('paced', job, { leaseMs: 30_000 });
    const run = await env.deployment.watch('paced');
    expect(run.state).toBe('SUCCEEDED');
    // 16 shards of 500 rows, 4 channels of 500 rows/s: the last second of each channel is not waited for.
    expect((run.endedMs ?? 0) - startedMs).toBeGreaterThan(2_900);
    expect(await checkExport(env.oss, await dataKeys(env.oss, 'paced/part'), ROWS)).toMatchObject({
      rows: ROWS,
      missing: 0,
    });
  });
});

describe('a timer', () => {
  it('starts the run of its schedule time, once, however often it is delivered', async () => {
    const job = exportJob('timed/part', { concurrent: 2 });
    const text = JSON.stringify({
      type: 'job',
      version: '2.0',
      steps: [
        { category: 'reader', stepType: 'ots', name: 'Reader', parameter: job.reader.params },
        {
          category: 'writer',
          stepType: 'oss',
          name: 'Writer',
          parameter: { ...job.writer.params, object: `timed/\${bdp.system.bizdate}/part` },
        },
      ],
      order: { hops: [{ from: 'Reader', to: 'Writer' }] },
      setting: { errorLimit: { record: '0' }, speed: { concurrent: 2, throttle: false } },
    });
    await env.deployment.deps.state.jobs.insert(
      { jobId: 'nightly' },
      { jobId: 'nightly', text, updatedMs: 0 },
    );
    const event = {
      triggerTime: '2025-11-01T18:30:00Z',
      triggerName: 'nightly',
      payload: '{"job":"nightly"}',
    };
    await env.deployment.invokeRaw('orchestrator', event);
    await env.deployment.invokeRaw('orchestrator', event);
    const runs = () => env.deployment.deps.state.listRuns('nightly', 10);
    await env.deployment.watch(
      'paced',
      () => ended,
      async () => {
        ended = (await runs()).some((run) => run.state === 'SUCCEEDED');
      },
    );
    expect((await runs()).map((run) => run.runId)).toEqual(['20251101T183000Z']);
    // 18:30 UTC is 02:30 on the 2nd in Shanghai, so the business date is the 1st.
    const keys = await dataKeys(env.oss, 'timed/20251101/part');
    expect(await checkExport(env.oss, keys, ROWS)).toMatchObject({ rows: ROWS, duplicates: 0, missing: 0 });
  });
});

let ended = false;
