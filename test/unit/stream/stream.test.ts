import { describe, expect, it } from 'vitest';
import type { ConnectorContext } from '../../../core/connectors/contract.ts';
import { stream } from '../../../core/connectors/stream/index.ts';
import { CellRandom } from '../../../core/connectors/stream/random-source.ts';
import { silentLogger, systemClock, systemRandom } from '../../../core/ports/system.ts';
import { type CellValue, cellValue } from '../../../core/types/index.ts';
import { rowsOfBlock } from '../../contract/readers/reader-contract.ts';

const context: ConnectorContext = {
  clock: systemClock,
  random: systemRandom,
  log: silentLogger,
  timeZone: 'Asia/Shanghai',
  signal: new AbortController().signal,
};

/** All rows that a job with these columns makes on some channels. */
async function rowsOf(column: readonly object[], count: number, channels = 1): Promise<CellValue[][]> {
  const { schema, open } = stream.reader!;
  const reader = open(schema.parse({ column, sliceRecordCount: count }), context);
  const rows: CellValue[][] = [];
  for (const shard of (await reader.plan(channels)).shards) {
    for await (const { block } of reader.read(shard, undefined)) {
      for (let row = 0; row < block.rowCount; row++) {
        rows.push(block.columns.map((_, i) => cellValue(block, row, i)));
      }
    }
  }
  return rows;
}

describe('stream reader', () => {
  it('makes sliceRecordCount rows per channel', async () => {
    expect(await rowsOf([{ value: 'x' }], 10, 3)).toHaveLength(30);
  });

  it('makes constants of every type', async () => {
    const column = [
      { value: 'DataX' },
      { type: 'long', value: 19890604 },
      { type: 'double', value: '1.5' },
      { type: 'bool', value: 'TRUE' },
      { type: 'bool', value: 'yes' },
      { type: 'date', value: '1989-06-04 00:00:00' },
      { type: 'date', value: '20240229', dateFormat: 'yyyyMMdd' },
      { type: 'bytes', value: 'é' },
      { value: 'wins', random: '1,2' },
    ];
    const constants = ['DataX', 19890604n, 1.5, true, false, '1989-06-04 00:00:00', '2024-02-29 00:00:00'];
    expect(await rowsOf(column, 1)).toEqual([[...constants, Buffer.from('é'), 'wins']]);
  });

  it('keeps random values in their bounds and uses all of them', async () => {
    const column = [
      { type: 'long', random: '-2,2' },
      { type: 'double', random: '0,1' },
      { random: '2,4' },
      { type: 'bytes', random: '0,1' },
      { type: 'bool', random: '0,5' },
      { type: 'bool', random: '1,1' },
      { type: 'date', random: '2024-02-28 23:59:59,2024-02-29 00:00:01' },
    ];
    const rows = await rowsOf(column, 2000);
    const valuesOf = (i: number): Set<CellValue> => new Set(rows.map((row) => row[i]!));
    expect([...valuesOf(0)].sort()).toEqual([-1n, -2n, 0n, 1n, 2n]);
    expect([...valuesOf(1)].every((v) => typeof v === 'number' && v >= 0 && v < 1)).toBe(true);
    expect([...new Set(rows.map((row) => String(row[2]).length))].sort()).toEqual([2, 3, 4]);
    expect([...new Set(rows.map((row) => (row[3] as Uint8Array).length))].sort()).toEqual([0, 1]);
    expect([...valuesOf(4)]).toEqual([false]);
    expect(valuesOf(5).size).toBe(2);
    for (const text of valuesOf(6)) expect(text).toMatch(/^2024-02-(28 23:59:59|29 00:00:0[01])(\.\d{3})?$/);
  });

  it('makes different rows in different shards, and the same again', async () => {
    const column = [{ type: 'long', random: '0,9223372036854775807' }];
    const first = await rowsOf(column, 500, 2);
    expect(new Set(first.map(String)).size).toBe(1000);
    expect(await rowsOf(column, 500, 2)).toEqual(first);
  });

  it('draws the same numbers on every version of this program', () => {
    const random = new CellRandom(3, 1_000_000, 2);
    const golden = [random.next(), random.next(), random.next()];
    const again = new CellRandom(3, 1_000_000, 2);
    expect([again.next(), again.next(), again.next()]).toEqual(golden);
    expect(golden).toMatchInlineSnapshot(`
      [
        3494719074,
        324811484,
        3694370022,
      ]
    `);
  });
});

describe('stream writer', () => {
  it('counts on from what a checkpoint recorded', async () => {
    const { schema: readSchema, open: openReader } = stream.reader!;
    const reader = openReader(readSchema.parse({ column: [{ value: 'abc' }], sliceRecordCount: 7 }), context);
    const { shards, columns } = await reader.plan(1);
    const { schema, open } = stream.writer!;
    const writer = open(schema.parse({}), context);
    const run = { jobId: 'j', runId: 'r' };
    let state = await (
      await writer.open({ ...run, shardId: '00000', epoch: 1 }, columns, undefined)
    ).finish();
    for await (const { block } of reader.read(shards[0]!, undefined)) {
      expect(rowsOfBlock(block)).toHaveLength(7);
      const sink = await writer.open({ ...run, shardId: '00000', epoch: 2 }, columns, state);
      await sink.write(block);
      await sink.write(block);
      state = await sink.finish();
    }
    expect(JSON.parse(state)).toEqual({ v: 1, rows: 14, bytes: 42 });
    expect(await writer.commit(run, [{ shardId: '00000', epoch: 2, state }])).toMatchObject({
      objects: 0,
      bytes: 42,
    });
  });
});
