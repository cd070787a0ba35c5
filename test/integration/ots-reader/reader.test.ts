import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ots } from '../../../core/connectors/ots/index.ts';
import { SyncError } from '../../../core/errors/index.ts';
import {
  columns,
  contextOf,
  type LocalRow,
  numbered,
  type OtsHarness,
  plain,
  readAll,
  readShard,
  rowsOf,
  startHarness,
} from './ots-harness.ts';

let harness: OtsHarness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness[Symbol.asyncDispose]());

const int = (value: string | bigint) => ({ type: 'INT', value: String(value) });
const text = (value: string) => ({ type: 'STRING', value });
const bytes = (...values: number[]) => Uint8Array.from(values);

const faultOf = async (promise: Promise<unknown>): Promise<SyncError> => {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(SyncError);
  return error as SyncError;
};

describe('values', () => {
  test('every type, with its extremes, in key and attributes', async () => {
    const samples = [
      -(2n ** 63n),
      2n ** 63n - 1n,
      0n,
      9007199254740993n,
      1.5,
      -0,
      Number.MIN_VALUE,
      Number.POSITIVE_INFINITY,
      true,
      false,
      '',
      'é😀\u0000',
      bytes(),
      bytes(0, 255),
    ];
    const rows = samples.map((value, i): LocalRow => ({ primaryKey: [BigInt(i)], columns: [['v', value]] }));
    await harness.createTable('types', { id: 'INTEGER' }, rows);
    const read = await readAll(harness.open({ table: 'types', column: columns('id', 'v') }));
    expect(read).toEqual(samples.map((value, i) => [BigInt(i), plain(value)]));
  });

  test('keys of every type, read back in byte order', async () => {
    const keys: [string, bigint, Uint8Array][] = [
      ['', -(2n ** 63n), bytes()],
      ['a', -1n, bytes(0)],
      ['a', 0n, bytes(127)],
      ['a', 0n, bytes(128)],
      ['a', 2n ** 63n - 1n, bytes(255, 255)],
      ['\ufffd', 0n, bytes()],
      ['😀', 0n, bytes()],
    ];
    const rows = keys.map((primaryKey): LocalRow => ({ primaryKey, columns: [] }));
    await harness.createTable('keys', { s: 'STRING', i: 'INTEGER', b: 'BINARY' }, rows);
    const reader = harness.open({ table: 'keys', column: columns('b', 's', 'i') });
    expect((await reader.columns()).map((c) => c.type)).toEqual(['bytes', 'string', 'long']);
    expect(await readAll(reader)).toEqual(keys.map(([s, i, b]) => [[...b], s, i]));
  });

  test('rows without any configured attribute come too, unless the job leaves them out', async () => {
    const rows = numbered(6, (i) => (i % 3 === 0 ? [] : i % 3 === 1 ? [['x', 1n]] : [['y', 'other']]));
    await harness.createTable('sparse', { id: 'INTEGER' }, rows);
    const job = { table: 'sparse', column: columns('id', 'x') };
    expect(await readAll(harness.open(job))).toEqual([
      [0n, null],
      [1n, 1n],
      [2n, null],
      [3n, null],
      [4n, 1n],
      [5n, null],
    ]);
    const lossy = harness.open({ ...job, includeEmptyRows: false });
    expect((await lossy.plan(1)).notes.map((n) => n.level)).toEqual(['warning']);
    expect(await readAll(lossy)).toEqual([
      [1n, 1n],
      [4n, 1n],
    ]);
  });

  test('only keys and constants: every row, and no attribute travels', async () => {
    const rows = numbered(3000, () => [['heavy', 'x'.repeat(2000)]]);
    await harness.createTable('heavy', { id: 'INTEGER' }, rows);
    const before = harness.service.stats().GetRange ?? 0;
    const reader = harness.open({ table: 'heavy', column: [...columns('id'), { type: 'int', value: '7' }] });
    const read = await readAll(reader);
    expect(read).toHaveLength(3000);
    expect(read[2999]).toEqual([2999n, 7n]);
    expect((harness.service.stats().GetRange ?? 0) - before).toBe(1);
  });
});

