/** What every transactional target must do: rows and ledger never disagree, whatever dies whenever. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type {
  ConnectorContext,
  Mark,
  RunRef,
  Sink,
  SinkState,
  Writer,
} from '../../../core/connectors/contract.ts';
import { FencedError } from '../../../core/errors/index.ts';
import { silentLogger, systemClock, systemRandom } from '../../../core/ports/system.ts';
import { type Column, type RowBlock, RowBlockBuilder } from '../../../core/types/index.ts';
import { writeOnce } from '../../support/spent-block.ts';
import { type CutMoment, CuttingProxy } from './cutting-proxy.ts';

/** One database server with one target table `target (id bigint, name text)` without any key. */
export interface RelationalHarness extends AsyncDisposable {
  readonly port: number;
  /** Empties table and ledger, or makes the table anew: with a primary key on `id` if asked. */
  reset(keyed: boolean): Promise<void>;
  /** A further writer, through this port. */
  open(port: number, parameters?: Readonly<Record<string, unknown>>, context?: ConnectorContext): Writer;
  /** A writer that cannot end the sessions of its predecessors. */
  openGentle(): Writer;
  /** The rows as `id:name`, in order of id. */
  rows(): Promise<readonly string[]>;
  /** Runs a statement as somebody else would. */
  execute(sql: string): Promise<void>;
  count(table: string): Promise<number>;
}

const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'name', type: 'string' },
];
const BLOCK = 20;
const BLOCKS = 2;
const ROWS = BLOCK * BLOCKS;

const nameOf = (id: number): string => `row ${id} 'quoted' \\ back\tslash\n`;
const expected = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `${from + i}:${nameOf(from + i)}`);

function blockOf(from: number, to: number): RowBlock {
  const builder = new RowBlockBuilder(COLUMNS);
  for (let id = from; id < to; id++) builder.addRow([BigInt(id), nameOf(id)]);
  return builder.build();
}

/** A context that waits for nothing. */
export const hastyContext = (signal: AbortSignal = new AbortController().signal): ConnectorContext => ({
  clock: { ...systemClock, sleep: async () => undefined },
  random: systemRandom,
  log: silentLogger,
  timeZone: 'Asia/Shanghai',
  signal,
});

const run: RunRef = { jobId: 'job', runId: 'job-20240203T040506' };
const resumed: RunRef = { jobId: 'job', runId: 'job-20240203T040506.r1' };
const SHARD = '00000';

const open = (writer: Writer, epoch: number, ref = run, prior?: SinkState): Promise<Sink> =>
  writer.open({ ...ref, shardId: SHARD, epoch }, COLUMNS, prior);

/** Rows up to which a sink says that it is. */
const positionOf = (sink: Sink): number => (sink.ahead === undefined ? 0 : Number(JSON.parse(sink.ahead)));

/** Writes blocks until `to`, as the engine does: each block's mark is the row after it. */
async function writeUntil(sink: Sink, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += BLOCK) {
    const next = Math.min(to, at + BLOCK);
    const faults = await writeOnce(sink, blockOf(at, next), async () => JSON.stringify(next) as Mark);
    expect(faults).toEqual([]);
  }
}

/** One attempt from wherever the ledger says. */
async function attempt(writer: Writer, epoch: number, ref = run): Promise<void> {
  const sink = await open(writer, epoch, ref);
  try {
    await writeUntil(sink, positionOf(sink), ROWS);
    await sink.finish();
  } finally {
    await sink.close();
  }
}

