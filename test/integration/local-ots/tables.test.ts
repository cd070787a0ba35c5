import { expect, test } from 'vitest';
import { ProtoReader } from '../../../infra/local/ots/wire/proto-reader.ts';
import { ProtoWriter } from '../../../infra/local/ots/wire/proto-writer.ts';
import { errorOf, post } from './raw-client.ts';
import { condition, long, refusal, startCloud, tableOf } from './support.ts';

const STREAM = { enableStream: true, expirationTime: 24 };

test('a table is created, listed, described and deleted', async () => {
  await using cloud = await startCloud();
  const { client } = cloud;
  await client.createTable(tableOf('beta', { pk: 'STRING', n: 'INTEGER', b: 'BINARY' }, { maxVersions: 3 }));
  await client.createTable(tableOf('alpha', { pk: 'STRING' }));
  expect((await client.listTable({})).tableNames).toEqual(['alpha', 'beta']);
  const described = JSON.parse(JSON.stringify(await client.describeTable({ tableName: 'beta' })));
  expect(described).toMatchObject({
    tableMeta: {
      tableName: 'beta',
      primaryKey: [
        { name: 'pk', type: 'STRING' },
        { name: 'n', type: 'INTEGER' },
        { name: 'b', type: 'BINARY' },
      ],
    },
    tableOptions: { timeToLive: -1, maxVersions: 3, deviationCellVersionInSec: '86400', allowUpdate: true },
    tableStatus: 'ACTIVE',
    streamDetails: { enableStream: false, expirationTime: 0, lastEnableTime: '0' },
  });
  await client.deleteTable({ tableName: 'beta' });
  expect((await client.listTable({})).tableNames).toEqual(['alpha']);
  expect((await refusal(client.describeTable({ tableName: 'beta' }))).text).toContain('OTSObjectNotExist');
});

test.each([
  ['a name that starts with a digit', tableOf('1t', { pk: 'STRING' }), "Invalid table name: '1t'."],
  ['a name of 256 bytes', tableOf('t'.repeat(256), { pk: 'STRING' }), 'Invalid table name'],
  ['a wrong column name', tableOf('t', { 'p-k': 'STRING' }), "Invalid column name: 'p-k'."],
  ['no key column', tableOf('t', {}), 'The number of primary key columns must be in range: [1, 4].'],
  [
    'five key columns',
    tableOf('t', { a: 'STRING', b: 'STRING', c: 'STRING', d: 'STRING', e: 'STRING' }),
    'The number of primary key columns must be in range: [1, 4].',
  ],
  ['a short life', tableOf('t', { pk: 'STRING' }, { timeToLive: 86399 }), 'time_to_live'],
  ['no version', tableOf('t', { pk: 'STRING' }, { maxVersions: 0 }), 'max_versions'],
])('creating a table with %s is refused', async (_what, table, text) => {
  await using cloud = await startCloud();
  const refused = await refusal(cloud.client.createTable(table));
  expect(refused.status).toBe(400);
  expect(refused.text).toContain(text);
});

test('a key column named twice is refused with its name', async () => {
  await using cloud = await startCloud();
  const column = { name: 'PK0', type: 'STRING' };
  const table = {
    tableMeta: { tableName: 't', primaryKey: [column, column] },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
  };
  expect((await refusal(cloud.client.createTable(table))).text).toContain(
    "Duplicated primary key name: 'PK0'.",
  );
});

test('a table exists once, and at most 64 exist', async () => {
  await using cloud = await startCloud();
  for (let i = 0; i < 64; i++) await cloud.client.createTable(tableOf(`t${i}`, { pk: 'STRING' }));
  const again = await refusal(cloud.client.createTable(tableOf('t0', { pk: 'STRING' })));
  expect(again.status).toBe(409);
  expect(again.text).toContain('Requested table already exists.');
  const more = await refusal(cloud.client.createTable(tableOf('t64', { pk: 'STRING' })));
  expect(more.status).toBe(403);
  expect(more.text).toContain('Number of tables exceeds the quota:64.');
});

test('options change one by one; an empty set of options changes nothing', async () => {
  await using cloud = await startCloud();
  const { client } = cloud;
  await client.createTable(tableOf('t', { pk: 'STRING' }));
  await client.updateTable({ tableName: 't', tableOptions: { maxVersions: 5 } });
  await client.updateTable({ tableName: 't', tableOptions: {} });
  const { tableOptions } = await client.describeTable({ tableName: 't' });
  expect(tableOptions).toMatchObject({ timeToLive: -1, maxVersions: 5 });
});

test('allow_update false refuses UpdateRow and nothing else', async () => {
  await using cloud = await startCloud();
  const { client } = cloud;
  await client.createTable(tableOf('t', { pk: 'STRING' }, { allowUpdate: false }));
  const row = { tableName: 't', condition: condition(), primaryKey: [{ pk: 'a' }] };
  await client.putRow({ ...row, attributeColumns: [{ x: long(1) }] });
  const refused = await refusal(
    client.updateRow({ ...row, updateOfAttributeColumns: [{ PUT: [{ x: long(2) }] }] }),
  );
  expect(refused.text).toContain('OTSParameterInvalid');
});

