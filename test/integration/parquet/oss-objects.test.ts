/** Parquet objects of the OSS writer: what a commit makes of row groups, checkpoints and killed attempts. */
import { afterEach, describe, expect, it } from 'vitest';
import type { SinkState, TaskRef } from '../../../core/connectors/contract.ts';
import { type Column, type RowBlock, RowBlockBuilder } from '../../../core/types/index.ts';
import { type OssTarget, startOssTarget } from '../../contract/writers/oss-target.ts';
import { readRows } from '../../unit/formats/parquet/files.ts';
import { type Duck, startDuck } from './duckdb.ts';

const run = { jobId: 'job', runId: 'job-1' };
const task = (epoch: number): TaskRef => ({ ...run, shardId: '00000', epoch });
const columns: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'amount', type: 'decimal', facts: { precision: 20, scale: 2 } },
  { name: 'text', type: 'string' },
];

/** Text that compresses badly. */
const noise = (id: number): string =>
  Array.from({ length: 12 }, (_, i) =>
    ((Math.imul(id + 1, 0x9e3779b1) ^ Math.imul(i + 7, 0x85ebca6b)) >>> 0).toString(36),
  ).join('-');

function blockOf(from: number, to: number): RowBlock {
  const builder = new RowBlockBuilder(columns);
  for (let id = from; id < to; id++) builder.addRow([BigInt(id), `${id}.25`, noise(id)]);
  return builder.build();
}

