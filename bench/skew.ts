import { parse } from 'csv-parse/sync';
import type { JobModel } from '../core/job/model.ts';
import type { RunRow } from '../core/run/index.ts';
import { LOCAL_ACCOUNT, type LocalCloud, startLocalCloud } from '../infra/local/cloud.ts';
import type { CloudAddress } from '../test/support/cloud-child.ts';
import { Deployment } from '../test/support/deployment.ts';
import { bucketClient, dataKeys } from '../test/support/export-check.ts';
import { createSource, exportJob } from '../test/support/export-job.ts';
import type { BenchOptions } from './options.ts';
import { below, type Figure, spread } from './report.ts';

const DEFAULT_ROWS = 400_000;
const DEFAULT_PAIRS = 3;
const CHANNELS = 8;
/** An even run takes so long: each channel moves its share of the limit, however fast this machine is. */
const EVEN_SECONDS = 20;
/** Bar of the ratio. */
const MAX_RATIO = 1.3;
const SHAPES = ['even', 'skewed'] as const;
type Shape = (typeof SHAPES)[number];

const bucketName = (bucket: number): string => `b${String(bucket).padStart(2, '0')}`;
/** One prefix holds nine tenths of the skewed rows. */
const BUCKET_OF: Readonly<Record<Shape, (row: number) => number>> = {
  even: (row) => row % CHANNELS,
  skewed: (row) => (row % 10 === 0 ? ((row / 10) % (CHANNELS - 1)) + 1 : 0),
};

/**
 * A table whose keys are skewed against an even one of the same size, the same split points, on deployed functions. The
 * speed limit makes a channel the scarce thing, as it is where each worker has a machine of its own.
 */
export async function benchSkew(options: BenchOptions): Promise<readonly Figure[]> {
  const rows = options.rows ?? DEFAULT_ROWS;
  const cloud = await startLocalCloud({ buckets: ['exports'], fc: { maxInstances: 40 } });
  const address = addressOf(cloud);
  const deployment = await Deployment.create(address);
  const seconds: Record<Shape, number[]> = { even: [], skewed: [] };
  const shards: number[] = [];
  try {
    for (const shape of SHAPES) await load(cloud, address, shape, rows);
    // Whoever comes first would pay for the start of the instances.
    await play(deployment, 'warm-up', 'even', rows);
    for (let pair = 0; pair < (options.pairs ?? DEFAULT_PAIRS); pair++) {
      for (const shape of SHAPES) {
        const run = await play(deployment, `${shape}-${pair}`, shape, rows);
        await checkIds(address, run.runId, rows);
        seconds[shape].push(((run.endedMs ?? 0) - run.createdMs) / 1000);
        if (shape === 'skewed') shards.push(run.receipt?.shards ?? 0);
      }
    }
  } finally {
    deployment.close();
    await cloud.close();
  }
  const ratios = seconds.skewed.map((skewed, i) => skewed / seconds.even[i]!);
  return [
    { name: 'even table', unit: 's', ...spread(seconds.even) },
    { name: 'one prefix holds 90 %', unit: 's', ...spread(seconds.skewed) },
    { name: `shards at the end, ${CHANNELS} planned`, unit: '', ...spread(shards) },
    below('times the even run', '×', ratios, MAX_RATIO),
  ];
}

const addressOf = (cloud: LocalCloud): CloudAddress => ({
  ots: cloud.ots.endpoint,
  oss: cloud.oss.endpoint,
  fc: cloud.fc.endpoint,
  accountId: LOCAL_ACCOUNT,
  accessKeyId: cloud.accessKeyId,
  accessKeySecret: cloud.accessKeySecret,
});

async function load(cloud: LocalCloud, address: CloudAddress, shape: Shape, rows: number): Promise<void> {
  await createSource(address, shape);
  const bucketOf = BUCKET_OF[shape];
  const all = Array.from({ length: rows }, (_, id) => ({ bucket: bucketOf(id), id }));
  all.sort((a, b) => a.bucket - b.bucket || a.id - b.id);
  const note = 'x'.repeat(100);
  cloud.ots.bulkLoad(
    shape,
    all.map(({ bucket, id }) => ({
      primaryKey: [bucketName(bucket), BigInt(id)],
      columns: [['note', note]],
    })),
  );
}

async function play(deployment: Deployment, runId: string, table: Shape, rows: number): Promise<RunRow> {
  const split = Array.from({ length: CHANNELS - 1 }, (_, i) => ({
    type: 'STRING',
    value: bucketName(i + 1),
  }));
  const speed = { concurrent: CHANNELS, recordsPerSecond: rows / EVEN_SECONDS };
  const job: JobModel = exportJob(`${runId}/part`, speed, split);
  const columns = ['bucket', 'id', 'note'].map((name) => ({ name }));
  const params = { ...job.reader.params, table, column: columns };
  await deployment.start(
    runId,
    { ...job, reader: { ...job.reader, params } },
    { leaseMs: 60_000, checkpointMs: 10_000 },
  );
  const run = await deployment.watch(runId, undefined, undefined, EVEN_SECONDS * CHANNELS * 2_000);
  if (run.state !== 'SUCCEEDED') throw new Error(`run ${runId} is ${run.state}: ${run.failure?.message}`);
  return run;
}

/** Every id once: a fast run that loses rows is no figure. */
async function checkIds(address: CloudAddress, runId: string, rows: number): Promise<void> {
  const client = bucketClient({ ...address, endpoint: address.oss, bucket: 'exports' });
  const seen = new Set<string>();
  let count = 0;
  for (const key of await dataKeys(client, `${runId}/part`)) {
    const { content } = await client.get(key);
    for (const [, id] of parse(content as Buffer) as string[][]) {
      seen.add(id ?? '');
      count++;
    }
  }
  if (count !== rows || seen.size !== rows) throw new Error(`${count} rows, ${seen.size} of ${rows} ids`);
}