test('a stream is enabled, described, kept, disabled and enabled anew with another id', async () => {
  await using cloud = await startCloud();
  const { client } = cloud;
  await client.createTable({ ...tableOf('t', { pk: 'STRING' }), streamSpecification: STREAM });
  const details = async () =>
    JSON.parse(JSON.stringify((await client.describeTable({ tableName: 't' })).streamDetails));
  const first = await details();
  expect(first).toMatchObject({ enableStream: true, expirationTime: 24 });
  expect(first.streamId).toMatch(/^t_/);
  const change = (streamSpecification: object) =>
    client.updateTable({ tableName: 't', tableOptions: {}, streamSpecification });
  await change(STREAM);
  expect(await details()).toEqual(first);
  expect((await refusal(change({ enableStream: true, expirationTime: 48 }))).text).toContain('disable it');
  expect((await refusal(change({ enableStream: true, expirationTime: 169 }))).text).toContain('[1, 168]');
  await change({ enableStream: false });
  expect(await details()).toEqual({ enableStream: false, expirationTime: 0, lastEnableTime: '0' });
  await change(STREAM);
  expect((await details()).streamId).not.toBe(first.streamId);
});

test('predefined columns are added, described, enforced and deleted', async () => {
  await using cloud = await startCloud();
  const { client, service } = cloud;
  await client.createTable(tableOf('t', { pk: 'STRING' }));
  const add = new ProtoWriter().string(1, 't').message(2, (column) => {
    column.string(1, 'n').uint(2, 1);
  });
  expect((await post(service.port, 'AddDefinedColumn', add.finish())).status).toBe(200);
  const described = JSON.parse(JSON.stringify(await client.describeTable({ tableName: 't' })));
  expect(described.tableMeta.definedColumn).toEqual([{ name: 'n', type: 'DCT_INTEGER' }]);
  const put = (value: unknown) =>
    client.putRow({
      tableName: 't',
      condition: condition(),
      primaryKey: [{ pk: 'a' }],
      attributeColumns: [{ n: value }],
    });
  expect((await refusal(put('text'))).text).toContain(
    'Invalid column type for column n expect VT_INTEGER actual VT_STRING',
  );
  const remove = new ProtoWriter().string(1, 't').string(2, 'n').finish();
  expect((await post(service.port, 'DeleteDefinedColumn', remove)).status).toBe(200);
  expect(errorOf(await post(service.port, 'DeleteDefinedColumn', remove)).code).toBe('OTSParameterInvalid');
  await put('text');
});

test('features that do not exist here are refused, not ignored', async () => {
  await using cloud = await startCloud();
  const body = (extra: (out: ProtoWriter) => void): Uint8Array => {
    const out = new ProtoWriter().message(1, (meta) => {
      meta.string(1, 't').message(2, (column) => {
        column.string(1, 'pk').uint(2, 2);
      });
    });
    out.message(2, (throughput) => {
      throughput.message(1, () => undefined);
    });
    extra(out);
    return out.finish();
  };
  const create = async (extra: (out: ProtoWriter) => void) =>
    errorOf(await post(cloud.service.port, 'CreateTable', body(extra))).message;
  expect(await create((out) => out.bool(8, true))).toContain('enable_local_txn');
  expect(await create((out) => out.bytes(7, Buffer.alloc(0)))).toContain('index_metas');
  const sse = await create((out) => {
    out.message(6, (spec) => {
      spec.bool(1, true);
    });
  });
  expect(sse).toContain('sse_spec');
});

const splitRequest = (size: number, unit: number | undefined, limit?: number): Uint8Array => {
  const out = new ProtoWriter().string(1, 't').uint(2, size);
  if (unit !== undefined) out.uint(3, unit);
  if (limit !== undefined) out.uint(4, limit);
  return out.finish();
};

interface Splits {
  readonly points: string[];
  readonly schema: string[];
  readonly repeats: number;
}

function readSplits(body: Buffer): Splits {
  const reader = new ProtoReader(body);
  const points: string[] = [];
  const schema: string[] = [];
  let repeats = 0;
  while (reader.next()) {
    if (reader.field === 2) {
      const column = reader.message();
      while (column.next()) if (column.field === 1) schema.push(column.string());
    } else if (reader.field === 3) points.push(Buffer.from(reader.bytes()).toString('hex'));
    else if (reader.field === 4) {
      const location = reader.message();
      while (location.next()) if (location.field === 2) repeats += Number(location.int64()) / 2;
    }
  }
  return { points, schema, repeats };
}

test('split points cut by stored size, honour unit and limit, and name leading columns only', async () => {
  await using cloud = await startCloud();
  const { client, service } = cloud;
  await client.createTable(tableOf('t', { pk: 'INTEGER', n: 'INTEGER' }));
  const rows = Array.from({ length: 1000 }, (_, i) => ({
    primaryKey: [BigInt(Math.floor(i / 2)), BigInt(i % 2)],
    columns: [['v', 'x'.repeat(50)] as const],
  }));
  service.bulkLoad('t', rows);
  const ask = async (...request: Parameters<typeof splitRequest>) =>
    readSplits((await post(service.port, 'ComputeSplitPointsBySize', splitRequest(...request))).body);
  const fine = await ask(1, 10_000);
  expect(fine.schema).toEqual(['pk', 'n']);
  expect(fine.points.length).toBeGreaterThan(5);
  expect(fine.repeats).toBe(fine.points.length + 1);
  // Rows come in pairs per partition key: a cut inside a pair names both columns, one between pairs only pk.
  const lengths = new Set(fine.points.map((point) => point.length));
  expect([...lengths].every((length) => length === 62 || length === 108)).toBe(true);
  expect((await ask(1, 10_000, 3)).points.length).toBe(3);
  expect((await ask(1, undefined)).points).toEqual([]);
  expect((await ask(10, 1000)).points).toEqual(fine.points);
  const refused = await post(service.port, 'ComputeSplitPointsBySize', splitRequest(0, 1));
  expect(errorOf(refused).message).toBe('The split_size should be greater than 0.');
});
