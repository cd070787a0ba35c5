/** Rows that a table of a real PostgreSQL refused, corrected and sent again. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDesk } from '../../../core/dirty/desk.ts';
import {
  additionOf,
  chooseRows,
  type Selection,
  stageReplay,
  startReplay,
} from '../../../core/dirty/replay.ts';
import { type RunRow, resumeRun } from '../../../core/run/index.ts';
import { collect } from '../../support/collect.ts';
import { startPostgres } from '../../support/servers/postgres.ts';
import type { TestServer } from '../../support/servers/server-process.ts';
import { connectionOf, RelationalRuns, type Side } from '../verify/relational-systems.ts';

let server: TestServer;
let client: pg.Client;
const runs = new RelationalRuns();

const table = (name: string): Side => ({
  type: 'postgresql',
  params: {
    ...connectionOf(server),
    table: name,
    column: ['*'],
  },
});
const target = (name: string): Side => ({
  type: 'postgresql',
  params: { ...table(name).params, preSql: ['TRUNCATE @table'] },
});

/** Rows of a table, as `id note`. */
const rowsOf = async (name: string): Promise<string[]> =>
  (await client.query(`SELECT id, note FROM ${name} ORDER BY id, note`)).rows.map(
    ({ id, note }) => `${id} ${note}`,
  );

beforeAll(async () => {
  server = await startPostgres();
  const { host, port, username: user, password, database } = server;
  client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  await client.query('CREATE TABLE source (id BIGINT PRIMARY KEY, note TEXT)');
  await client.query(
    "INSERT INTO source SELECT n, CASE WHEN n % 4 = 0 THEN 'bad' ELSE 'ok' END FROM generate_series(1, 12) n",
  );
});

afterAll(async () => {
  await client?.end();
  await server?.[Symbol.asyncDispose]();
});

/** A run that leaves 4, 8 and 12 behind. */
async function refusedRun(name: string) {
  await client.query(`CREATE TABLE ${name} (id BIGINT, note TEXT CHECK (note <> 'bad'))`);
  const run = await runs.run(table('source'), target(name), 5);
  expect(run.receipt?.counters).toMatchObject({ read: 12, written: 9, dirty: 3 });
  return run;
}

const deskOf = (run: RunRow) => collect(readDesk(runs.deps, run));
const stage = (run: RunRow, selection: Selection) =>
  stageReplay(
    runs.deps,
    run,
    chooseRows(readDesk(runs.deps, run), selection, { replayed: 0, incomplete: 0 }),
  );

describe('a replay', () => {
  test('sends corrected rows into the table, once', async () => {
    const run = await refusedRun('once');
    const before = await rowsOf('once');
    const desk = await deskOf(run);
    expect(desk.map(({ refused }) => refused.cells)).toEqual([
      ['4', 'bad'],
      ['8', 'bad'],
      ['12', 'bad'],
    ]);
    const addition = await additionOf(run);
    expect(addition).toMatchObject({ preSql: [] });
    const staged = await stage(run, { settings: new Map([[1, 'mended']]) });
    const replay = await runs.settle(await startReplay(runs.deps, run, staged, addition));
    expect(replay).toMatchObject({ state: 'SUCCEEDED', receipt: { counters: { written: 3, dirty: 0 } } });
    expect(await rowsOf('once')).toEqual([...before, '4 mended', '8 mended', '12 mended'].sort(byId));
    const after = await deskOf(run);
    expect(after.map(({ standing }) => standing)).toEqual(['replayed', 'replayed', 'replayed']);
    expect((await stage(run, {})).rows).toBe(0);
  });

  test('that fails half-way is resumed: what arrived is not sent again, what is refused stays open', async () => {
    const run = await refusedRun('twice');
    const before = await rowsOf('twice');
    const corrections = new Map((await deskOf(run)).map(({ place, refused }) => [place, refused.cells!]));
    const [first] = corrections.keys();
    corrections.set(first!, ['4', 'mended']);
    const staged = await stage(run, { corrections });
    const limits = { errorLimit: { kind: 'records', limit: 0 } as const };
    const failed = await runs.settle(
      await startReplay(runs.deps, run, staged, await additionOf(run), limits),
    );
    expect(failed).toMatchObject({ state: 'FAILED', failure: { code: 'RUN-5001' } });
    expect((await deskOf(run)).map(({ standing }) => standing)).toEqual(['held', 'held', 'held']);
    const successor = await resumeRun(runs.deps, failed, { errorLimit: { kind: 'records', limit: 5 } });
    expect((await runs.settle(successor)).state).toBe('SUCCEEDED');
    expect(await rowsOf('twice')).toEqual([...before, '4 mended'].sort(byId));
    expect((await deskOf(run)).map(({ standing }) => standing)).toEqual(['replayed', 'open', 'open']);
  });
});

const byId = (a: string, b: string): number => Number.parseInt(a, 10) - Number.parseInt(b, 10);
