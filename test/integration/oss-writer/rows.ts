import { createHash } from 'node:crypto';
import type { ShardOutput, SinkState, TaskRef, Writer } from '../../../core/connectors/contract.ts';
import { type CellValue, type Column, type RowBlock, RowBlockBuilder } from '../../../core/types/index.ts';

export const run = { jobId: 'job', runId: 'r1' };
export const columns: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'text', type: 'string' },
];

export const task = (shardId = '00000', epoch = 1, of = run): TaskRef => ({ ...of, shardId, epoch });

/** Text of `length` characters that does not compress. */
export const noise = (id: number, length: number): string => {
  let text = '';
  for (let i = 0; text.length < length; i++) {
    text += createHash('sha256').update(`${id}/${i}`).digest('base64');
  }
  return text.slice(0, length);
};

export function blockOf(rows: readonly (readonly CellValue[])[]): RowBlock {
  const builder = new RowBlockBuilder(columns);
  for (const row of rows) builder.addRow(row);
  return builder.build();
}

export const noisyRows = (from: number, to: number, length: number): CellValue[][] =>
  Array.from({ length: to - from }, (_, i) => [BigInt(from + i), noise(from + i, length)]);

/** Writes rows as one shard, without committing. */
export async function writeShard(
  writer: Writer,
  rows: readonly (readonly CellValue[])[],
  of: TaskRef = task(),
  prior?: SinkState,
): Promise<ShardOutput> {
  const sink = await writer.open(of, columns, prior);
  if (rows.length > 0) await sink.write(blockOf(rows));
  const state = await sink.finish();
  await sink.close();
  return { shardId: of.shardId, epoch: of.epoch, state };
}
