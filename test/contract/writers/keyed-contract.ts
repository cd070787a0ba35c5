/** What every target must do whose rows are stored by key: writing them again changes nothing. */
import { describe, expect, it } from 'vitest';
import type { RunRef, Sink, SinkState, Writer } from '../../../core/connectors/contract.ts';
import { type CellValue, type Column, type RowBlock, RowBlockBuilder } from '../../../core/types/index.ts';
import { writeOnce } from '../../support/spent-block.ts';

/** How a process dies at a call: before or after its effect. */
export type Death = 'before' | 'after';

/** One target, empty at first. */
export interface KeyedHarness extends AsyncDisposable {
  /** A further writer of the same target; `signal` ends its process. */
  open(signal?: AbortSignal): Writer;
  /** The rows that stand there as `id:text:n`, in key order. */
  rows(): Promise<readonly string[]>;
  /** Calls that write, from now on. */
  countCalls(): () => number;
  /** The process behind `end` dies at the nth writing call from now (0 = the next), and with it the connection. */
  dieAt(call: number, how: Death, end: AbortController): void;
}

/** Columns of the rows of the suite. */
export const keyedColumns: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'text', type: 'string' },
  { name: 'n', type: 'long' },
];

const BLOCK = 25;
const ROWS = 100;
const run: RunRef = { jobId: 'job', runId: 'job-20240203T040506' };
/** Every tenth row has no text. */
const rowOf = (id: number): readonly CellValue[] => [
  BigInt(id),
  id % 10 === 9 ? null : `row ${id} 'ü'`,
  BigInt(id * id),
];
const expected = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) =>
    rowOf(from + i)
      .map(String)
      .join(':'),
  );

function blockOf(from: number, to: number): RowBlock {
  const builder = new RowBlockBuilder(keyedColumns);
  for (let id = from; id < to; id++) builder.addRow(rowOf(id));
  return builder.build();
}

const open = (writer: Writer, epoch: number, prior?: SinkState): Promise<Sink> =>
  writer.open({ ...run, shardId: '00000', epoch }, keyedColumns, prior);

interface Progress {
  readonly rows: number;
  readonly state: SinkState | undefined;
}

/** Writes block after block with a checkpoint after each, and tells how far it is. */
async function writeFrom(sink: Sink, from: number, note: (progress: Progress) => void): Promise<SinkState> {
  for (let at = from; at < ROWS; at += BLOCK) {
    expect(await writeOnce(sink, blockOf(at, at + BLOCK))).toEqual([]);
    note({ rows: at + BLOCK, state: await sink.checkpoint() });
  }
  return sink.finish();
}

const nothing: Progress = { rows: 0, state: undefined };
const rowsIn = (state: SinkState): unknown => (JSON.parse(state) as { rows?: unknown }).rows;

/** The suite of a target. */
export function describeKeyedContract(name: string, start: () => Promise<KeyedHarness>): void {
  describe(`writer contract of keyed rows: ${name}`, () => {
    it('has neither gaps nor other rows when it dies at any call and another attempt goes on', async () => {
      await using measured = await start();
      const calls = measured.countCalls();
      const sink = await open(measured.open(), 1);
      await writeFrom(sink, 0, () => undefined);
      expect(calls()).toBeGreaterThan(3);
      for (const how of ['before', 'after'] as const) {
        for (let call = 0; call < calls(); call++) {
          await using harness = await start();
          const state = await dieAndGoOn(harness, call, how);
          expect(rowsIn(state), `died ${how} call ${call}`).toBe(ROWS);
          expect(await harness.rows(), `died ${how} call ${call}`).toEqual(expected(0, ROWS));
        }
      }
    });

    it('resumes from every checkpoint with exactly the rows after it', async () => {
      for (let stop = BLOCK; stop < ROWS; stop += BLOCK) {
        await using harness = await start();
        const first = await open(harness.open(), 1);
        await writeOnce(first, blockOf(0, stop));
        const state = await first.checkpoint();
        await first.write(blockOf(stop, stop + BLOCK));
        await first.close();
        const second = await open(harness.open(), 2, state);
        expect(rowsIn(await writeFrom(second, stop, () => undefined))).toBe(ROWS);
        expect(await harness.rows()).toEqual(expected(0, ROWS));
      }
    });

    it('is not harmed by one that was replaced and wakes up, also after the commit', async () => {
      await using harness = await start();
      const zombie = await open(harness.open(), 1);
      await zombie.write(blockOf(0, 50));
      const heir = await open(harness.open(), 2);
      const heirs = heir.write(blockOf(0, ROWS));
      await zombie.write(blockOf(50, 75));
      await heirs;
      const writer = harness.open();
      await writer.commit(run, [{ shardId: '00000', epoch: 2, state: await heir.finish() }]);
      await zombie.write(blockOf(75, ROWS));
      await zombie.finish();
      expect(await harness.rows()).toEqual(expected(0, ROWS));
    });

    it('takes prepare and commit again, and two at once, without another effect', async () => {
      await using harness = await start();
      const writer = harness.open();
      await writer.prepare(run, keyedColumns);
      const state = await writeFrom(await open(writer, 1), 0, () => undefined);
      await writer.prepare(run, keyedColumns);
      const outputs = [{ shardId: '00000', epoch: 1, state }];
      const [first, second] = await Promise.all([
        writer.commit(run, outputs),
        harness.open().commit(run, outputs),
      ]);
      expect(second).toEqual(first);
      expect(first.bytes).toBeGreaterThan(0);
      expect(await harness.rows()).toEqual(expected(0, ROWS));
    });

    it('leaves rows where they are when a run is discarded', async () => {
      await using harness = await start();
      const writer = harness.open();
      await (await open(writer, 1)).write(blockOf(0, BLOCK));
      await writer.discard(run);
      await writer.discard(run);
      expect(await harness.rows()).toEqual(expected(0, BLOCK));
    });

    it('accepts shards without rows, and blocks without rows', async () => {
      await using harness = await start();
      const writer = harness.open();
      const sink = await open(writer, 1);
      expect(await sink.write(blockOf(0, 0))).toEqual([]);
      const state = await sink.finish();
      expect(rowsIn(state)).toBe(0);
      await writer.commit(run, [{ shardId: '00000', epoch: 1, state }]);
      expect(await harness.rows()).toEqual([]);
    });
  });
}

/** An attempt that dies, and one that goes on from what the first had noted. */
async function dieAndGoOn(harness: KeyedHarness, call: number, how: Death): Promise<SinkState> {
  const end = new AbortController();
  let noted = nothing;
  const doomed = harness.open(end.signal);
  const sink = await open(doomed, 1);
  harness.dieAt(call, how, end);
  const attempt = writeFrom(sink, 0, (progress) => {
    noted = progress;
  });
  await expect(attempt).rejects.toThrow();
  const heir = await open(harness.open(), 2, noted.state);
  return writeFrom(heir, noted.rows, () => undefined);
}