describe('ranges', () => {
  const rows: LocalRow[] = [];
  for (let a = 0; a < 5; a++) {
    for (let b = 0; b < 5; b++) rows.push({ primaryKey: [`k${a}`, BigInt(b)], columns: [] });
  }
  const all = rows.map((row) => [...row.primaryKey]);
  const job = { table: 'grid', column: columns('a', 'b') };
  beforeAll(() => harness.createTable('grid', { a: 'STRING', b: 'INTEGER' }, rows));

  test.each<[string, object, unknown[][]]>([
    ['everything', {}, all],
    ['a prefix', { begin: [text('k2')], end: [text('k2')] }, all.slice(10, 15)],
    ['the end includes its prefix', { begin: [text('k1')], end: [text('k2')] }, all.slice(5, 15)],
    [
      'whole keys, the end excluded',
      { begin: [text('k1'), int('2')], end: [text('k1'), int('4')] },
      all.slice(7, 9),
    ],
    ['backward', { begin: [text('k2')], end: [text('k1')] }, all.slice(5, 15).reverse()],
    [
      'backward between whole keys: begin included, end excluded',
      { begin: [text('k1'), int('4')], end: [text('k1'), int('2')] },
      all.slice(8, 10).reverse(),
    ],
    ['beyond the data', { begin: [text('z')], end: [] }, []],
    [
      'values after an infinity',
      { begin: [{ type: 'INF_MIN' }, int('9')], end: [text('k0')] },
      all.slice(0, 5),
    ],
  ])('%s', async (_, range, expected) => {
    expect(await readAll(harness.open({ ...job, range }))).toEqual(expected);
  });

  test.each([
    ['forward', { split: [text('k1'), text('k3')] }, all],
    [
      'backward',
      { begin: [{ type: 'INF_MAX' }], end: [{ type: 'INF_MIN' }], split: [text('k3'), text('k1')] },
      [...all].reverse(),
    ],
  ])('splits of the job, %s', async (_, range, expected) => {
    const reader = harness.open({ ...job, range });
    expect((await reader.plan(1)).shards).toHaveLength(3);
    expect((await reader.plan(50)).shards).toHaveLength(3);
    expect(await readAll(reader)).toEqual(expected);
  });

  test('faults name their place in the parameters', async () => {
    const range = { begin: [int('1')], end: [text('a'), text('b')] };
    const fault = await faultOf(harness.open({ ...job, range }).plan(1));
    expect(fault).toMatchObject({
      code: 'SRC-2010',
      kind: 'config',
      faults: [{ path: 'range.begin[0].type', hint: 'STRING' }, { path: 'range.end[1].type' }],
    });
  });
});

describe('shards by stored size', () => {
  const COUNT = 20_000;
  beforeAll(() =>
    harness.createTable(
      'sized',
      { id: 'INTEGER' },
      numbered(COUNT, (i) => [['v', `value ${i}`.padEnd(100, '.')]]),
    ),
  );
  const job = { table: 'sized', column: columns('id') };

  test.each([2, 8, 30])('about %i pieces of similar size', async (want) => {
    const reader = harness.open(job);
    const { shards } = await reader.plan(want);
    expect(shards.length).toBeGreaterThanOrEqual(want);
    expect(shards.length).toBeLessThanOrEqual(2 * want);
    const sizes: number[] = [];
    const ids: unknown[] = [];
    for (const shard of shards) {
      const rows = await readShard(reader, shard);
      sizes.push(rows.length);
      ids.push(...rows.map(([id]) => id));
    }
    expect(ids).toEqual(Array.from({ length: COUNT }, (_, i) => BigInt(i)));
    expect(Math.max(...sizes)).toBeLessThan((3 * COUNT) / shards.length);
    await reader.close();
  });

  test('inside the range, and backward', async () => {
    const range = { begin: [int('15000')], end: [int('4999')] };
    const reader = harness.open({ ...job, range });
    expect((await reader.plan(4)).shards.length).toBeGreaterThanOrEqual(4);
    const ids = (await readAll(reader, 4)).map(([id]) => id);
    expect(ids).toEqual(Array.from({ length: 10_001 }, (_, i) => BigInt(15_000 - i)));
  });

  test('one shard without asking the service when one is wanted', async () => {
    const before = harness.service.stats().ComputeSplitPointsBySize ?? 0;
    const reader = harness.open(job);
    expect((await reader.plan(1)).shards).toHaveLength(1);
    expect(harness.service.stats().ComputeSplitPointsBySize ?? 0).toBe(before);
    await reader.close();
  });

  test('reading goes on in one shard where cutting is refused', async () => {
    harness.setFaults(({ operation }) =>
      operation === 'ComputeSplitPointsBySize'
        ? { kind: 'refuse', status: 403, code: 'OTSNoPermissionAccess', message: 'no' }
        : undefined,
    );
    const reader = harness.open(job);
    const plan = await reader.plan(8);
    harness.setFaults(undefined);
    expect(plan.shards).toHaveLength(1);
    expect(plan.notes).toMatchObject([{ level: 'warning' }]);
    await reader.close();
  });
});

