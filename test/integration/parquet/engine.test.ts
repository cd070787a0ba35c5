/** Whole jobs between text and Parquet objects, by the engine that workers run. */
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { createSystems } from '../../../core/connectors/systems.ts';
import type { DataSources } from '../../../core/job/index.ts';
import type { JobModel } from '../../../core/job/model.ts';
import { EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import type { MemorySystems } from '../../support/memory-systems.ts';
import { type BucketHarness, quickContext, startBucket } from '../oss-reader/source-bucket.ts';
import { startDuck } from './duckdb.ts';

const ROWS = 30_000;
const lineOf = (id: number): string =>
  `${id},${id % 1000}.${String(id % 100).padStart(2, '0')},2024-02-${String(1 + (id % 29)).padStart(2, '0')},text ${(Math.imul(id + 1, 0x9e3779b1) >>> 0).toString(36).repeat(8)}\n`;
const csv = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => lineOf(from + i)).join('');

const COLUMNS = [
  { index: 0, type: 'long' },
  { index: 1, type: 'decimal' },
  { index: 2, type: 'date' },
  { index: 3, type: 'string' },
];
const SCHEMA = `message m { required int64 id; optional fixed_len_byte_array(9) amount (DECIMAL(20,2));
  optional int32 day (DATE); optional binary text (UTF8); }`;

/** An engine over the real connectors, state in memory. */
function engineOver(): EngineHarness {
  const { clock, random, log } = quickContext();
  const secrets = { get: () => undefined } as never;
  const dataSources = new Map() as unknown as DataSources;
  const systems = createSystems({ dataSources, secrets, clock, random, log });
  return new EngineHarness(systems as unknown as MemorySystems);
}

function job({ params }: BucketHarness, reader: object, writer: object): JobModel {
  const { column: _, fileFormat: __, ...connection } = params;
  const target = { ...connection, writeMode: 'truncate', ...writer };
  return {
    ...memoryJob({ speed: { concurrent: 3 } }),
    reader: { type: 'oss', params: { ...connection, ...reader }, path: 'reader' } as JobModel['reader'],
    writer: { type: 'oss', params: target, path: 'writer' } as JobModel['writer'],
  };
}

async function objects({ client }: BucketHarness, prefix: string): Promise<Buffer[]> {
  const page = await client.listV2({ prefix, 'max-keys': '1000' });
  const keys = (page.objects ?? []).map(({ name }) => name);
  return Promise.all(keys.map(async (key) => (await client.get(key)).content as Buffer));
}

describe('a job', () => {
  it('makes Parquet of text and text of Parquet, each row once, in short slices and with faults', async () => {
    await using bucket = await startBucket();
    await using duck = await startDuck();
    await bucket.put('in/a.csv', csv(0, 20_000));
    await bucket.put('in/b.csv', csv(20_000, ROWS));
    const toParquet = job(
      bucket,
      { object: 'in/*.csv', fileFormat: 'csv', column: COLUMNS },
      {
        object: 'mid/part',
        fileFormat: 'parquet',
        compress: 'zstd',
        rowGroupSizeInMB: 1,
        parquetSchema: SCHEMA,
      },
    );
    const engine = engineOver();
    await engine.start(toParquet, { checkpointBytes: 1 });
    bucket.inject(3, { kind: 'lose-answer' }, ({ operation }) => /complete|part/i.test(operation));
    expect(await engine.settle(500, 3)).toMatchObject({ state: 'SUCCEEDED' });
    expect(bucket.faultsLeft).toBe(0);

    const files = await objects(bucket, 'mid/part');
    expect(files.length).toBeGreaterThan(1);
    for (const [i, bytes] of files.entries()) await duck.put(`f${i}`, bytes);
    const list = files.map((__, i) => `FILE(f${i})`).join(', ');
    expect(
      await duck.rows(
        `select count(*), count(distinct id), sum(amount)::varchar, min(day)::varchar, count(distinct text) from read_parquet([${list}])`,
      ),
    ).toEqual([['30000', '30000', '14999850.00', '2024-02-01', '30000']]);

    const toText = job(
      bucket,
      { object: 'mid/part*', fileFormat: 'parquet', column: ['*'] },
      { object: 'out/part', fileFormat: 'csv' },
    );
    const back = engineOver();
    await back.start(toText, { checkpointBytes: 1 });
    expect(await back.settle(500, 3)).toMatchObject({ state: 'SUCCEEDED' });
    const rows = (await objects(bucket, 'out/part')).flatMap((content) => parse(content) as string[][]);
    rows.sort(([a], [b]) => Number(a) - Number(b));
    expect(rows.map((row) => `${row.join(',')}\n`).join('') === csv(0, ROWS)).toBe(true);
  });
});
