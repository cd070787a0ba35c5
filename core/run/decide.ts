/** Decisions of the run protocol. Pure: row and time in, next row out; callers do the conditional write. */
import type { Cursor, SinkState } from '../connectors/contract.ts';
import { AssertionError, type SyncError } from '../errors/index.ts';
import type { Counters } from './counters.ts';
import { type ChannelRow, type Failure, isTerminal, type RunRow, type ShardRow } from './model.ts';
import type { Change } from './state.ts';

/** Who wants a row, since when, and for how long. */
export interface Claimant {
  readonly owner: string;
  readonly nowMs: number;
  readonly leaseMs: number;
}

/** Outcome of asking for a shard. */
export type ShardClaim = 'claimed' | 'done' | 'held' | 'later' | 'moved' | 'used-up';

/**
 * May this claimant have the shard? A claim raises the epoch, which fences whoever held it before.
 * A lease that ran out, or a held shard found pending work, counts as one attempt.
 */
export function decideClaim(
  shard: ShardRow,
  who: Claimant,
  maxAttempts: number,
): Change<ShardRow, ShardClaim> {
  switch (shard.state) {
    case 'DONE':
      return { result: 'done' };
    case 'LEASED':
      if (who.nowMs < shard.leaseUntilMs) return { result: 'held' };
      break;
    case 'PENDING':
      if (who.nowMs < shard.notBeforeMs) return { result: 'later' };
      break;
    default:
      return shard.state satisfies never;
  }
  if (shard.movedTo !== undefined) return { result: 'moved' };
  const crashed = shard.state === 'LEASED';
  const attempts = shard.attempts + (crashed ? 1 : 0);
  if (attempts >= maxAttempts) return { result: 'used-up' };
  return {
    result: 'claimed',
    next: {
      ...shard,
      state: 'LEASED',
      epoch: shard.epoch + 1,
      owner: who.owner,
      leaseUntilMs: who.nowMs + who.leaseMs,
      claimedMs: shard.claimedMs ?? who.nowMs,
      attempts,
      retries: shard.retries + (crashed ? 1 : 0),
    },
  };
}

/** May this claimant have the channel? */
export function decideChannel(row: ChannelRow, who: Claimant): Change<ChannelRow, 'claimed' | 'held'> {
  if (row.owner !== '' && who.nowMs < row.leaseUntilMs) return { result: 'held' };
  const leaseUntilMs = who.nowMs + who.leaseMs;
  return {
    result: 'claimed',
    next: { ...row, epoch: row.epoch + 1, owner: who.owner, leaseUntilMs, idle: false },
  };
}

/** Position of a shard that has become durable. */
export interface Durable {
  readonly cursor: Cursor | undefined;
  readonly sink: SinkState | undefined;
  readonly counters: Counters;
}

/** Whether the holder of `epoch` still holds the shard. */
export const holds = (shard: ShardRow, epoch: number, owner: string): boolean =>
  shard.state === 'LEASED' && shard.epoch === epoch && shard.owner === owner;

/** The shard after a checkpoint by its holder. Progress clears the attempts. */
export function checkpointed(shard: ShardRow, durable: Durable, leaseUntilMs: number): ShardRow {
  assertForward(shard, durable);
  const { cursor: _cursor, sink: _sink, fault: _fault, ...rest } = shard;
  return {
    ...rest,
    ...(durable.cursor === undefined ? {} : { cursor: durable.cursor }),
    ...(durable.sink === undefined ? {} : { sink: durable.sink }),
    counters: durable.counters,
    outputEpoch: shard.epoch,
    attempts: 0,
    leaseUntilMs,
  };
}

/** The shard put back by its holder, to be taken by anybody. */
export const released = (shard: ShardRow): ShardRow => ({
  ...shard,
  state: 'PENDING',
  owner: '',
  leaseUntilMs: 0,
  notBeforeMs: 0,
});

/** The shard closed in a failed run, for the run that takes it over: its holder is fenced, and nobody follows. */
export function moved(shard: ShardRow, successor: string): Change<ShardRow, void> {
  if (shard.state === 'DONE' || shard.movedTo !== undefined) return { result: undefined };
  return {
    result: undefined,
    next: { ...released(shard), epoch: shard.epoch + 1, movedTo: successor },
  };
}

/** The shard put back after a fault: throttling is patience, anything else is an attempt. */
export function faulted(shard: ShardRow, error: SyncError, notBeforeMs: number): ShardRow {
  const attempt = error.kind === 'throttled' ? 0 : 1;
  const fault: Failure = { code: error.code, message: error.message, shardId: shard.shardId };
  return {
    ...released(shard),
    notBeforeMs,
    fault,
    attempts: shard.attempts + attempt,
    retries: shard.retries + attempt,
  };
}

/** The shard with all of its rows durable. */
export const done = (shard: ShardRow, durable: Durable, nowMs: number): ShardRow => ({
  ...checkpointed(shard, durable, 0),
  state: 'DONE',
  owner: '',
  doneMs: nowMs,
});

/** The run failed, unless it is over already. */
export function failed(run: RunRow, failure: Failure, nowMs: number): Change<RunRow, boolean> {
  if (isTerminal(run.state)) return { result: false };
  return { result: true, next: { ...run, state: 'FAILED', failure, endedMs: nowMs } };
}

/** Counters never fall: a checkpoint that goes backwards is a defect. */
function assertForward(shard: ShardRow, durable: Durable): void {
  if (durable.counters.read < shard.counters.read) {
    throw new AssertionError('a checkpoint would go backwards', { shardId: shard.shardId });
  }
}