describe('pages', () => {
  const COUNT = 12_000;
  const job = { table: 'paged', column: columns('id', 'v') };
  beforeAll(() =>
    harness.createTable(
      'paged',
      { id: 'INTEGER' },
      numbered(COUNT, (i) => [['v', `${i}`]]),
    ),
  );

  test('resume from each cursor gives the rows not yet seen', async () => {
    const reader = harness.open(job);
    const { shards } = await reader.plan(1);
    let seen = 0;
    for await (const batch of reader.read(shards[0]!, undefined)) {
      seen += rowsOf(batch).length;
      const rest = await readShard(harness.open(job), shards[0]!, batch.cursor);
      expect(rest).toHaveLength(COUNT - seen);
      if (rest.length > 0) expect(rest[0]?.[0]).toBe(BigInt(seen));
    }
    expect(seen).toBe(COUNT);
    await reader.close();
  });

  test('the next page is asked for while a block is used, and no further', async () => {
    const reader = harness.open(job);
    const { shards } = await reader.plan(1);
    const before = harness.service.stats().GetRange ?? 0;
    const batches = reader.read(shards[0]!, undefined)[Symbol.asyncIterator]();
    await batches.next();
    await expect.poll(() => (harness.service.stats().GetRange ?? 0) - before).toBe(2);
    await batches.return?.();
    await reader.close();
  });

  test('long stretches without rows give cursors to resume from', async () => {
    const rows = numbered(12_000, (i) => (i === 11_999 ? [['rare', 1n]] : [['v', 1n]]));
    await harness.createTable('stretch', { id: 'INTEGER' }, rows);
    const reader = harness.open({ table: 'stretch', column: columns('rare'), includeEmptyRows: false });
    const { shards } = await reader.plan(1);
    const counts: number[] = [];
    for await (const { block } of reader.read(shards[0]!, undefined)) counts.push(block.rowCount);
    expect(counts).toEqual([0, 0, 1]);
    await reader.close();
  });

  test('ends with the signal', async () => {
    const stop = new AbortController();
    const reader = harness.open(job, { signal: stop.signal });
    const { shards } = await reader.plan(1);
    const fault = await faultOf(
      (async () => {
        for await (const _ of reader.read(shards[0]!, undefined)) stop.abort();
      })(),
    );
    expect(fault.kind).toBe('transient');
    await reader.close();
  });
});

describe('faults of the service', () => {
  const COUNT = 12_000;
  const job = { table: 'faulty', column: columns('id') };
  beforeAll(() =>
    harness.createTable(
      'faulty',
      { id: 'INTEGER' },
      numbered(COUNT, () => []),
    ),
  );

  /** Every GetRange fails `times` times before it succeeds. */
  const failing = (fault: Parameters<OtsHarness['setFaults']>[0], times: number): void => {
    const seen = new Map<string, number>();
    harness.setFaults((point) => {
      if (point.operation !== 'GetRange') return undefined;
      const count = seen.get(point.key) ?? 0;
      seen.set(point.key, count + 1);
      return count < times ? fault?.(point) : undefined;
    });
  };
  const busy = () =>
    ({ kind: 'refuse', status: 503, code: 'OTSServerBusy', message: 'Server is busy.' }) as const;

  test.each([
    ['throttling', busy],
    ['a cut connection', () => ({ kind: 'reset' }) as const],
    ['a lost answer', () => ({ kind: 'lose-answer' }) as const],
    [
      'a moving partition',
      () => ({ kind: 'refuse', status: 503, code: 'OTSPartitionUnavailable', message: 'x' }) as const,
    ],
  ])('%s is waited out without losing or doubling a row', async (_, fault) => {
    failing(fault, 3);
    const rows = await readAll(harness.open(job));
    harness.setFaults(undefined);
    expect(rows.map(([id]) => id)).toEqual(Array.from({ length: COUNT }, (_, i) => BigInt(i)));
  });

  test('the number of tries is the one of the job', async () => {
    failing(busy, 3);
    const fault = await faultOf(readAll(harness.open({ ...job, maxRetryTime: 2 })));
    harness.setFaults(undefined);
    expect(fault).toMatchObject({ code: 'SRC-2003', kind: 'throttled' });
  });

  test('a fault in the prefetched page does not spoil the one before it', async () => {
    let calls = 0;
    harness.setFaults(({ operation }) =>
      operation === 'GetRange' && ++calls > 1
        ? { kind: 'refuse', status: 400, code: 'OTSParameterInvalid', message: 'no' }
        : undefined,
    );
    const reader = harness.open(job);
    const { shards } = await reader.plan(1);
    const counts: number[] = [];
    const fault = await faultOf(
      (async () => {
        for await (const { block } of reader.read(shards[0]!, undefined)) counts.push(block.rowCount);
      })(),
    );
    harness.setFaults(undefined);
    expect(counts).toEqual([5000]);
    expect(fault).toMatchObject({ code: 'SRC-2004', kind: 'config' });
    await reader.close();
  });

  test('a table that does not exist', async () => {
    const fault = await faultOf(harness.open({ ...job, table: 'nowhere' }).columns());
    expect(fault).toMatchObject({ code: 'SRC-2004', kind: 'config' });
  });

  test('wrong credentials', async () => {
    const fault = await faultOf(harness.open({ ...job, accessKey: 'wrong' }).columns());
    expect(fault).toMatchObject({ code: 'SRC-2002', kind: 'auth' });
  });
});

describe('the connection test', () => {
  test('tells what it found', async () => {
    const connection = ots.connection!.parse(harness.connection());
    expect(await ots.test!(connection, contextOf())).toMatch(/^instance inst answers; it has \d+ tables$/);
  });

  test('tells why not', async () => {
    const connection = ots.connection!.parse({ ...harness.connection(), accessId: 'nobody' });
    expect(await faultOf(ots.test!(connection, contextOf()))).toMatchObject({
      code: 'SRC-2002',
      kind: 'auth',
    });
  });
});
