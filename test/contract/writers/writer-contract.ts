import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type {
  RunRef,
  ShardOutput,
  Sink,
  SinkState,
  TaskRef,
  Writer,
} from '../../../core/connectors/contract.ts';
import { type CellValue, type Column, type RowBlock, RowBlockBuilder } from '../../../core/types/index.ts';
import { writeOnce } from '../../support/spent-block.ts';

/** What a fault does to the calls that match it, in the words of the target under test. */
export interface FaultSwitch {
  /** The next calls of the commit have their effect, but their answers never arrive. */
  loseCommitAnswers(times: number): void;
  /** Calls are refused for a while, as if the target were overloaded. */
  refuseSome(times: number): void;
}

/** One target, empty at first, with a writer for it. */
export interface WriterHarness {
  /** A further writer of the same target: another process would have its own. */
  open(): Writer;
  /** Every row that a reader of the target sees now, as text cells, in any order. */
  visibleRows(): Promise<readonly (readonly string[])[]>;
  readonly faults?: FaultSwitch;
  close(): Promise<void>;
}

/** Columns of the suite's rows. */
export const contractColumns: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'text', type: 'string' },
];

/** Rows wide enough, even compressed, that some hundreds of them can be made durable by any target. */
const rowOf = (id: number): readonly CellValue[] => [BigInt(id), textOf(id)];
const textOf = (id: number): string =>
  Array.from({ length: 20 }, (_, i) => createHash('sha256').update(`${id}/${i}`).digest('base64')).join('');

function blockOf(from: number, to: number): RowBlock {
  const builder = new RowBlockBuilder(contractColumns);
  for (let id = from; id < to; id++) builder.addRow(rowOf(id));
  return builder.build();
}

const run: RunRef = { jobId: 'job', runId: 'job-20240203T040506' };
const task = (shardId: string, epoch: number): TaskRef => ({ ...run, shardId, epoch });

/** The ids of rows in order; a row whose text is not that of its id shows as `damaged`. */
const sorted = (rows: readonly (readonly string[])[]): string[] =>
  rows.map(([id = '', text]) => (text === textOf(Number(id)) ? id.padStart(5, '0') : `damaged ${id}`)).sort();
const rowsOf = ([from, to]: readonly [number, number]): string[] =>
  Array.from({ length: to - from }, (_, i) => String(from + i).padStart(5, '0'));

/** Rows 0..ROWS in shards of SHARD_ROWS. */
const ROWS = 900;
const SHARD_ROWS = 300;

/**
 * What every writer of delivery `atomic` must do. `make` gives an empty target; `reopen` in the suite stands for
 * another process that knows only what the state store would.
 */
