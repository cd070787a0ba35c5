import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Cloud, condition, long, plain, sdk, startCloud, tableOf, temporaryFolder } from './support.ts';

const put = (cloud: Cloud, pk: string, x: unknown, table = 't') =>
  cloud.client.putRow({
    tableName: table,
    condition: condition(),
    primaryKey: [{ pk }],
    attributeColumns: [{ x }],
  });

const all = async (cloud: Cloud) => {
  const page = await cloud.client.getRange({
    tableName: 't',
    direction: sdk.Direction.FORWARD,
    inclusiveStartPrimaryKey: [{ pk: sdk.INF_MIN }],
    exclusiveEndPrimaryKey: [{ pk: sdk.INF_MAX }],
    maxVersions: 10,
  });
  return page.rows.map(plain);
};

const logFile = (folder: string): string => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.log'));
  expect(files).toHaveLength(1);
  return join(folder, files[0] as string);
};

async function withCloud<T>(dataDir: string, use: (cloud: Cloud) => Promise<T>): Promise<T> {
  await using cloud = await startCloud({ dataDir });
  return await use(cloud);
}

/** A folder with table `t` and rows a, b, c, each written and acknowledged on its own. */
async function seed(dataDir: string): Promise<void> {
  await withCloud(dataDir, async (cloud) => {
    await cloud.client.createTable(tableOf('t', { pk: 'STRING' }));
    for (const pk of ['a', 'b', 'c']) await put(cloud, pk, pk);
  });
}

const ROWS = ['a', 'b', 'c'].map((pk) => ({ pk, x: pk }));

test('tables, options, rows and deletes are there after a restart', async () => {
  using folder = temporaryFolder();
  await seed(folder.path);
  const described = await withCloud(folder.path, async (cloud) => {
    const { client } = cloud;
    expect(await all(cloud)).toEqual(ROWS);
    await client.deleteRow({ tableName: 't', condition: condition(), primaryKey: [{ pk: 'b' }] });
    await client.updateTable({
      tableName: 't',
      tableOptions: { maxVersions: 4 },
      streamSpecification: { enableStream: true, expirationTime: 12 },
    });
    await client.createTable(tableOf('gone', { pk: 'STRING' }));
    await client.deleteTable({ tableName: 'gone' });
    return JSON.stringify(await client.describeTable({ tableName: 't' }));
  });
  await withCloud(folder.path, async (cloud) => {
    expect((await cloud.client.listTable({})).tableNames).toEqual(['t']);
    expect(await all(cloud)).toEqual([ROWS[0], ROWS[2]]);
    const again = JSON.parse(JSON.stringify(await cloud.client.describeTable({ tableName: 't' })));
    const { RequestId: _id, ...expected } = JSON.parse(described);
    expect(again).toMatchObject(expected);
  });
});

test('acknowledged writes are in the file before the service ends', async () => {
  using folder = temporaryFolder();
  using copy = temporaryFolder();
  await withCloud(folder.path, async (cloud) => {
    await cloud.client.createTable(tableOf('t', { pk: 'STRING' }));
    await Promise.all(Array.from({ length: 50 }, (_, i) => put(cloud, `k${i}`, long(i))));
    writeFileSync(join(copy.path, 'ots-1.log'), readFileSync(logFile(folder.path)));
  });
  await withCloud(copy.path, async (cloud) => expect(await all(cloud)).toHaveLength(50));
});

test('a torn last write is dropped at every length, and writing goes on behind it', async () => {
  using folder = temporaryFolder();
  await seed(folder.path);
  const file = logFile(folder.path);
  const whole = readFileSync(file);
  const before = await withCloud(folder.path, async (cloud) => {
    await put(cloud, 'd', 'last');
    return whole.length;
  });
  const longer = readFileSync(file);
  expect(longer.length).toBeGreaterThan(before);
  for (const kept of [before + 1, before + 15, before + 16, before + 20, longer.length - 1]) {
    writeFileSync(file, longer);
    truncateSync(file, kept);
    await withCloud(folder.path, async (cloud) => {
      expect(await all(cloud)).toEqual(ROWS);
      await put(cloud, 'e', 'after');
    });
    await withCloud(folder.path, async (cloud) =>
      expect(await all(cloud)).toEqual([...ROWS, { pk: 'e', x: 'after' }]),
    );
  }
});

