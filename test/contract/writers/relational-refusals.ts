/** Rows that a transactional target refuses, and the statements around its rows. */
import { expect, it } from 'vitest';
import type { Mark } from '../../../core/connectors/contract.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import {
  attempt,
  BLOCK,
  blockOf,
  COLUMNS,
  expected,
  open,
  positionOf,
  type RelationalGround,
  ROWS,
  run,
  type WriteModes,
  writeUntil,
} from './relational-ground.ts';

/** Adds the tests to the suite of a database. */
export function describeRefusals(ground: RelationalGround, modes: WriteModes): void {
  it.each(modes.insert)('finds the refused rows of a block and writes the others: %j', async (parameters) => {
    await ground.harness.reset(true);
    const target = await ground.prepared(parameters);
    const sink = await open(target, 1);
    const bad = [0, 1, 7, 8, 19];
    for (const id of bad) await ground.harness.execute(`INSERT INTO target VALUES (${id}, 'old')`);
    const seen: number[][] = [];
    const faults = await sink.write(blockOf(0, BLOCK), async (refused) => {
      seen.push(refused.map(({ row }) => row));
      return JSON.stringify(BLOCK) as Mark;
    });
    expect(faults.map(({ row, error }) => [row, error.code, error.kind])).toEqual(
      bad.map((row) => [row, 'DST-4026', 'data']),
    );
    expect(seen.at(-1)).toEqual(bad);
    const rows = expected(0, BLOCK).map((row, id) => (bad.includes(id) ? `${id}:old` : row));
    expect(await ground.harness.rows()).toEqual(rows);
    await writeUntil(sink, BLOCK, ROWS);
    expect(await ground.harness.rows()).toEqual([...rows, ...expected(BLOCK, ROWS)]);
    await sink.close();
  });

  it('takes a block in which every row is refused', async () => {
    await ground.harness.reset(true);
    const target = await ground.prepared();
    for (let id = 0; id < BLOCK; id++)
      await ground.harness.execute(`INSERT INTO target VALUES (${id}, 'old')`);
    const sink = await open(target, 1);
    const faults = await sink.write(blockOf(0, BLOCK), async () => '20' as Mark);
    expect(faults).toHaveLength(BLOCK);
    await sink.close();
    expect(positionOf(await open(target, 2))).toBe(BLOCK);
  });

  it('never counts a broken connection as refused rows', async () => {
    for (let cut = await ground.messagesToOpen(true); ; cut++) {
      await using proxy = await CuttingProxy.start(ground.harness.port);
      await ground.harness.reset(true);
      await ground.prepared();
      await ground.harness.execute(`INSERT INTO target VALUES (3, 'old')`);
      proxy.cutAt(cut, 'after', false);
      const sink = await open(ground.harness.open(proxy.port), 1);
      const faults = await sink.write(blockOf(0, BLOCK), async () => '20' as Mark);
      expect(faults.map(({ row }) => row)).toEqual([3]);
      expect(await ground.harness.rows()).toHaveLength(BLOCK);
      await sink.close();
      if (!proxy.hasCut) break;
    }
  });

  it('executes preSql and postSql once, blank ones never, however often it is asked', async () => {
    await ground.harness.execute(`INSERT INTO target VALUES (-1, 'old')`);
    const parameters = {
      preSql: ['DELETE FROM @table', '', "INSERT INTO @table VALUES (1000, 'pre')", '  '],
      postSql: ["INSERT INTO @table VALUES (1001, 'post')"],
    };
    const target = await ground.prepared(parameters);
    await ground.writer(parameters).begin?.(run, COLUMNS);
    await attempt(target, 1);
    await ground.writer(parameters).begin?.(run, COLUMNS);
    await target.commit(run, []);
    await ground.writer(parameters).commit(run, []);
    expect(await ground.harness.rows()).toEqual([...expected(0, ROWS), '1000:pre', '1001:post']);
  });

  it.each(modes.keyed)('%s: executes preSql once although the rows keep no ledger', async (writeMode) => {
    await ground.harness.reset(true);
    await ground.harness.execute(`INSERT INTO target VALUES (-1, 'old')`);
    const parameters = { writeMode, preSql: ['DELETE FROM @table'] };
    const target = await ground.prepared(parameters);
    const sink = await open(target, 1);
    expect(sink.ahead).toBeUndefined();
    await writeUntil(sink, 0, ROWS);
    await sink.close();
    // An orchestrator that stood still in the meantime.
    await ground.writer(parameters).begin?.(run, COLUMNS);
    expect(await ground.harness.rows()).toEqual(expected(0, ROWS));
    await target.commit(run, []);
    await ground
      .writer(parameters)
      .begin?.(run, COLUMNS)
      .catch(() => undefined);
    expect(await ground.harness.rows()).toEqual(expected(0, ROWS));
  });

  it('executes preSql and postSql once although the answer to any message is lost', async () => {
    const parameters = {
      preSql: ["INSERT INTO @table VALUES (1000, 'pre')", "INSERT INTO @table VALUES (1001, 'pre')"],
      postSql: ["INSERT INTO @table VALUES (1002, 'post')"],
    };
    for (let cut = 1; ; cut++) {
      await using proxy = await CuttingProxy.start(ground.harness.port);
      await ground.harness.reset(false);
      proxy.cutAt(cut, 'after', false);
      const target = ground.harness.open(proxy.port, parameters);
      await target.prepare(run, COLUMNS);
      await target.begin?.(run, COLUMNS);
      await target.commit(run, []);
      expect([cut, await ground.harness.rows()]).toEqual([cut, ['1000:pre', '1001:pre', '1002:post']]);
      if (!proxy.hasCut) break;
    }
  });

  it('tells the place of a statement that fails', async () => {
    const target = ground.writer({ preSql: ['', 'DELETE FROM @table', 'DELETE FROM no_such_table'] });
    await target.prepare(run, COLUMNS);
    await expect(target.begin?.(run, COLUMNS)).rejects.toMatchObject({
      code: 'DST-4029',
      message: expect.stringContaining('preSql[1]'),
    });
  });
}
