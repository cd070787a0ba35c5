/** One snapshot over all shards of a run, on a real server that changes meanwhile. */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPostgres } from '../../support/servers/postgres.ts';
import { openReader, readerConfig, readShard } from '../../support/servers/relational-reading.ts';
import type { TestServer } from '../../support/servers/server-process.ts';

let server: TestServer;
let admin: pg.Client;
beforeAll(async () => {
  server = await startPostgres();
  const { host, port, username: user, password, database } = server;
  admin = new pg.Client({ host, port, user, password, database });
  await admin.connect();
  await admin.query('CREATE TABLE accounts (id int PRIMARY KEY, amount int NOT NULL)');
  await admin.query('INSERT INTO accounts SELECT i, 100 FROM generate_series(1, 5000) i');
});
afterAll(async () => {
  await admin?.end();
  await server?.[Symbol.asyncDispose]();
});

const params = { table: 'accounts', column: ['id', 'amount'], splitPk: 'id', consistentSnapshot: true };

it('all shards see the rows as they were when the run was planned, whoever reads them', async () => {
  const planner = openReader('postgresql', server, params);
  const plan = await planner.plan(4);
  expect(plan.held).toBe(true);
  expect(plan.shards.length).toBeGreaterThan(3);
  const rows: (string | null)[][] = [];
  for (const [i, shard] of plan.shards.entries()) {
    // Amounts move from the end to the beginning, rows come and go, while shard after shard is read.
    await admin.query('UPDATE accounts SET amount = amount + 50 WHERE id <= 2500');
    await admin.query('UPDATE accounts SET amount = amount - 50 WHERE id > 2500');
    await admin.query('DELETE FROM accounts WHERE id = $1', [4000 + i]);
    await admin.query('INSERT INTO accounts VALUES ($1, 1)', [6000 + i]);
    const reader = openReader('postgresql', server, params);
    rows.push(...(await readShard(reader, shard)).rows);
    await reader.close();
  }
  expect(rows).toHaveLength(5_000);
  expect(rows.every(([, amount]) => amount === '100')).toBe(true);
  await planner.close();
  const late = openReader('postgresql', server, params);
  await expect(readShard(late, plan.shards[0]!)).rejects.toMatchObject({ code: 'SRC-2008', kind: 'lost' });
  await late.close();
});

it('a table without a key is cut by the places of its rows, which updates do not move in a snapshot', async () => {
  await admin.query('CREATE TABLE journal AS SELECT i AS id, 0 AS seen FROM generate_series(1, 20000) i');
  await admin.query('ANALYZE journal');
  const job = { table: 'journal', column: ['id', 'seen'], splitFactor: 1, consistentSnapshot: true };
  const planner = openReader('postgresql', server, job);
  const plan = await planner.plan(4);
  expect(plan.shards).toHaveLength(4);
  expect(plan.notes.map(({ message }) => message).join()).toContain('must not be rewritten');
  const rows: (string | null)[][] = [];
  const counts: number[] = [];
  for (const shard of plan.shards) {
    // All rows move to the end of the file, again and again.
    await admin.query('UPDATE journal SET seen = seen + 1');
    const reader = openReader('postgresql', server, job);
    const read = await readShard(reader, shard);
    const rest = await readShard(reader, shard, read.batches[0]!.cursor);
    await reader.close();
    expect(rest.rows).toEqual(read.rows.slice(read.batches[0]!.block.rowCount));
    counts.push(read.rows.length);
    rows.push(...read.rows);
  }
  await planner.close();
  expect(new Set(rows.map(([id]) => id)).size).toBe(20_000);
  expect(rows).toHaveLength(20_000);
  expect(rows.every(([, seen]) => seen === '0')).toBe(true);
  expect(Math.max(...counts) / (rows.length / counts.length)).toBeLessThanOrEqual(1.1);
});

it('without it each shard sees the rows as they are when it is read', async () => {
  const reader = openReader('postgresql', server, { ...params, consistentSnapshot: false });
  const plan = await reader.plan(2);
  expect(plan.held).toBeUndefined();
  expect(plan.notes.map(({ message }) => message).join()).toContain('a snapshot of its own');
  await reader.close();
});

it('MySQL has none to share, and says so', () => {
  expect(() => readerConfig('mysql', server, params)).toThrow('MySQL cannot share a snapshot');
});
