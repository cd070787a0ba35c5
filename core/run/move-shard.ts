/** One claimed shard, from its last checkpoint to its end or to the end of the slice. */
import type { Reader, Shard, Writer } from '../connectors/contract.ts';
import { asSyncError, type SyncError } from '../errors/index.ts';
import { backoffMs } from '../limits/backoff.ts';
import type { Pacer } from '../limits/pacer.ts';
import { transferShard, type Verdict } from '../transfer/transfer.ts';
import type { Durable } from './decide.ts';
import { judgeSoFar } from './dirty-limit.ts';
import { failRun, failRunIf, failureOf } from './drive.ts';
import { type EngineDeps, runFields, type Slice } from './engine.ts';
import type { ChannelHolding, ShardHolding } from './holding.ts';
import type { DirtyRow, RunRow } from './model.ts';

/** How it went: `next` = take another shard · `sliced` = out of time · `stop` = the run wants no more. */
export type MoveOutcome = 'next' | 'sliced' | 'stop';

/** What all shards of one invocation share. */
export interface Bench {
  readonly deps: EngineDeps;
  readonly run: RunRow;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly channel: ChannelHolding;
  readonly pacer: Pacer;
  readonly slice: Slice;
}

const RETRY_BASE_MS = 500;
const RETRY_CAP_MS = 30_000;

/** Moves the shard; every fault is settled here, in the shard's row or the run's. */
export async function moveShard(bench: Bench, holding: ShardHolding): Promise<MoveOutcome> {
  try {
    return await attempt(bench, holding);
  } catch (error) {
    return settle(bench, holding, asSyncError(error));
  }
}

async function attempt(bench: Bench, holding: ShardHolding): Promise<MoveOutcome> {
  const { run, writer, deps } = bench;
  const { shardId, epoch, cursor, sink: prior, counters } = holding.row;
  const columns = run.plan?.columns ?? [];
  const sink = await writer.open({ jobId: run.jobId, runId: run.runId, shardId, epoch }, columns, prior);
  try {
    const from: Durable = { cursor, sink: prior, counters };
    const watch = new Watch(bench, holding);
    const end = await transferShard({
      reader: bench.reader,
      sink,
      shard: shardOf(holding),
      from,
      pacer: bench.pacer,
      policy: policyOf(run),
      hooks: watch,
      clock: deps.clock,
    });
    if (!end.complete) {
      await holding.release(end.progressed ? end.durable : undefined, end.dirty);
      return watch.stopped ? 'stop' : 'sliced';
    }
    await holding.complete(end.durable, end.dirty);
    return (await watch.runGoesOn(end.durable)) ? 'next' : 'stop';
  } finally {
    await sink.close();
  }
}

const shardOf = (holding: ShardHolding): Shard => ({
  shardId: holding.row.shardId,
  range: holding.row.range,
});

const policyOf = (run: RunRow): Parameters<typeof transferShard>[0]['policy'] => ({
  checkpointMs: run.options.checkpointMs,
  checkpointBytes: run.options.checkpointBytes,
  maxDirtyRows: run.options.maxDirtyRowsPerShard,
});

/** Answers the transfer: keeps both leases, stores positions, notices the end of the slice or of the run. */
class Watch {
  readonly #bench: Bench;
  readonly #holding: ShardHolding;
  stopped = false;

  constructor(bench: Bench, holding: ShardHolding) {
    this.#bench = bench;
    this.#holding = holding;
  }

  async durable(durable: Durable, dirty: readonly DirtyRow[]): Promise<Verdict> {
    await this.#holding.checkpoint(durable, dirty);
    return (await this.runGoesOn(durable)) ? shardOf(this.#holding) : 'stop';
  }

  keepDirty(dirty: readonly DirtyRow[]): Promise<void> {
    return this.#holding.keepDirty(dirty);
  }

  async heartbeat(): Promise<boolean> {
    if (!this.#holding.fresh) await this.#holding.renew();
    if (!this.#bench.channel.fresh) await this.#bench.channel.renew(this.#bench.pacer);
    return false;
  }

  mustStop(): boolean {
    return this.#bench.slice.timeLeftMs() <= 0;
  }

  /** Looks at the run: paused, canceled, failed elsewhere, or over its dirty limit. */
  async runGoesOn(durable: Durable): Promise<boolean> {
    const { deps, run } = this.#bench;
    if (durable.counters.dirty > 0) await stopIfTooDirty(deps, run);
    const row = (await deps.state.runs.get(run))?.value;
    this.stopped = row?.state !== 'RUNNING' || row.stop !== 'none';
    return !this.stopped;
  }
}

/** The limit is over all shards together, so all are counted, but only when there is something to count. */
async function stopIfTooDirty(deps: EngineDeps, run: RunRow): Promise<void> {
  const shards = await deps.state.listShards(run, run.plan?.planId ?? '');
  const dirty = shards.reduce((sum, shard) => sum + shard.value.counters.dirty, 0);
  await failRunIf(deps, run, 'RUNNING', (row) => judgeSoFar(row.job.setting.errorLimit, dirty));
}

/**
 * conflict: somebody else has the shard, go on elsewhere, or the channel, let go of both · retryable: put back
 * with patience · anything else: no attempt can mend it, the run fails now.
 */
async function settle(bench: Bench, holding: ShardHolding, fault: SyncError): Promise<MoveOutcome> {
  const { deps, run } = bench;
  const { shardId, attempts } = holding.row;
  const fields = {
    ...runFields(run),
    shard: shardId,
    code: fault.code,
    kind: fault.kind,
    fault: fault.message,
  };
  deps.log.warn('attempt at a shard ended', fields);
  if (fault.kind === 'conflict') return bench.channel.lost ? putBack(holding, 'stop') : 'next';
  if (bench.slice.signal.aborted) return putBack(holding, 'sliced');
  if (!fault.retryable) {
    // Who was replaced meanwhile has no say about the run.
    if (!(await letGo(holding))) return 'next';
    await failRun(deps, run, failureOf(fault, shardId), 'RUNNING');
    return 'stop';
  }
  const waitMs = backoffMs(attempts, { baseMs: RETRY_BASE_MS, capMs: RETRY_CAP_MS }, deps.random);
  try {
    await holding.fail(fault, deps.clock.nowMs() + waitMs);
  } catch (error) {
    if (asSyncError(error).kind !== 'conflict') throw error;
  }
  return 'next';
}

async function putBack(holding: ShardHolding, outcome: MoveOutcome): Promise<MoveOutcome> {
  await letGo(holding);
  return outcome;
}

/** Puts the shard back; false if it was no longer ours. */
async function letGo(holding: ShardHolding): Promise<boolean> {
  try {
    await holding.release();
    return true;
  } catch (error) {
    if (asSyncError(error).kind !== 'conflict') throw error;
    return false;
  }
}
