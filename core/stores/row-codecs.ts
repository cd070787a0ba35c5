/** Stored layouts of the state rows. A change of meaning raises the version; old ones stay readable. */
import type { ChannelRow, DirtyRow, RunRow, ShardRow } from '../run/model.ts';
import type { ActiveRow, JobRow } from '../run/state.ts';
import { defineCodec } from './codec.ts';

/** Layout 2 of run rows: `begun` must hold workers back. */
export const runCodec = defineCodec<RunRow>(2, {
  jobId: 'text',
  runId: 'text',
  state: 'text',
  job: 'json',
  options: 'json',
  scheduledMs: 'int',
  createdMs: 'int',
  endedMs: 'int',
  stop: 'text',
  drivenUntilMs: 'int',
  driveAttempts: 'int',
  plan: 'json',
  begun: 'bool',
  hungry: 'bool',
  failure: 'json',
  receipt: 'json',
  outputsHash: 'text',
  resumeOf: 'text',
  resumedBy: 'text',
  discarded: 'bool',
});

/** Layout 2 of shard rows: who does not know children would commit without them. */
export const shardCodec = defineCodec<ShardRow>(2, {
  shardId: 'text',
  range: 'text',
  state: 'text',
  epoch: 'int',
  owner: 'text',
  leaseUntilMs: 'int',
  notBeforeMs: 'int',
  attempts: 'int',
  retries: 'int',
  cursor: 'text',
  sink: 'text',
  outputEpoch: 'int',
  counters: 'json',
  estimatedRows: 'int',
  fault: 'json',
  claimedMs: 'int',
  doneMs: 'int',
  parent: 'text',
  movedTo: 'text',
  children: 'json',
});

/** Layout 1 of channel rows. */
export const channelCodec = defineCodec<ChannelRow>(1, {
  channel: 'int',
  epoch: 'int',
  owner: 'text',
  leaseUntilMs: 'int',
  paidUntilMs: 'int',
  idle: 'bool',
});

/** Layout 1 of the entries for the sweeper. */
export const activeCodec = defineCodec<ActiveRow>(1, { jobId: 'text', runId: 'text', sinceMs: 'int' });

/** Layout 1 of deployed jobs. */
export const jobCodec = defineCodec<JobRow>(1, { jobId: 'text', text: 'text', updatedMs: 'int' });

/**
 * Layout 2 of refused rows. Layout 1 had neither `cells` nor `rowBytes`: such rows are shown, but cannot be replayed.
 */
export const dirtyCodec = defineCodec<DirtyRow>(2, {
  shardId: 'text',
  ordinal: 'int',
  key: 'text',
  column: 'text',
  value: 'text',
  valueType: 'text',
  targetType: 'text',
  code: 'text',
  message: 'text',
  cells: 'json',
  rowBytes: 'int',
});
