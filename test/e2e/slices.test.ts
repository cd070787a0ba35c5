/** A shard that takes a minute, moved by workers that may run for ten seconds each. */
import { expect, it } from 'vitest';
import { checkExport, dataKeys } from '../support/export-check.ts';
import { exportCloud } from '../support/export-cloud.ts';
import { exportJob } from '../support/export-job.ts';

const ROWS = 60_000;
const ROWS_PER_SECOND = 1_000;
const TIMEOUT_SECONDS = 10;

const env = exportCloud(ROWS, {
  timers: { sweeper: '@every 1s' },
  timeoutSeconds: { worker: TIMEOUT_SECONDS },
});

it('a worker continues itself until the shard is done, within the speed limit and never killed', async () => {
  const job = exportJob('slices/part', { concurrent: 1, recordsPerSecond: ROWS_PER_SECOND }, []);
  const startedMs = Date.now();
  await env.deployment.start('slices', job, { leaseMs: 30_000 });
  const run = await env.deployment.watch('slices');
  expect(run).toMatchObject({ state: 'SUCCEEDED', plan: { shardCount: 1, channels: 1 } });
  const shards = await env.deployment.deps.state.listShards(run, run.plan?.planId ?? '');
  const shard = shards[0]!.value;
  const seconds = ((run.endedMs ?? 0) - startedMs) / 1000;
  expect(seconds).toBeGreaterThan(ROWS / ROWS_PER_SECOND - 6);
  expect(shard.epoch).toBeGreaterThanOrEqual(5);
  expect(shard.retries).toBe(0);
  const { fc } = await env.cloud.ask<{ fc: { timeouts: number } }>({ do: 'stats' });
  expect(fc.timeouts).toBe(0);
  expect(await checkExport(env.oss, await dataKeys(env.oss, 'slices/part'), ROWS)).toMatchObject({
    rows: ROWS,
    duplicates: 0,
    missing: 0,
    differences: [],
  });
});
