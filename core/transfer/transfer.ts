/**
 * One attempt at one shard: read, write, make durable, again and again. Knows no state store: what became
 * durable goes out through the hooks, in this order always: data first, then position.
 */
import type { Batch, Cursor, Reader, Shard, Sink, SinkState } from '../connectors/contract.ts';
import type { Pacer } from '../limits/pacer.ts';
import type { Clock } from '../ports/index.ts';
import { addCounters, type Counters } from '../run/counters.ts';
import type { Durable } from '../run/decide.ts';
import type { DirtyRow } from '../run/model.ts';
import { cellBytes, rowChecksum } from '../types/index.ts';
import { dirtyRow } from './dirty-rows.ts';

/** When to make progress durable, and how much of the dirty rows to keep. */
export interface TransferPolicy {
  readonly checkpointMs: number;
  readonly checkpointBytes: number;
  readonly maxDirtyRows: number;
}

/** The way back to the holder of the shard. Each may throw a FencedError: somebody else has the shard. */
export interface TransferHooks {
  /** A position became durable, with the dirty rows since the last one. False = stop here. */
  durable(durable: Durable, dirty: readonly DirtyRow[]): Promise<boolean>;
  /** Called often; keeps the lease. */
  heartbeat(): Promise<void>;
  /** Whether the slice is over. */
  mustStop(): boolean;
}

/** What one attempt works with. */
export interface Transfer {
  readonly reader: Reader;
  readonly sink: Sink;
  readonly shard: Shard;
  readonly from: Durable;
  readonly pacer: Pacer;
  readonly policy: TransferPolicy;
  readonly hooks: TransferHooks;
  readonly clock: Clock;
}

/** How an attempt ended in good order: with all rows, or before the end of its time. Not yet checkpointed. */
export interface TransferEnd {
  readonly complete: boolean;
  /** Whether `durable` is further than the last position given to the hooks. */
  readonly progressed: boolean;
  readonly durable: Durable;
  readonly dirty: readonly DirtyRow[];
}

const MAX_NAP_MS = 1_000;

/** Moves the rows of a shard after `from` until the end, the end of the slice, or a stop. */
export const transferShard = (transfer: Transfer): Promise<TransferEnd> => new Attempt(transfer).run();

class Attempt {
  readonly #t: Transfer;
  #cursor: Cursor | undefined;
  #sinkState: SinkState | undefined;
  #counters: Counters;
  #dirty: DirtyRow[] = [];
  #bytesSince = 0;
  #rowsSince = 0;
  #checkpointedMs: number;

  constructor(transfer: Transfer) {
    this.#t = transfer;
    this.#cursor = transfer.from.cursor;
    this.#sinkState = transfer.from.sink;
    this.#counters = transfer.from.counters;
    this.#checkpointedMs = transfer.clock.monotonicMs();
  }

  async run(): Promise<TransferEnd> {
    const { reader, shard, from } = this.#t;
    for await (const batch of reader.read(shard, from.cursor)) {
      if (!(await this.#waitForShare())) return this.#end(false);
      await this.#move(batch);
      if (this.#t.hooks.mustStop()) return this.#end(false);
      if (this.#due() && !(await this.#checkpoint())) return this.#end(false);
      await this.#t.hooks.heartbeat();
    }
    return this.#end(true);
  }

  async #move(batch: Batch): Promise<void> {
    const { block } = batch;
    const faults = await this.#t.sink.write(block);
    for (const [i, fault] of faults.entries()) {
      const ordinal = this.#counters.dirty + i;
      if (ordinal < this.#t.policy.maxDirtyRows) {
        this.#dirty.push(dirtyRow(batch, fault, this.#t.shard.shardId, ordinal));
      }
    }
    const bytes = cellBytes(block);
    this.#counters = addCounters(this.#counters, {
      read: block.rowCount,
      written: block.rowCount - faults.length,
      dirty: faults.length,
      bytes,
      checksum: rowChecksum(block),
    });
    this.#cursor = batch.cursor;
    this.#bytesSince += bytes;
    this.#rowsSince += block.rowCount;
    this.#t.pacer.pay(block.rowCount, bytes);
  }

  /** Waits for the channel's share in naps, keeping the lease. False = the slice is over first. */
  async #waitForShare(): Promise<boolean> {
    const { pacer, clock, hooks } = this.#t;
    for (let waitMs = pacer.waitMs; waitMs > 0; waitMs = pacer.waitMs) {
      if (hooks.mustStop()) return false;
      await clock.sleep(Math.min(waitMs, MAX_NAP_MS));
      await hooks.heartbeat();
    }
    return true;
  }

  #due(): boolean {
    const { policy, clock } = this.#t;
    return (
      this.#bytesSince >= policy.checkpointBytes ||
      clock.monotonicMs() - this.#checkpointedMs >= policy.checkpointMs
    );
  }

  async #checkpoint(): Promise<boolean> {
    const state = await this.#t.sink.checkpoint();
    if (state === undefined) return true;
    this.#sinkState = state;
    const dirty = this.#dirty;
    this.#dirty = [];
    this.#bytesSince = this.#rowsSince = 0;
    this.#checkpointedMs = this.#t.clock.monotonicMs();
    return this.#t.hooks.durable(this.#position(), dirty);
  }

  /** Ends the sink, unless nothing was written since the last position and more is to come. */
  async #end(complete: boolean): Promise<TransferEnd> {
    const progressed = this.#rowsSince > 0;
    if (complete || progressed) this.#sinkState = await this.#t.sink.finish();
    return { complete, progressed, durable: this.#position(), dirty: this.#dirty };
  }

  #position(): Durable {
    return { cursor: this.#cursor, sink: this.#sinkState, counters: this.#counters };
  }
}
