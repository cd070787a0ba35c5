import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { createSystems } from '../../../core/connectors/systems.ts';
import type { DataSources } from '../../../core/job/index.ts';
import type { JobModel } from '../../../core/job/model.ts';
import { EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import type { MemorySystems } from '../../support/memory-systems.ts';
import { type BucketHarness, quickContext, startBucket } from './source-bucket.ts';

const ROWS = 30_000;
const text = (i: number): string => `"quoted ""${i}""\nand, more"`;
const rows = Array.from({ length: ROWS }, (_, i) => [
  String(i),
  `quoted "${i}"\nand, more`,
  i % 3 === 0 ? '' : `n${i}`,
]);
const csv = (from: number, to: number): string =>
  rows
    .slice(from, to)
    .map(([id, , note], i) => `${id},${text(from + i)},${note === '' ? 'null' : note}\n`)
    .join('');

const NO_SOURCES = new Map() as unknown as DataSources;

/** An engine over the real connectors, state in memory. */
function engineOver(): EngineHarness {
  const { clock, random, log } = quickContext();
  const secrets = { get: () => undefined } as never;
  const systems = createSystems({ dataSources: NO_SOURCES, secrets, clock, random, log });
  return new EngineHarness(systems as unknown as MemorySystems);
}

function job({ params }: BucketHarness, changes: object, target: object = {}): JobModel {
  const { column, fileFormat, ...connection } = params;
  const columns = [{ index: 0, type: 'long' }, { index: 1 }, { index: 2 }];
  const reader = { ...connection, column: columns, fileFormat, nullFormat: 'null', ...changes };
  const writer = {
    ...connection,
    fileFormat,
    object: 'out/part',
    writeMode: 'truncate',
    nullFormat: '',
    ...target,
  };
  return {
    ...memoryJob({ speed: { concurrent: 3 } }),
    reader: { type: 'oss', params: reader, path: 'reader' } as JobModel['reader'],
    writer: { type: 'oss', params: writer, path: 'writer' } as JobModel['writer'],
  };
}

async function written({ client }: BucketHarness): Promise<string[][]> {
  const page = await client.listV2({ prefix: 'out/part', 'max-keys': '1000' });
  const keys = (page.objects ?? []).map(({ name }) => name);
  const contents = await Promise.all(keys.map(async (key) => (await client.get(key)).content as Buffer));
  return contents
    .flatMap((content) => parse(content) as string[][])
    .sort(([a], [b]) => Number(a) - Number(b));
}

describe('a job from OSS to OSS', () => {
  it('copies every row once, whatever happens on the way and however short the slices are', async () => {
    await using bucket = await startBucket();
    await bucket.put('in/a.csv', csv(0, 20_000));
    await bucket.put('in/b.csv', csv(20_000, 20_001));
    await bucket.put('in/c.csv', csv(20_001, ROWS));
    const engine = engineOver();
    await engine.start(job(bucket, { object: 'in/*.csv' }), { checkpointBytes: 1 });
    bucket.inject(
      4,
      { kind: 'reset' },
      ({ key, operation }) => key.startsWith('in/') && /get/i.test(operation),
    );
    bucket.inject(2, { kind: 'lose-answer' }, ({ operation }) => /complete/i.test(operation));
    expect(await engine.settle(500, 3)).toMatchObject({ state: 'SUCCEEDED' });
    expect(bucket.faultsLeft).toBe(0);
    expect(await written(bucket)).toEqual(rows);
  });

  it('goes on inside compressed objects', async () => {
    await using bucket = await startBucket();
    const members = [csv(0, 9_999), csv(9_999, 12_000), csv(12_000, ROWS)].map((part) => gzipSync(part));
    await bucket.put('in/a.csv.gz', Buffer.concat(members));
    const engine = engineOver();
    await engine.start(job(bucket, { object: 'in/a.csv.gz', compress: 'gzip' }), { checkpointBytes: 1 });
    expect(await engine.settle(500, 2)).toMatchObject({ state: 'SUCCEEDED' });
    expect(await written(bucket)).toEqual(rows);
  });

  it('keeps every value on the way to Parquet and back', async () => {
    await using bucket = await startBucket();
    await bucket.put('in/a.csv', csv(0, ROWS));
    const there = engineOver();
    await there.start(
      job(
        bucket,
        { object: 'in/a.csv' },
        { object: 'mid/part', fileFormat: 'parquet', nullFormat: undefined },
      ),
    );
    expect(await there.settle()).toMatchObject({ state: 'SUCCEEDED' });
    const back = engineOver();
    const source = { object: 'mid/part*', fileFormat: 'parquet', column: ['*'], nullFormat: undefined };
    await back.start(job(bucket, source), { checkpointBytes: 1 });
    expect(await back.settle(500, 2)).toMatchObject({ state: 'SUCCEEDED' });
    expect(await written(bucket)).toEqual(rows);
  });

  it('leaves out records that are none, within the limit of dirty rows', async () => {
    await using bucket = await startBucket();
    const bad = 'x,1,2\n7\n8,"a"b,c\n';
    await bucket.put('in/a.csv', csv(0, 10_000) + bad + csv(10_000, ROWS));
    const within = engineOver();
    const errorLimit = { kind: 'records', limit: 3 } as const;
    const source = job(bucket, { object: 'in/a.csv' });
    await within.start({ ...source, setting: { ...source.setting, errorLimit } }, { checkpointBytes: 1 });
    expect(await within.settle(500, 2)).toMatchObject({ state: 'SUCCEEDED' });
    expect(await written(bucket)).toEqual(rows);
    const beyond = engineOver();
    await beyond.start({
      ...source,
      setting: { ...source.setting, errorLimit: { kind: 'records', limit: 2 } },
    });
    expect(await beyond.settle()).toMatchObject({ state: 'FAILED' });
  });

  it('fails, and writes nothing, when an object changes on the way', async () => {
    await using bucket = await startBucket();
    await bucket.put('in/a.csv', csv(0, 100));
    const engine = engineOver();
    await engine.start(job(bucket, { object: 'in/a.csv' }));
    await engine.deliver();
    await bucket.put('in/a.csv', csv(0, 101));
    expect(await engine.settle()).toMatchObject({ state: 'FAILED', failure: { code: 'SRC-2013' } });
    expect(await written(bucket)).toEqual([]);
  });
});
