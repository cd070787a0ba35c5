/** The main job, on real processes: Tablestore to OSS through deployed functions, in good weather and bad. */
import { describe, expect, it } from 'vitest';
import type { RunRow } from '../../core/run/index.ts';
import { BUCKETS } from '../support/dataset.ts';
import { checkExport, dataKeys } from '../support/export-check.ts';
import { exportCloud } from '../support/export-cloud.ts';
import { exportJob } from '../support/export-job.ts';
import { seededRandom } from '../support/seeded-random.ts';

const ROWS = Number(process.env.MILLRACE_E2E_ROWS ?? 1_000_000);
const KILLS = 10;
/** Decides whom to kill and when; printed when a test fails, to be given again. */
const SEED = Number(process.env.MILLRACE_E2E_SEED ?? Date.now() % 1_000_000);

const env = exportCloud(ROWS);

/** Every row of every object is compared; in the first object also null against its text in quotes. */
async function expectExact(run: RunRow, prefix: string): Promise<void> {
  expect(run.failure).toBeUndefined();
  expect(run.state).toBe('SUCCEEDED');
  expect(run.receipt?.counters).toMatchObject({ read: ROWS, written: ROWS, dirty: 0 });
  const keys = await dataKeys(env.oss, prefix);
  expect(keys).toHaveLength(run.receipt?.objects ?? 0);
  const report = await checkExport(env.oss, keys, ROWS, 'untold');
  expect(report).toMatchObject({ rows: ROWS, duplicates: 0, missing: 0, differences: [] });
  const strict = await checkExport(env.oss, keys.slice(0, 1), ROWS);
  expect(strict).toMatchObject({ duplicates: 0, differences: [] });
  await env.oss.deleteMulti(keys, { quiet: true });
}

/** Until the run commits, a reader of the bucket must see none of it. */
const nothingVisible = (prefix: string) => async (run: RunRow) => {
  const keys = await dataKeys(env.oss, prefix);
  const after = (await env.deployment.run(run.runId)).state;
  if (after === 'PLANNING' || after === 'RUNNING') expect(keys).toEqual([]);
};

describe(`${ROWS} rows by ${BUCKETS} shards`, () => {
  for (const concurrent of [1, 4, 8]) {
    it(`arrive exactly with concurrency ${concurrent}, unseen before the commit`, async () => {
      const prefix = `plain/c${concurrent}`;
      await env.deployment.start(`c${concurrent}`, exportJob(prefix, { concurrent }));
      const run = await env.deployment.watch(`c${concurrent}`, undefined, nothingVisible(prefix));
      await expectExact(run, prefix);
      expect(run.plan?.shardCount).toBe(BUCKETS);
    });
  }

  it(`arrive exactly although workers are killed ${KILLS} times (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    let kills = 0;
    // Slow enough that there is always somebody to kill.
    const job = exportJob('chaos/kills', { concurrent: 4, recordsPerSecond: ROWS / 8 });
    await env.deployment.start('kills', job, { checkpointMs: 200 });
    const run = await env.deployment.watch('kills', undefined, async (row) => {
      if (
        row.state === 'RUNNING' &&
        kills < KILLS &&
        random() < 0.25 &&
        (await env.cloud.killBusy('worker', random))
      )
        kills++;
      await nothingVisible('chaos/kills')(row);
    });
    expect(kills).toBe(KILLS);
    await expectExact(run, 'chaos/kills');
  });

  it('arrive exactly with every message delivered twice', async () => {
    await env.cloud.ask({ do: 'deliver', rule: 'double' });
    await env.deployment.start('doubled', exportJob('chaos/doubled', { concurrent: 4 }));
    const run = await env.deployment.watch('doubled', undefined, nothingVisible('chaos/doubled'));
    await env.cloud.ask({ do: 'deliver', rule: 'all' });
    await expectExact(run, 'chaos/doubled');
  });

  it('arrive exactly with one message in five lost', async () => {
    await env.cloud.ask({ do: 'deliver', rule: 'drop-fifth' });
    await env.deployment.start('lost', exportJob('chaos/lost', { concurrent: 4 }));
    const run = await env.deployment.watch('lost', undefined, nothingVisible('chaos/lost'));
    await env.cloud.ask({ do: 'deliver', rule: 'all' });
    await expectExact(run, 'chaos/lost');
  });

  it('arrive exactly although the orchestrator is killed while planning', async () => {
    let killed = false;
    await env.cloud.ask({ do: 'slow', call: { operation: 'PutRow', key: 'millrace_shards', ms: 500 } });
    await env.deployment.start('planning', exportJob('chaos/planning', { concurrent: 4 }));
    const run = await env.deployment.watch('planning', undefined, async (row) => {
      if (killed || row.state !== 'PLANNING' || row.drivenUntilMs === 0) return;
      killed = await env.cloud.killBusy('orchestrator');
      await env.cloud.ask({ do: 'slow' });
    });
    expect(killed).toBe(true);
    await expectExact(run, 'chaos/planning');
  });

  it('arrive exactly although the finalizer is killed while committing', async () => {
    let killed = false;
    await env.cloud.ask({ do: 'slow', call: { operation: 'CompleteMultipartUpload', key: '', ms: 500 } });
    await env.deployment.start('committing', exportJob('chaos/committing', { concurrent: 4 }));
    const run = await env.deployment.watch('committing', undefined, async (row) => {
      if (killed || row.state !== 'COMMITTING' || (await dataKeys(env.oss, 'chaos/committing')).length === 0)
        return;
      killed = await env.cloud.killBusy('finalizer');
      await env.cloud.ask({ do: 'slow' });
    });
    expect(killed).toBe(true);
    await expectExact(run, 'chaos/committing');
  });
});
