/** One claimed shard, from its last checkpoint to its end or to the end of the slice. */
import type { Reader, Shard, Writer } from '../connectors/contract.ts';
import { asSyncError, type SyncError } from '../errors/index.ts';
import { backoffMs } from '../limits/backoff.ts';
import type { Pacer } from '../limits/pacer.ts';
import { type TransferEnd, transferShard, type Verdict } from '../transfer/transfer.ts';
import type { Durable } from './decide.ts';
import { judgeSoFar } from './dirty-limit.ts';
import type { DirtyStore } from './dirty-store.ts';
import { failRun, failRunIf, failureOf } from './drive.ts';
import { type EngineDeps, runFields, type Slice } from './engine.ts';
import { handBack } from './hand-back.ts';
import type { ChannelHolding, ShardHolding } from './holding.ts';
import type { DirtyRow, RunRow } from './model.ts';
import { readShards } from './shards.ts';

/** How it went: `next` = take another shard · `sliced` = out of time · `stop` = the run wants no more. */
export type MoveOutcome = 'next' | 'sliced' | 'stop';

/** What all shards of one invocation share. */
export interface Bench {
  readonly deps: EngineDeps;
  readonly run: RunRow;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly dirty: DirtyStore;
  readonly channel: ChannelHolding;
  readonly pacer: Pacer;
  readonly slice: Slice;
}

/** How often a holder looks whether others are idle, between two checkpoints by time. */
const LOOKS_PER_CHECKPOINT = 5;
/** Looks left out after one that led to nothing. */
const PATIENCE = 3;

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
      policy: policyOf(bench),
      hooks: watch,
      clock: deps.clock,
    });
    if (!end.complete) {
      await watch.putBack(end);
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

const policyOf = ({ run, dirty }: Bench): Parameters<typeof transferShard>[0]['policy'] => ({
  checkpointMs: run.options.checkpointMs,
  checkpointBytes: run.options.checkpointBytes,
  maxDirtyRows: dirty.maxRowsPerShard,
});

/** Answers the transfer: keeps both leases, stores positions, notices the end of the slice or of the run. */
class Watch {
  readonly #bench: Bench;
  readonly #holding: ShardHolding;
  stopped = false;
  #hungry = false;
  #lookMs: number;

  constructor(bench: Bench, holding: ShardHolding) {
    this.#bench = bench;
    this.#holding = holding;
    this.#lookMs = bench.deps.clock.monotonicMs() + this.#lookEveryMs;
  }

  async durable(durable: Durable, dirty: readonly DirtyRow[]): Promise<Verdict> {
    await this.#holding.checkpoint(durable, dirty);
    if (!(await this.runGoesOn(durable))) return 'stop';
    if (this.#hungry) await this.#feed();
    return shardOf(this.#holding);
  }

  /** At the end of a slice. If others are idle, who goes on with the shard need not take all of it. */
  async putBack({ progressed, durable, dirty }: TransferEnd): Promise<void> {
    if (!progressed) return this.#holding.release();
    if (!this.#hungry || this.stopped) return this.#holding.release(durable, dirty);
    await this.#holding.checkpoint(durable, dirty);
    await this.#feed();
    await this.#holding.release();
  }

  keepDirty(dirty: readonly DirtyRow[]): Promise<void> {
    return this.#holding.keepDirty(dirty);
  }

  async heartbeat(): Promise<boolean> {
    if (!this.#holding.fresh) await this.#holding.renew();
    if (!this.#bench.channel.fresh) await this.#bench.channel.renew(this.#bench.pacer);
    return this.#isAsked();
  }

  /**
   * Looks now and then whether idle channels ask for work; if so, a position is wanted to cut the shard at. A run that
   * is over asks for nothing: one that resumed it may have copied the shard before this claim, and in there the epoch
   * that names the pieces is given again.
   */
  async #isAsked(): Promise<boolean> {
    const { deps, run, reader } = this.#bench;
    if (reader.split === undefined || deps.clock.monotonicMs() < this.#lookMs) return false;
    this.#lookMs = deps.clock.monotonicMs() + this.#lookEveryMs;
    const row = (await deps.state.runs.get(run))?.value;
    this.#hungry = row?.state === 'RUNNING' && row.hungry === true;
    return this.#hungry;
  }

  /** A shard that is not slow yet, or cannot be cut, is left alone for a while. */
  async #feed(): Promise<void> {
    const { deps, run, reader } = this.#bench;
    const fed = await handBack(deps, run, reader, this.#holding);
    this.#lookMs = deps.clock.monotonicMs() + this.#lookEveryMs * (fed ? 1 : PATIENCE);
  }

  get #lookEveryMs(): number {
    return this.#bench.run.options.checkpointMs / LOOKS_PER_CHECKPOINT;
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
    this.#hungry = row?.hungry === true;
    return !this.stopped;
  }
}

/** The limit is over all shards together, so all are counted, but only when there is something to count. */
async function stopIfTooDirty(deps: EngineDeps, run: RunRow): Promise<void> {
  const shards = await readShards(deps, run);
  const dirty = shards.reduce((sum, shard) => sum + shard.counters.dirty, 0);
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