/** The suite of a database. */
export function describeRelationalContract(
  name: string,
  start: () => Promise<RelationalHarness>,
  modes: { readonly insert: readonly Readonly<Record<string, unknown>>[]; readonly keyed: readonly string[] },
): void {
  describe(`${name} with a ledger`, () => {
    let harness: RelationalHarness;
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(() => harness?.[Symbol.asyncDispose]());
    beforeEach(async () => {
      await harness.reset(false);
    });

    const writer = (parameters = {}): Writer => harness.open(harness.port, parameters);
    const prepared = async (parameters = {}): Promise<Writer> => {
      const made = writer(parameters);
      await made.prepare(run, COLUMNS);
      await made.begin?.(run, COLUMNS);
      return made;
    };

    it('writes every row once and says so in the receipt', async () => {
      const target = await prepared();
      const sink = await open(target, 1);
      await writeUntil(sink, 0, ROWS);
      const state = await sink.finish();
      await sink.close();
      const output = { shardId: SHARD, epoch: 1, state };
      const receipt = await target.commit(run, [output]);
      expect(await harness.rows()).toEqual(expected(0, ROWS));
      expect(receipt.bytes).toBeGreaterThan(0);
      expect(receipt.location).not.toContain('mill-race');
      expect(await target.commit(run, [output])).toEqual(receipt);
      expect(await harness.rows()).toEqual(expected(0, ROWS));
    });

    it('leaves neither gaps nor doubled rows when it dies at any message and another attempt goes on', async () => {
      for (const moment of ['before', 'after'] as const) {
        const cuts = await everyCut(moment, true);
        expect(cuts).toBeGreaterThan(10);
      }
    });

    it('goes on by itself when the connection breaks at any message of a block', async () => {
      const first = await messagesToOpen(false);
      for (const moment of ['before', 'after'] as const) {
        const cuts = await everyCut(moment, false, first);
        expect(cuts - first).toBeGreaterThan(5);
      }
    });

    /** Messages until a sink is open. */
    async function messagesToOpen(keyed: boolean): Promise<number> {
      await using proxy = await CuttingProxy.start(harness.port);
      await harness.reset(keyed);
      await prepared();
      await (await open(harness.open(proxy.port), 1)).close();
      return proxy.messages;
    }

    /** Runs an attempt once for every message that it sends, cutting there; then another one, to the end. */
    async function everyCut(moment: CutMoment, dies: boolean, first = 1): Promise<number> {
      for (let cut = first; ; cut++) {
        await using proxy = await CuttingProxy.start(harness.port);
        await harness.reset(false);
        await prepared();
        const broken = harness.open(proxy.port);
        proxy.cutAt(cut, moment, dies);
        const outcome = await attempt(broken, 1).then(
          () => undefined,
          (error: unknown) => error,
        );
        const reached = proxy.hasCut;
        if (outcome !== undefined) {
          expect(outcome).toMatchObject({ kind: expect.stringMatching(/^(transient|unknown)$/) });
          expect(reached && dies).toBe(true);
        }
        await attempt(writer(), 2);
        const where = `${moment} message ${cut}, ${dies ? 'dead' : 'alive'}`;
        expect([where, await harness.rows()]).toEqual([where, expected(0, ROWS)]);
        if (!reached) return cut;
      }
    }

    it('fences whoever was replaced, at its next block', async () => {
      await fencesTheFirst(() => writer());
    });

    it('fences whoever was replaced although its session could not be ended', async () => {
      await fencesTheFirst(() => harness.openGentle());
    });

    /** Lets one attempt be replaced by another of a later writer, which goes on to the end. */
    async function fencesTheFirst(later: () => Writer): Promise<void> {
      const target = await prepared();
      const zombie = await open(target, 1);
      await writeUntil(zombie, 0, BLOCK);
      const heir = await open(later(), 2);
      expect(positionOf(heir)).toBe(BLOCK);
      await expect(writeUntil(zombie, BLOCK, ROWS)).rejects.toBeInstanceOf(FencedError);
      await writeUntil(heir, BLOCK, ROWS);
      await heir.finish();
      await expect(writeUntil(zombie, BLOCK, ROWS)).rejects.toBeInstanceOf(FencedError);
      expect(await harness.rows()).toEqual(expected(0, ROWS));
      await zombie.close();
      await heir.close();
    }

    it('ends the open transaction of whoever was replaced instead of waiting for it', async () => {
      const target = await prepared();
      const zombie = await open(target, 1);
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let reached = (): void => undefined;
      const inside = new Promise<void>((resolve) => {
        reached = resolve;
      });
      const hanging = zombie.write(blockOf(0, BLOCK), async () => {
        reached();
        await held;
        return JSON.stringify(BLOCK) as Mark;
      });
      const fate = hanging.then(
        () => 'written',
        (error: unknown) => error,
      );
      await inside;
      const heir = await open(writer(), 2);
      expect(positionOf(heir)).toBe(0);
      await writeUntil(heir, 0, ROWS);
      release();
      expect(await fate).toBeInstanceOf(FencedError);
      expect(await harness.rows()).toEqual(expected(0, ROWS));
      await zombie.close();
      await heir.close();
    });

    it('refuses a stale attempt at once', async () => {
      const target = await prepared();
      const heir = await open(target, 7);
      await expect(open(writer(), 6)).rejects.toBeInstanceOf(FencedError);
      await writeUntil(heir, 0, ROWS);
      await heir.close();
      expect(await harness.rows()).toEqual(expected(0, ROWS));
    });

    it.each([
      ['whose session was ended', () => writer()],
      ['whose session stands', () => harness.openGentle()],
    ])('lets the later of two equal attempts write, not the one %s', async (_what, later) => {
      const target = await prepared();
      const first = await open(target, 1);
      const second = await open(later(), 1);
      await writeUntil(second, 0, BLOCK);
      await expect(writeUntil(first, 0, BLOCK)).rejects.toBeInstanceOf(FencedError);
      await writeUntil(second, BLOCK, ROWS);
      expect(await harness.rows()).toEqual(expected(0, ROWS));
      await first.close();
      await second.close();
    });

    it('lets a resumed run go on where the failed one ended, and fences the failed one', async () => {
      const target = await prepared();
      const first = await open(target, 5);
      await writeUntil(first, 0, BLOCK);
      const heir = await open(writer(), 1, resumed);
      expect(positionOf(heir)).toBe(BLOCK);
      await expect(open(writer(), 6)).rejects.toBeInstanceOf(FencedError);
      await expect(writeUntil(first, BLOCK, ROWS)).rejects.toBeInstanceOf(FencedError);
      await writeUntil(heir, BLOCK, ROWS);
      expect(await harness.rows()).toEqual(expected(0, ROWS));
      await first.close();
      await heir.close();
    });

    it('keeps shards apart', async () => {
      const target = await prepared();
      const one = await target.open({ ...run, shardId: '00000', epoch: 1 }, COLUMNS, undefined);
      const two = await target.open({ ...run, shardId: '00001', epoch: 1 }, COLUMNS, undefined);
      await Promise.all([writeUntil(one, 0, BLOCK), writeUntil(two, BLOCK, ROWS)]);
      expect(await harness.rows()).toEqual(expected(0, ROWS));
      await one.close();
      await two.close();
    });

    it('counts the bytes of attempts that died with those that went on', async () => {
      const target = await prepared();
      const whole = await open(target, 1);
      await writeUntil(whole, 0, ROWS);
      const receipt = { shardId: SHARD, epoch: 1, state: await whole.finish() };
      await whole.close();
      const { bytes } = await target.commit(run, [receipt]);
      await harness.reset(false);
      const again = await prepared();
      const first = await open(again, 1);
      await writeUntil(first, 0, BLOCK);
      await first.close();
      const second = await open(again, 2);
      await writeUntil(second, BLOCK, ROWS);
      const state = await second.finish();
      await second.close();
      expect((await again.commit(run, [{ shardId: SHARD, epoch: 2, state }])).bytes).toBe(bytes);
    });

    it('lets nobody write after the commit, and keeps no rows of shards', async () => {
      const target = await prepared();
      const late = await open(target, 1);
      await writeUntil(late, 0, BLOCK);
      await target.commit(run, []);
      await expect(writeUntil(late, BLOCK, ROWS)).rejects.toBeInstanceOf(FencedError);
      await expect(open(writer(), 9)).rejects.toMatchObject({ code: 'DST-4024' });
      await expect(writer().prepare(run, COLUMNS)).rejects.toMatchObject({ code: 'DST-4024' });
      expect(await harness.rows()).toEqual(expected(0, BLOCK));
      expect(await harness.count('millrace_ledger')).toBe(1);
      await late.close();
    });

    it('lets nobody write after the run was discarded, and cannot commit it', async () => {
      const target = await prepared();
      const late = await open(target, 1);
      await writeUntil(late, 0, BLOCK);
      await target.discard(run);
      await target.discard(resumed);
      await expect(writeUntil(late, BLOCK, ROWS)).rejects.toBeInstanceOf(FencedError);
      await expect(open(writer(), 9)).rejects.toMatchObject({ code: 'DST-4024' });
      await expect(target.commit(run, [])).rejects.toMatchObject({ code: 'DST-4024' });
      expect(await harness.rows()).toEqual(expected(0, BLOCK));
      await late.close();
    });

    it('refuses to plan a run whose rows are there already', async () => {
      const target = await prepared();
      const sink = await open(target, 1);
      await writeUntil(sink, 0, BLOCK);
      await sink.close();
      await expect(writer().prepare(run, COLUMNS)).rejects.toMatchObject({ code: 'DST-4024' });
    });

    it('discards a run that never began', async () => {
      await harness.execute('DROP TABLE IF EXISTS millrace_ledger');
      await expect(writer().discard(run)).resolves.toBeUndefined();
    });

    it('sweeps the traces of runs that ended long ago, and no others', async () => {
      const target = await prepared();
      await target.commit(run, []);
      await harness.execute("UPDATE millrace_ledger SET updated = '2001-02-03 04:05:06'");
      const next = { jobId: 'job', runId: 'job-20240204T040506' };
      await target.prepare(next, COLUMNS);
      await target.begin?.(next, COLUMNS);
      expect(await harness.count('millrace_ledger')).toBe(2);
      await target.commit(next, []);
      expect(await harness.count('millrace_ledger')).toBe(1);
      await expect(open(writer(), 9, next)).rejects.toMatchObject({ code: 'DST-4024' });
    });

    it.each(modes.insert)(
      'finds the refused rows of a block and writes the others: %j',
      async (parameters) => {
        await harness.reset(true);
        const target = await prepared(parameters);
        const sink = await open(target, 1);
        const bad = [0, 1, 7, 8, 19];
        for (const id of bad) await harness.execute(`INSERT INTO target VALUES (${id}, 'old')`);
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
        expect(await harness.rows()).toEqual(rows);
        await writeUntil(sink, BLOCK, ROWS);
        expect(await harness.rows()).toEqual([...rows, ...expected(BLOCK, ROWS)]);
        await sink.close();
      },
    );

    it('takes a block in which every row is refused', async () => {
      await harness.reset(true);
      const target = await prepared();
      for (let id = 0; id < BLOCK; id++) await harness.execute(`INSERT INTO target VALUES (${id}, 'old')`);
      const sink = await open(target, 1);
      const faults = await sink.write(blockOf(0, BLOCK), async () => '20' as Mark);
      expect(faults).toHaveLength(BLOCK);
      await sink.close();
      expect(positionOf(await open(target, 2))).toBe(BLOCK);
    });

    it('never counts a broken connection as refused rows', async () => {
      for (let cut = await messagesToOpen(true); ; cut++) {
        await using proxy = await CuttingProxy.start(harness.port);
        await harness.reset(true);
        await prepared();
        await harness.execute(`INSERT INTO target VALUES (3, 'old')`);
        proxy.cutAt(cut, 'after', false);
        const sink = await open(harness.open(proxy.port), 1);
        const faults = await sink.write(blockOf(0, BLOCK), async () => '20' as Mark);
        expect(faults.map(({ row }) => row)).toEqual([3]);
        expect(await harness.rows()).toHaveLength(BLOCK);
        await sink.close();
        if (!proxy.hasCut) break;
      }
    });

    it('executes preSql and postSql once, blank ones never, however often it is asked', async () => {
      await harness.execute(`INSERT INTO target VALUES (-1, 'old')`);
      const parameters = {
        preSql: ['DELETE FROM @table', '', "INSERT INTO @table VALUES (1000, 'pre')", '  '],
        postSql: ["INSERT INTO @table VALUES (1001, 'post')"],
      };
      const target = await prepared(parameters);
      await writer(parameters).begin?.(run, COLUMNS);
      await attempt(target, 1);
      await writer(parameters).begin?.(run, COLUMNS);
      await target.commit(run, []);
      await writer(parameters).commit(run, []);
      expect(await harness.rows()).toEqual([...expected(0, ROWS), '1000:pre', '1001:post']);
    });

    it.each(modes.keyed)('%s: executes preSql once although the rows keep no ledger', async (writeMode) => {
      await harness.reset(true);
      await harness.execute(`INSERT INTO target VALUES (-1, 'old')`);
      const parameters = { writeMode, preSql: ['DELETE FROM @table'] };
      const target = await prepared(parameters);
      const sink = await open(target, 1);
      expect(sink.ahead).toBeUndefined();
      await writeUntil(sink, 0, ROWS);
      await sink.close();
      // An orchestrator that stood still in the meantime.
      await writer(parameters).begin?.(run, COLUMNS);
      expect(await harness.rows()).toEqual(expected(0, ROWS));
      await target.commit(run, []);
      await writer(parameters)
        .begin?.(run, COLUMNS)
        .catch(() => undefined);
      expect(await harness.rows()).toEqual(expected(0, ROWS));
    });

    it('executes preSql and postSql once although the answer to any message is lost', async () => {
      const parameters = {
        preSql: ["INSERT INTO @table VALUES (1000, 'pre')", "INSERT INTO @table VALUES (1001, 'pre')"],
        postSql: ["INSERT INTO @table VALUES (1002, 'post')"],
      };
      for (let cut = 1; ; cut++) {
        await using proxy = await CuttingProxy.start(harness.port);
        await harness.reset(false);
        proxy.cutAt(cut, 'after', false);
        const target = harness.open(proxy.port, parameters);
        await target.prepare(run, COLUMNS);
        await target.begin?.(run, COLUMNS);
        await target.commit(run, []);
        expect([cut, await harness.rows()]).toEqual([cut, ['1000:pre', '1001:pre', '1002:post']]);
        if (!proxy.hasCut) break;
      }
    });

    it('tells the place of a statement that fails', async () => {
      const target = writer({ preSql: ['', 'DELETE FROM @table', 'DELETE FROM no_such_table'] });
      await target.prepare(run, COLUMNS);
      await expect(target.begin?.(run, COLUMNS)).rejects.toMatchObject({
        code: 'DST-4029',
        message: expect.stringContaining('preSql[1]'),
      });
    });

    it.each(modes.keyed)('%s: a repeated block changes nothing, without a ledger', async (writeMode) => {
      await harness.reset(true);
      const target = writer({ writeMode });
      await target.prepare(run, COLUMNS);
      const first = await open(target, 1);
      await writeUntil(first, 0, ROWS);
      await first.close();
      const second = await open(target, 2);
      expect(second.ahead).toBeUndefined();
      await writeUntil(second, 0, ROWS);
      await second.close();
      expect(await harness.rows()).toEqual(expected(0, ROWS));
      const { notes } = await target.describe(COLUMNS);
      expect(notes[0]?.message).toContain('idempotent');
      await target.commit(run, []);
      await target.discard(run);
    });
  });
}
