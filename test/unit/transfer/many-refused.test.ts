import { expect, it } from 'vitest';
import type { Batch, Reader, RowFault, Sink } from '../../../core/connectors/contract.ts';
import { SyncError } from '../../../core/errors/index.ts';
import { Pacer } from '../../../core/limits/pacer.ts';
import { zeroCounters } from '../../../core/run/counters.ts';
import type { DirtyRow } from '../../../core/run/model.ts';
import { transferShard } from '../../../core/transfer/transfer.ts';
import { RowBlockBuilder } from '../../../core/types/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const ROWS = 600;
const BATCHES = 5;
const columns = [{ name: 'n', type: 'long' }] as const;

/** A batch whose rows are all refused by the source. */
function batch(): Batch {
  const builder = new RowBlockBuilder(columns);
  for (let row = 0; row < ROWS; row++) builder.add(BigInt(row));
  const error = new SyncError('CNV-3010', 'data', 'no number');
  const refused = Array.from(
    { length: ROWS },
    (_, row): RowFault => ({ row, column: 0, error, targetType: 'long' }),
  );
  return { block: builder.build(), keyOf: String, refused };
}

const reader: Reader = {
  columns: async () => columns,
  plan: async () => ({ columns, shards: [], notes: [], sourceTypes: [] }),
  async *read() {
    for (let i = 0; i < BATCHES; i++) yield batch();
  },
  close: async () => {},
};
const sink = {
  write: async () => [],
  checkpoint: async () => undefined,
  finish: async () => undefined,
} as unknown as Sink;

it('refused rows do not pile up where there is no position: they are kept in order, each once', async () => {
  const clock = new VirtualClock();
  const kept: DirtyRow[][] = [];
  const end = await transferShard({
    reader,
    sink,
    shard: { shardId: '00000', range: '' },
    from: { cursor: undefined, counters: zeroCounters, sink: undefined },
    pacer: new Pacer({}, 0, clock),
    policy: { checkpointMs: 1_000, checkpointBytes: 1_000_000, maxDirtyRows: Number.MAX_SAFE_INTEGER },
    hooks: {
      durable: async () => 'stop',
      keepDirty: async (rows) => void kept.push([...rows]),
      heartbeat: async () => false,
      mustStop: () => false,
    },
    clock,
  });
  expect(kept.map((rows) => rows.length)).toEqual([1_200, 1_200]);
  const ordinals = [...kept.flat(), ...end.dirty].map(({ ordinal }) => ordinal);
  expect(ordinals).toEqual(Array.from({ length: ROWS * BATCHES }, (_, i) => i));
  expect(end.durable.counters.dirty).toBe(ROWS * BATCHES);
});
