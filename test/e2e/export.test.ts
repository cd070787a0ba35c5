/** The main job, on real processes: Tablestore to OSS through deployed functions, in good weather and bad. */
import type OSS from 'ali-oss';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunRow } from '../../core/run/index.ts';
import { CloudChild } from '../support/cloud-child.ts';
import { BUCKETS } from '../support/dataset.ts';
import { Deployment } from '../support/deployment.ts';
import { bucketClient, checkExport, dataKeys } from '../support/export-check.ts';
import { createSource, exportJob } from '../support/export-job.ts';

const ROWS = Number(process.env.MILLRACE_E2E_ROWS ?? 1_000_000);
const KILLS = 10;

let cloud: CloudChild;
let deployment: Deployment;
let oss: OSS;

beforeAll(async () => {
  cloud = await CloudChild.start();
  deployment = await Deployment.create(cloud.address);
  oss = bucketClient({ ...cloud.address, endpoint: cloud.address.oss, bucket: 'exports' });
  await createSource(cloud.address, 'everything');
  await cloud.ask({ do: 'load', table: 'everything', from: 0, to: ROWS });
});

afterAll(async () => {
  deployment?.close();
  await cloud?.close();
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail' || process.env.MILLRACE_SHOW_LOGS) console.error(await cloud.logs());
});

/** Every row of every object is compared; in the first object also null against its text in quotes. */
async function expectExact(run: RunRow, prefix: string): Promise<void> {
  expect(run.failure).toBeUndefined();
  expect(run.state).toBe('SUCCEEDED');
  expect(run.receipt?.counters).toMatchObject({ read: ROWS, written: ROWS, dirty: 0 });
  const keys = await dataKeys(oss, prefix);
  expect(keys).toHaveLength(run.receipt?.objects ?? 0);
  const report = await checkExport(oss, keys, ROWS, 'untold');
  expect(report).toMatchObject({ rows: ROWS, duplicates: 0, missing: 0, differences: [] });
  const strict = await checkExport(oss, keys.slice(0, 1), ROWS);
  expect(strict).toMatchObject({ duplicates: 0, differences: [] });
  await oss.deleteMulti(keys, { quiet: true });
}

/** Until the run commits, a reader of the bucket must see none of it. */
const nothingVisible = (prefix: string) => async (run: RunRow) => {
  const keys = await dataKeys(oss, prefix);
  const after = (await deployment.run(run.runId)).state;
  if (after === 'PLANNING' || after === 'RUNNING') expect(keys).toEqual([]);
};

describe(`${ROWS} rows by ${BUCKETS} shards`, () => {
  for (const concurrent of [1, 4, 8]) {
    it(`arrive exactly with concurrency ${concurrent}, unseen before the commit`, async () => {
      const prefix = `plain/c${concurrent}`;
      await deployment.start(`c${concurrent}`, exportJob(prefix, { concurrent }));
      const run = await deployment.watch(`c${concurrent}`, undefined, nothingVisible(prefix));
      await expectExact(run, prefix);
      expect(run.receipt?.shards).toBe(BUCKETS);
    });
  }

  it(`arrive exactly although workers are killed ${KILLS} times`, async () => {
    let kills = 0;
    await deployment.start('kills', exportJob('chaos/kills', { concurrent: 4 }), { checkpointMs: 200 });
    const run = await deployment.watch('kills', undefined, async (row) => {
      if (
        row.state === 'RUNNING' &&
        kills < KILLS &&
        Math.random() < 0.25 &&
        (await cloud.killBusy('worker'))
      )
        kills++;
      await nothingVisible('chaos/kills')(row);
    });
    expect(kills).toBe(KILLS);
    await expectExact(run, 'chaos/kills');
  });

  it('arrive exactly with every message delivered twice', async () => {
    await cloud.ask({ do: 'deliver', rule: 'double' });
    await deployment.start('doubled', exportJob('chaos/doubled', { concurrent: 4 }));
    const run = await deployment.watch('doubled', undefined, nothingVisible('chaos/doubled'));
    await cloud.ask({ do: 'deliver', rule: 'all' });
    await expectExact(run, 'chaos/doubled');
  });

  it('arrive exactly with one message in five lost', async () => {
    await cloud.ask({ do: 'deliver', rule: 'drop-fifth' });
    await deployment.start('lost', exportJob('chaos/lost', { concurrent: 4 }));
    const run = await deployment.watch('lost', undefined, nothingVisible('chaos/lost'));
    await cloud.ask({ do: 'deliver', rule: 'all' });
    await expectExact(run, 'chaos/lost');
  });

  it('arrive exactly although the orchestrator is killed while planning', async () => {
    let killed = false;
    await cloud.ask({ do: 'slow', call: { operation: 'PutRow', key: 'millrace_shards', ms: 500 } });
    await deployment.start('planning', exportJob('chaos/planning', { concurrent: 4 }));
    const run = await deployment.watch('planning', undefined, async (row) => {
      if (killed || row.state !== 'PLANNING' || row.drivenUntilMs === 0) return;
      killed = await cloud.killBusy('orchestrator');
      await cloud.ask({ do: 'slow' });
    });
    expect(killed).toBe(true);
    await expectExact(run, 'chaos/planning');
  });

  it('arrive exactly although the finalizer is killed while committing', async () => {
    let killed = false;
    await cloud.ask({ do: 'slow', call: { operation: 'CompleteMultipartUpload', key: '', ms: 500 } });
    await deployment.start('committing', exportJob('chaos/committing', { concurrent: 4 }));
    const run = await deployment.watch('committing', undefined, async (row) => {
      if (killed || row.state !== 'COMMITTING' || (await dataKeys(oss, 'chaos/committing')).length === 0)
        return;
      killed = await cloud.killBusy('finalizer');
      await cloud.ask({ do: 'slow' });
    });
    expect(killed).toBe(true);
    await expectExact(run, 'chaos/committing');
  });
});