export function describeWriterContract(name: string, make: () => Promise<WriterHarness>): void {
  describe(`writer contract: ${name}`, () => {
    const open: { close(): Promise<void> }[] = [];
    const start = async (): Promise<WriterHarness> => {
      const harness = await make();
      open.push(harness);
      return harness;
    };
    const writerOf = (harness: WriterHarness): Writer => {
      const writer = harness.open();
      open.push(writer);
      return writer;
    };
    afterEach(async () => {
      for (const item of open.splice(0).reverse()) await item.close();
    });

    /** Writes a shard whole. */
    const writeShard = async (writer: Writer, index: number, epoch = 1): Promise<ShardOutput> => {
      const shardId = String(index).padStart(5, '0');
      const sink = await writer.open(task(shardId, epoch), contractColumns, undefined);
      expect(await writeOnce(sink, blockOf(index * SHARD_ROWS, (index + 1) * SHARD_ROWS))).toEqual([]);
      const state = await sink.finish();
      await sink.close();
      return { shardId, epoch, state };
    };
    const writeAll = async (writer: Writer): Promise<ShardOutput[]> => {
      const outputs: ShardOutput[] = [];
      for (let i = 0; i < ROWS / SHARD_ROWS; i++) outputs.push(await writeShard(writer, i));
      return outputs;
    };

    it('shows nothing before the commit and every row after it', async () => {
      const harness = await start();
      const writer = writerOf(harness);
      await writer.prepare(run, contractColumns);
      const outputs = await writeAll(writer);
      expect(await harness.visibleRows()).toEqual([]);
      const receipt = await writer.commit(run, outputs);
      expect(sorted(await harness.visibleRows())).toEqual(rowsOf([0, ROWS]));
      expect(receipt.objects).toBeGreaterThan(0);
      expect(receipt.bytes).toBeGreaterThan(ROWS * 500);
    });

    it('takes prepare, commit and discard again without another effect', async () => {
      const harness = await start();
      const writer = writerOf(harness);
      await writer.prepare(run, contractColumns);
      await writer.prepare(run, contractColumns);
      const outputs = await writeAll(writer);
      const first = await writer.commit(run, outputs);
      const again = writerOf(harness);
      await again.prepare(run, contractColumns);
      expect(await again.commit(run, outputs.toReversed())).toEqual(first);
      await again.discard(run);
      await again.discard(run);
      expect(sorted(await harness.visibleRows())).toEqual(rowsOf([0, ROWS]));
    });

    it('gives the same result when two commit at once', async () => {
      const harness = await start();
      const outputs = await writeAll(writerOf(harness));
      const receipts = await Promise.all(
        [writerOf(harness), writerOf(harness), writerOf(harness)].map((writer) =>
          writer.commit(run, outputs),
        ),
      );
      expect(receipts[1]).toEqual(receipts[0]);
      expect(receipts[2]).toEqual(receipts[0]);
      expect(sorted(await harness.visibleRows())).toEqual(rowsOf([0, ROWS]));
    });

    it('leaves nothing after discard, also when it is repeated', async () => {
      const harness = await start();
      const writer = writerOf(harness);
      const outputs = await writeAll(writer);
      await writer.discard(run);
      await writer.discard(run);
      expect(await harness.visibleRows()).toEqual([]);
      await expect(writer.commit(run, outputs)).rejects.toMatchObject({
        code: expect.stringMatching(/^DST-/),
      });
      expect(await harness.visibleRows()).toEqual([]);
    });

    it('resumes from every checkpoint with exactly the rows after it', async () => {
      const stops = await checkpointsOf(writerOf(await start()), 150);
      expect(stops.length).toBeGreaterThan(1);
      for (const rows of stops) {
        const harness = await start();
        const output = await resumed(writerOf(harness), rows);
        await writerOf(harness).commit(run, [output]);
        expect(sorted(await harness.visibleRows())).toEqual(rowsOf([0, ROWS]));
      }
    });

    it('continues after a checkpoint in a later epoch and ignores what the earlier one wrote since', async () => {
      const harness = await start();
      const zombieWriter = writerOf(harness);
      const zombie = await zombieWriter.open(task('00000', 1), contractColumns, undefined);
      await zombie.write(blockOf(0, 400));
      const durable = (await zombie.checkpoint()) as SinkState;
      expect(durable).toBeDefined();
      await zombie.write(blockOf(400, 600));
      const writer = writerOf(harness);
      const heir = await writer.open(task('00000', 2), contractColumns, durable);
      await heir.write(blockOf(400, 500));
      await zombie.checkpoint();
      await heir.write(blockOf(500, ROWS));
      const state = await heir.finish();
      await zombie.write(blockOf(600, 700));
      await zombie.finish();
      await writer.commit(run, [{ shardId: '00000', epoch: 2, state }]);
      expect(sorted(await harness.visibleRows())).toEqual(rowsOf([0, ROWS]));
      await expect(afterCommit(zombieWriter)).resolves.toBeUndefined();
      expect(sorted(await harness.visibleRows())).toEqual(rowsOf([0, ROWS]));
    });

    it('keeps each state valid while later ones are made', async () => {
      const harness = await start();
      const writer = writerOf(harness);
      const sink = await writer.open(task('00000', 1), contractColumns, undefined);
      await sink.write(blockOf(0, 300));
      const early = (await sink.checkpoint()) as SinkState;
      await sink.write(blockOf(300, 600));
      await sink.finish();
      const heir = await writer.open(task('00000', 2), contractColumns, early);
      await heir.write(blockOf(300, ROWS));
      await writer.commit(run, [{ shardId: '00000', epoch: 2, state: await heir.finish() }]);
      expect(sorted(await harness.visibleRows())).toEqual(rowsOf([0, ROWS]));
    });

    it('accepts shards without rows', async () => {
      const harness = await start();
      const writer = writerOf(harness);
      const sink = await writer.open(task('00000', 1), contractColumns, undefined);
      const output = { shardId: '00000', epoch: 1, state: await sink.finish() };
      await writer.commit(run, [output]);
      await writer.commit(run, [output]);
      expect(await harness.visibleRows()).toEqual([]);
    });

    it('commits though answers are lost', async () => {
      const harness = await start();
      if (!harness.faults) return;
      const outputs = await writeAll(writerOf(harness));
      harness.faults.loseCommitAnswers(5);
      const first = await writerOf(harness).commit(run, outputs);
      harness.faults.loseCommitAnswers(5);
      expect(await writerOf(harness).commit(run, outputs)).toEqual(first);
      expect(sorted(await harness.visibleRows())).toEqual(rowsOf([0, ROWS]));
    });

    it('rides out refusals while writing and committing', async () => {
      const harness = await start();
      if (!harness.faults) return;
      harness.faults.refuseSome(6);
      const outputs = await writeAll(writerOf(harness));
      harness.faults.refuseSome(6);
      await writerOf(harness).commit(run, outputs);
      expect(sorted(await harness.visibleRows())).toEqual(rowsOf([0, ROWS]));
    });
  });
}

/** A zombie that begins again after the commit. Whether it faults or not, it must not be seen. */
async function afterCommit(writer: Writer): Promise<void> {
  let sink: Sink | undefined;
  try {
    sink = await writer.open(task('00000', 1), contractColumns, undefined);
    await sink.write(blockOf(0, 200));
    await sink.finish();
  } finally {
    await sink?.close();
  }
}

/** After how many rows one attempt could be checkpointed. */
async function checkpointsOf(writer: Writer, step: number): Promise<number[]> {
  const stops: number[] = [];
  const sink = await writer.open(task('00000', 1), contractColumns, undefined);
  for (let from = 0; from < ROWS; from += step) {
    await sink.write(blockOf(from, from + step));
    if ((await sink.checkpoint()) !== undefined) stops.push(from + step);
  }
  await sink.close();
  return stops;
}

/** A shard whose first attempt stops after a checkpoint at `rows`, having written more, and whose second goes on. */
async function resumed(writer: Writer, rows: number): Promise<ShardOutput> {
  const first = await writer.open(task('00000', 1), contractColumns, undefined);
  await first.write(blockOf(0, rows));
  const state = await first.checkpoint();
  expect(state).toBeDefined();
  await first.write(blockOf(rows, rows + 100));
  await first.close();
  const second = await writer.open(task('00000', 2), contractColumns, state);
  await second.write(blockOf(rows, ROWS));
  return { shardId: '00000', epoch: 2, state: await second.finish() };
}