test('zeros or noise behind the last write are dropped', async () => {
  using folder = temporaryFolder();
  await seed(folder.path);
  appendFileSync(logFile(folder.path), Buffer.alloc(1000));
  await withCloud(folder.path, async (cloud) => expect(await all(cloud)).toEqual(ROWS));
});

test('damage before the end is refused, never skipped', async () => {
  using folder = temporaryFolder();
  await seed(folder.path);
  const file = logFile(folder.path);
  const bytes = readFileSync(file);
  for (const at of [8, 20, 40]) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] as number) ^ 0x10;
    writeFileSync(file, damaged);
    await expect(startCloud({ dataDir: folder.path })).rejects.toThrow(/damaged at byte 8/);
  }
  writeFileSync(file, 'something else entirely');
  await expect(startCloud({ dataDir: folder.path })).rejects.toThrow(/not a table log/);
});

test('numbers of auto-increment columns never repeat after deletes and restarts', async () => {
  using folder = temporaryFolder();
  const numbers: bigint[] = [];
  for (let round = 0; round < 3; round++) {
    await withCloud(folder.path, async ({ client }) => {
      if (round === 0) {
        await client.createTable({
          tableMeta: {
            tableName: 'auto',
            primaryKey: [
              { name: 'pk', type: 'STRING' },
              { name: 'n', type: 'INTEGER', option: 'AUTO_INCREMENT' },
            ],
          },
          reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
          tableOptions: { timeToLive: -1, maxVersions: 1 },
        });
      }
      const { row } = await client.putRow({
        tableName: 'auto',
        condition: condition(),
        primaryKey: [{ pk: 'a' }, { n: sdk.PK_AUTO_INCR }],
        attributeColumns: [],
        returnContent: { returnType: sdk.ReturnType.Primarykey },
      });
      const number = plain(row).n as bigint;
      numbers.push(number);
      const primaryKey = [{ pk: 'a' }, { n: long(number) }];
      await client.deleteRow({ tableName: 'auto', condition: condition(), primaryKey });
    });
  }
  expect(numbers[0]).toBeLessThan(numbers[1] as bigint);
  expect(numbers[1]).toBeLessThan(numbers[2] as bigint);
});

test('bulk loaded rows are durable when the call returns', async () => {
  using folder = temporaryFolder();
  await withCloud(folder.path, async (cloud) => {
    await cloud.client.createTable(tableOf('t', { pk: 'STRING' }));
    const rows = Array.from({ length: 3000 }, (_, i) => ({
      primaryKey: [`k${String(i).padStart(5, '0')}`],
      columns: [
        ['z', BigInt(i)],
        ['a', `v${i}`],
        ['f', i / 2],
        ['b', i % 2 === 0],
        ['bytes', Uint8Array.of(i % 256)],
      ] as const,
    }));
    expect(cloud.service.bulkLoad('t', rows)).toBe(3000);
  });
  await withCloud(folder.path, async (cloud) => {
    const rows = await all(cloud);
    expect(rows).toHaveLength(3000);
    expect(rows[2999]).toEqual({
      pk: 'k02999',
      a: 'v2999',
      b: false,
      bytes: Buffer.of(2999 % 256),
      f: 1499.5,
      z: 2999n,
    });
  });
});

test('bulk loading refuses rows that do not fit', async () => {
  await using cloud = await startCloud();
  await cloud.client.createTable(tableOf('t', { pk: 'STRING' }));
  const load = (
    primaryKey: readonly (string | bigint)[],
    columns: readonly (readonly [string, string])[] = [],
  ) => cloud.service.bulkLoad('t', [{ primaryKey, columns }]);
  expect(() => load([1n])).toThrow(/another type/);
  expect(() => load(['a', 'b'])).toThrow(/another number of key columns/);
  expect(() => load(['a'.repeat(1025)])).toThrow(/MaxLength:1024/);
  expect(() => load(['a'], [['1x', 'v']])).toThrow(/Invalid column name/);
  expect(() =>
    load(
      ['a'],
      [
        ['x', 'v'],
        ['x', 'w'],
      ],
    ),
  ).toThrow(/twice/);
  expect(() => cloud.service.bulkLoad('absent', [])).toThrow(/does not exist/);
});
