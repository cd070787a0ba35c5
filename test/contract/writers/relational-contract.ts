/** What every transactional target must do: rows and ledger never disagree, whatever dies whenever. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Mark, Writer } from '../../../core/connectors/contract.ts';
import { FencedError } from '../../../core/errors/index.ts';
import { type CutMoment, CuttingProxy } from './cutting-proxy.ts';
import {
  attempt,
  BLOCK,
  blockOf,
  COLUMNS,
  expected,
  open,
  positionOf,
  RelationalGround,
  type RelationalHarness,
  ROWS,
  resumed,
  run,
  SHARD,
  type WriteModes,
  writeUntil,
} from './relational-ground.ts';
import { describeRefusals } from './relational-refusals.ts';

/** The suite of a database. */
export function describeRelationalContract(
  name: string,
  start: () => Promise<RelationalHarness>,
  modes: WriteModes,
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

    const ground = new RelationalGround(() => harness);
    const { writer, prepared, messagesToOpen } = ground;

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

    it('writes blocks that were prepared while others were on their way, whether or not they come', async () => {
      const sink = await open(await prepared(), 1);
      const [first, second, never, third] = [
        [0, 10],
        [10, 20],
        [70, 90],
        [20, ROWS],
      ].map(([from = 0, to = 0]) => blockOf(from, to));
      const marked = async (): Promise<Mark> => 'mark' as Mark;
      const writing = sink.write(first!, marked);
      sink.prepare?.(second!);
      expect(await writing).toEqual([]);
      expect(await sink.write(second!, marked)).toEqual([]);
      sink.prepare?.(never!);
      expect(await sink.write(third!, marked)).toEqual([]);
      await sink.close();
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

    describeRefusals(ground, modes);
  });
}