describe('parquet objects', () => {
  const open: { close(): Promise<void> }[] = [];
  const start = async (params: Readonly<Record<string, unknown>>): Promise<OssTarget> => {
    const target = await startOssTarget({ fileFormat: 'parquet', rowGroupSizeInMB: 1, ...params });
    open.push(target);
    return target;
  };
  afterEach(async () => {
    for (const item of open.splice(0).reverse()) await item.close();
  });

  /** What DuckDB finds in the committed objects. */
  const queried = async (duck: Duck, target: OssTarget, sql: string): Promise<(string | null)[][]> => {
    const files: string[] = [];
    for (const [i, key] of (await target.keys('out/part')).entries()) {
      await duck.put(`o${i}`, await target.content(key));
      files.push(`FILE(o${i})`);
    }
    return duck.rows(sql.replace('OBJECTS', `read_parquet([${files.join(', ')}])`));
  };
  const SUMS =
    'select count(*), count(distinct id), min(id), max(id), sum(amount), count(distinct text) from OBJECTS';
  const sumsOf = (rows: number): string[] => [
    String(rows),
    String(rows),
    '0',
    String(rows - 1),
    `${(BigInt(rows) * BigInt(rows - 1)) / 2n + BigInt(rows / 4)}.00`,
    String(rows),
  ];

  it('end at maxFileSize, at a row group', async () => {
    await using duck = await startDuck();
    const target = await start({ maxFileSize: 1, rowGroupRows: 2_000, suffix: 'parquet' });
    const writer = target.open();
    const sink = await writer.open(task(1), columns, undefined);
    for (let row = 0; row < 40_000; row += 4_000)
      expect(await sink.write(blockOf(row, row + 4_000))).toEqual([]);
    const receipt = await writer.commit(run, [{ shardId: '00000', epoch: 1, state: await sink.finish() }]);
    const keys = await target.keys('out/part');
    expect(receipt.objects).toBe(keys.length);
    expect(keys.length).toBeGreaterThan(1);
    expect(keys.every((key) => key.endsWith('.parquet'))).toBe(true);
    expect(await queried(duck, target, SUMS)).toEqual([sumsOf(40_000)]);
    const sizes = await queried(duck, target, 'select count(*) from OBJECTS group by all');
    expect(sizes).toEqual([['40000']]);
  });

  it('go on in one object over checkpoints of one attempt', async () => {
    await using duck = await startDuck();
    const target = await start({});
    const writer = target.open();
    const sink = await writer.open(task(1), columns, undefined);
    let checkpoints = 0;
    for (let row = 0; row < 40_000; row += 2_000) {
      await sink.write(blockOf(row, row + 2_000));
      if ((await sink.checkpoint()) !== undefined) checkpoints++;
    }
    expect(checkpoints).toBeGreaterThan(3);
    await writer.commit(run, [{ shardId: '00000', epoch: 1, state: await sink.finish() }]);
    expect(await target.keys('out/part')).toHaveLength(1);
    expect(await queried(duck, target, SUMS)).toEqual([sumsOf(40_000)]);
  });

  it('are whole files at every checkpoint, whatever their attempt sent later', async () => {
    await using duck = await startDuck();
    const target = await start({ compress: 'zstd' });
    const writer = target.open();
    const first = await writer.open(task(1), columns, undefined);
    let durable: { readonly rows: number; readonly state: SinkState } | undefined;
    for (let row = 0; row < 20_000; row += 1_000) {
      await first.write(blockOf(row, row + 1_000));
      const state = await first.checkpoint();
      if (state !== undefined && row < 15_000) durable = { rows: row + 1_000, state };
    }
    const { rows, state } = durable!;
    const second = await writer.open(task(2), columns, state);
    for (let row = rows; row < 40_000; row += 1_000) await second.write(blockOf(row, row + 1_000));
    await writer.commit(run, [{ shardId: '00000', epoch: 2, state: await second.finish() }]);
    expect(await target.keys('out/part')).toHaveLength(2);
    expect(await queried(duck, target, SUMS)).toEqual([sumsOf(40_000)]);
    expect(await target.uploads()).toEqual([]);
  });

  it('wait with a checkpoint until a row group is worth it', async () => {
    const target = await start({ rowGroupSizeInMB: 64 });
    const sink = await target.open().open(task(1), columns, undefined);
    expect(await sink.checkpoint()).toBeDefined();
    await sink.write(blockOf(0, 500));
    expect(await sink.checkpoint()).toBeUndefined();
    await sink.close();
  });

  it('leave out refused rows and count the others', async () => {
    const target = await start({
      parquetSchema: 'message m { required int64 key; optional int32 (n); }'.replace('(n)', 'n'),
    });
    const source: readonly Column[] = [
      { name: 'a', type: 'any' },
      { name: 'b', type: 'any' },
    ];
    const writer = target.open();
    const sink = await writer.open(task(1), source, undefined);
    const block = new RowBlockBuilder(source)
      .addRow([1n, 5n])
      .addRow([null, 1n])
      .addRow([2n, 'x'])
      .addRow(['3', null])
      .build();
    const faults = await sink.write(block);
    expect(faults.map(({ row, column, error }) => [row, column, error.code])).toEqual([
      [1, 0, 'CNV-3040'],
      [2, 1, 'CNV-3010'],
    ]);
    await writer.commit(run, [{ shardId: '00000', epoch: 1, state: await sink.finish() }]);
    const [key] = await target.keys('out/part');
    const { rows, columns: read } = await readRows(await target.content(key!));
    expect(read.map(({ name }) => name)).toEqual(['key', 'n']);
    expect(rows).toEqual([
      [1n, 5n],
      [3n, null],
    ]);
    const manifest = (await target.keys('out/_millrace')).find((name) => name.endsWith('manifest.json'));
    expect(JSON.parse((await target.content(manifest!)).toString()).rows).toBe(2);
  });

  it('are planned with their types, or refused by the names of the columns', async () => {
    const target = await start({});
    const { columns: described, notes } = await target.open().describe(columns);
    expect(described).toMatchObject([
      { name: 'id', type: 'INT64', lossy: false },
      { name: 'amount', type: 'FIXED_LEN_BYTE_ARRAY(9) decimal(20,2)', lossy: false },
      { name: 'text', type: 'BYTE_ARRAY string', lossy: false },
    ]);
    expect(notes).toContainEqual({ level: 'info', message: 'Parquet, pages compressed with snappy' });
    const bad: readonly Column[] = [
      { name: 'x', type: 'any' },
      { name: 'y', type: 'decimal' },
    ];
    await expect(target.open().describe(bad)).rejects.toMatchObject({
      code: 'DST-4010',
      message: expect.stringMatching(/^x: .*; y: .*parquetSchema$/),
    });
    const three = target.openWith({ parquetSchema: 'message m { optional binary a (UTF8); }' });
    await expect(three.describe(columns)).rejects.toMatchObject({
      message: expect.stringMatching(/declares 1 columns.*has 3/),
    });
    const dates = target.openWith({
      parquetSchema: 'message m { optional int64 a; optional int32 b (DATE); optional boolean c; }',
    });
    await expect(dates.describe(columns)).rejects.toMatchObject({
      code: 'DST-4010',
      message: expect.stringMatching(/^amount: /),
    });
  });
});
