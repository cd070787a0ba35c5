import { describe, expect, it } from 'vitest';
import type { CountedShard, DirtyRow, DirtyStore } from '../../../core/run/index.ts';
import { zeroCounters } from '../../../core/run/index.ts';
import { collect } from '../../support/collect.ts';

const RUN = { jobId: 'job', runId: 'run' };
const SUCCESSOR = { jobId: 'job', runId: 'run.r1' };

/** A refused row whose message tells who kept it. */
const row = (ordinal: number, message: string, shardId = '00000'): DirtyRow => ({
  shardId,
  ordinal,
  key: `id=${ordinal}`,
  column: 'note',
  value: 'naïve\n"🧵"',
  valueType: 'string',
  targetType: 'text in GBK',
  code: 'CNV-3002',
  message,
  cells: [{ long: String(ordinal) }, 'naïve\n"🧵"', { bytes: 'AP8=' }, null, { double: '-0' }],
  rowBytes: 40,
});

const rowsOf = (from: number, to: number, message: string, shardId?: string): DirtyRow[] =>
  Array.from({ length: to - from }, (_, i) => row(from + i, message, shardId));

const counted = (dirty: number, shardId = '00000'): CountedShard => ({
  shardId,
  counters: { ...zeroCounters, dirty },
});

/** What every store of refused rows must do, wherever it keeps them. `make` gives an empty one. */
export function describeDirtyStore(name: string, make: () => Promise<DirtyStore>): void {
  describe(`store of refused rows: ${name}`, () => {
    const task = (epoch: number, shardId = '00000', run = RUN) => ({ ...run, shardId, epoch });

    it('gives back every row exactly, shard after shard, in order', async () => {
      const store = await make();
      await store.prepare();
      const first = store.open(task(1));
      await first.keep(rowsOf(0, 3, 'a'));
      await store.open(task(1, '00002')).keep(rowsOf(0, 1, 'c', '00002'));
      await store.open(task(4, '00000-255e3')).keep(rowsOf(0, 2, 'b', '00000-255e3'));
      await first.keep(rowsOf(3, 5, 'a'));
      const shards = [counted(5), counted(2, '00000-255e3'), counted(0, '00001'), counted(1, '00002')];
      expect(await collect(store.rows([RUN], shards))).toEqual([
        ...rowsOf(0, 5, 'a'),
        ...rowsOf(0, 2, 'b', '00000-255e3'),
        ...rowsOf(0, 1, 'c', '00002'),
      ]);
    });

    it('gives only rows that are counted, and none of another run or shard', async () => {
      const store = await make();
      await store.open(task(1)).keep(rowsOf(0, 9, 'a'));
      await store.open(task(1, '00000', { jobId: 'job', runId: 'run2' })).keep(rowsOf(0, 9, 'other'));
      expect(await collect(store.rows([RUN], [counted(4), counted(3, '00001')]))).toEqual(rowsOf(0, 4, 'a'));
      expect(await collect(store.rows([RUN], []))).toEqual([]);
    });

    it('takes rows kept again in the place of what was there, also by the next attempt', async () => {
      const store = await make();
      const first = store.open(task(1));
      await first.keep(rowsOf(0, 2, 'counted'));
      await first.keep(rowsOf(2, 9, 'lost'));
      await first.keep(rowsOf(2, 4, 'repeated'));
      const second = store.open(task(2));
      await second.keep(rowsOf(4, 5, 'next'));
      await second.keep(rowsOf(5, 6, 'next'));
      expect((await collect(store.rows([RUN], [counted(6)]))).map(({ message }) => message)).toEqual([
        'counted',
        'counted',
        'repeated',
        'repeated',
        'next',
        'next',
      ]);
    });

    it('puts the rows of a run behind those of the run that it took over', async () => {
      const store = await make();
      await store.open(task(1)).keep(rowsOf(0, 4, 'before'));
      await store.open(task(3, '00000', SUCCESSOR)).keep(rowsOf(2, 5, 'after'));
      const rows = await collect(store.rows([SUCCESSOR, RUN], [counted(5)]));
      expect(rows).toEqual([...rowsOf(0, 2, 'before'), ...rowsOf(2, 5, 'after')]);
      expect(await collect(store.rows([RUN], [counted(2)]))).toEqual(rowsOf(0, 2, 'before'));
    });

    it('keeps as many rows of a shard as it says, in any number of writes, and takes them in any size', async () => {
      const store = await make();
      const many = Math.min(store.maxRowsPerShard, 2_500);
      const sink = store.open(task(1));
      for (let from = 0; from < many; from += 700)
        await sink.keep(rowsOf(from, Math.min(many, from + 700), 'x'));
      expect(await collect(store.rows([RUN], [counted(many)]))).toEqual(rowsOf(0, many, 'x'));
    });

    it('may be read up to any place', async () => {
      const store = await make();
      await store.open(task(1)).keep(rowsOf(0, 9, 'x'));
      for await (const { ordinal } of store.rows([RUN], [counted(9)])) if (ordinal === 2) break;
      await store.close();
    });
  });
}
