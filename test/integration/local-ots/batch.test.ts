import { afterEach, beforeEach, expect, test } from 'vitest';
import { ByteWriter } from '../../../infra/local/ots/wire/byte-writer.ts';
import { TAG } from '../../../infra/local/ots/wire/plain-format.ts';
import { writeHeader, writeRowEnd, writeSection } from '../../../infra/local/ots/wire/plain-writer.ts';
import { ProtoReader } from '../../../infra/local/ots/wire/proto-reader.ts';
import { ProtoWriter } from '../../../infra/local/ots/wire/proto-writer.ts';
import { errorOf, post } from './raw-client.ts';
import {
  type Cloud,
  condition,
  long,
  plain,
  refusal,
  type SdkRow,
  sdk,
  startCloud,
  tableOf,
} from './support.ts';

interface RowResult extends SdkRow {
  readonly isOk: boolean;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

let cloud: Cloud;

beforeEach(async () => {
  cloud = await startCloud();
  await cloud.client.createTable(tableOf('t', { pk: 'STRING', n: 'INTEGER' }));
  await cloud.client.createTable(tableOf('u', { pk: 'STRING', n: 'INTEGER' }));
});
afterEach(() => cloud.service.close());

const key = (pk: string, n: number): object[] => [{ pk }, { n: long(n) }];
const putOf = (primaryKey: object[], x: unknown, when: object = condition()) => ({
  type: 'PUT',
  condition: when,
  primaryKey,
  attributeColumns: [{ x }],
});
const write = async (tables: object[]) =>
  (await cloud.client.batchWriteRow({ tables })).tables as readonly RowResult[];
const read = async (tables: object[]) =>
  (await cloud.client.batchGetRow({ tables })).tables as readonly (readonly RowResult[])[];

test('puts, updates and deletes in several tables, answered in request order', async () => {
  await write([{ tableName: 't', rows: [putOf(key('a', 1), 'old'), putOf(key('a', 2), 'old')] }]);
  const update = {
    type: 'UPDATE',
    condition: condition(),
    primaryKey: key('a', 1),
    attributeColumns: [{ PUT: [{ y: 'new' }] }],
    returnContent: { returnType: sdk.ReturnType.Primarykey },
  };
  const remove = { type: 'DELETE', condition: condition(), primaryKey: key('a', 2) };
  const results = await write([
    { tableName: 't', rows: [update, remove, putOf(key('b', 3), 'v')] },
    { tableName: 'u', rows: [putOf(key('z', 9), 'v')] },
  ]);
  expect(results.map(({ isOk }) => isOk)).toEqual([true, true, true, true]);
  expect(plain(results[0] as RowResult)).toEqual({ pk: 'a', n: 1n });
  const rows = await read([
    { tableName: 't', primaryKey: [key('a', 1), key('a', 2), key('b', 3)], maxVersions: 1 },
    { tableName: 'u', primaryKey: [key('z', 9)], maxVersions: 1, columnsToGet: ['x'] },
  ]);
  expect(rows.map((table) => table.map(plain))).toEqual([
    [{ pk: 'a', n: 1n, x: 'old', y: 'new' }, {}, { pk: 'b', n: 3n, x: 'v' }],
    [{ pk: 'z', n: 9n, x: 'v' }],
  ]);
});

test('rows fail one by one', async () => {
  const results = await write([
    {
      tableName: 't',
      rows: [
        putOf(key('a', 1), 'v'),
        putOf(key('a', 2), 'v', condition('EXPECT_EXIST')),
        putOf([{ pq: 'a' }, { n: long(3) }], 'v'),
        putOf(key('a', 1), 'later'),
      ],
    },
    { tableName: 'absent', rows: [putOf(key('a', 1), 'v')] },
  ]);
  expect(results.map(({ isOk, errorCode, errorMessage }) => [isOk, errorCode, errorMessage])).toEqual([
    [true, null, null],
    [false, 'OTSConditionCheckFail', 'Condition check failed.'],
    [false, 'OTSInvalidPK', 'Validate PK name fail. Input: pq, Meta: pk.'],
    [true, null, null],
    [false, 'OTSObjectNotExist', 'Requested table does not exist.'],
  ]);
  const [[row, wrong] = []] = await read([
    { tableName: 't', primaryKey: [key('a', 1), [{ pq: 'a' }, { n: long(3) }]], maxVersions: 1 },
  ]);
  expect(plain(row as RowResult)).toEqual({ pk: 'a', n: 1n, x: 'later' });
  expect(wrong).toMatchObject({ isOk: false, errorCode: 'OTSInvalidPK' });
});

test('whole-request limits', async () => {
  const rows = (count: number, x: unknown = 'v') =>
    Array.from({ length: count }, (_, i) => putOf(key('k', i), x));
  const text = async (tables: object[]) => (await refusal(write(tables))).text;
  await write([{ tableName: 't', rows: rows(200) }]);
  expect(await text([{ tableName: 't', rows: rows(201) }])).toContain(
    'Rows count exceeds the upper limit: 200.',
  );
  const halves = [
    { tableName: 't', rows: rows(101) },
    { tableName: 'u', rows: rows(100) },
  ];
  expect(await text(halves)).toContain('Rows count exceeds the upper limit: 200.');
  const raw = async (operation: string, body: Uint8Array) =>
    errorOf(await post(cloud.service.port, operation, body)).message;
  expect(await raw('BatchWriteRow', Buffer.alloc(0))).toBe('No row is specified in BatchWriteRow.');
  expect(await raw('BatchGetRow', Buffer.alloc(0))).toBe('No row specified in the request of BatchGetRow.');
  const noRow = new ProtoWriter().message(1, (table) => {
    table.string(1, 't');
  });
  expect(await raw('BatchWriteRow', noRow.finish())).toBe("No operation is specified for table: 't'.");
  expect(await text([{ tableName: 't', rows: rows(5, 'x'.repeat(1024 * 1024)) }])).toContain(
    'The total data size of BatchWriteRow request exceeds the limit, limit size: 4194304',
  );
  const keys = Array.from({ length: 101 }, (_, i) => key('k', i));
  expect((await refusal(read([{ tableName: 't', primaryKey: keys, maxVersions: 1 }]))).text).toContain(
    'Rows count exceeds the upper limit: 100.',
  );
});

const cell = (name: string, value: Uint8Array) => ({
  name,
  value,
  operation: undefined,
  timestamp: undefined,
});
const text = (value: string): Uint8Array => {
  const out = new ByteWriter();
  out.u8(3);
  out.u32(value.length);
  out.text(value);
  return out.toBytes();
};
const integer = (value: number): Uint8Array => {
  const out = new ByteWriter();
  out.u8(0);
  out.i64(BigInt(value));
  return out.toBytes();
};

function atomicBatch(rows: readonly (readonly [pk: string, n: number, existence: number])[]): Uint8Array {
  const out = new ProtoWriter();
  out.message(1, (table) => {
    table.string(1, 't');
    for (const [pk, n, existence] of rows) {
      const buffer = new ByteWriter();
      writeHeader(buffer);
      const keySum = writeSection(buffer, TAG.ROW_PK, [cell('pk', text(pk)), cell('n', integer(n))], 0);
      writeRowEnd(buffer, writeSection(buffer, TAG.ROW_DATA, [cell('x', text('v'))], keySum));
      table.message(2, (row) => {
        row.uint(1, 1).bytes(2, buffer.toBytes());
        row.message(3, (when) => {
          when.uint(1, existence);
        });
      });
    }
  });
  return out.bool(3, true).finish();
}

/** Per row: 'ok' or code and message. */
function outcomes(body: Buffer): string[] {
  const found: string[] = [];
  const reader = new ProtoReader(body);
  while (reader.next()) {
    const table = reader.message();
    while (table.next()) {
      if (table.field !== 2) continue;
      const row = table.message();
      let outcome = 'ok';
      while (row.next()) {
        if (row.field !== 2) continue;
        const error = row.message();
        const parts: string[] = [];
        while (error.next()) parts.push(error.string());
        outcome = parts.join(': ');
      }
      found.push(outcome);
    }
  }
  return found;
}

test('an atomic batch writes all rows or none, within one partition key', async () => {
  const run = async (...rows: Parameters<typeof atomicBatch>[0]) =>
    outcomes((await post(cloud.service.port, 'BatchWriteRow', atomicBatch(rows))).body);
  const count = async () =>
    (
      await read([{ tableName: 't', primaryKey: [key('a', 1), key('a', 2), key('b', 3)], maxVersions: 1 }])
    )[0]?.filter((row) => row.primaryKey).length;
  const check = 'OTSConditionCheckFail: Condition check failed.';
  expect(await run(['a', 1, 0], ['a', 2, 1])).toEqual([check, check]);
  expect(await count()).toBe(0);
  const scope = 'OTSDataOutOfRange: Data out of scope of atomic. Atomic PartKey:a. Data PartKey:b';
  expect(await run(['a', 1, 0], ['b', 3, 0])).toEqual([scope, scope]);
  expect(await count()).toBe(0);
  expect(await run(['a', 1, 0], ['a', 2, 2])).toEqual(['ok', 'ok']);
  expect(await count()).toBe(2);
  // Each write is judged upon those before it, also when they touch one row.
  expect(await run(['a', 7, 2], ['a', 7, 1])).toEqual(['ok', 'ok']);
  expect(await run(['a', 8, 2], ['a', 8, 2])).toEqual([check, check]);
  expect(await run(['a', 8, 1])).toEqual([check]);
});
