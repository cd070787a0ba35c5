/**
 * One attempt at one shard: read, write, make durable, again and again. Knows no state store: what became
 * durable goes out through the hooks, in this order always: data first, then position.
 */
import type { Batch, Reader, RowFault, Shard, Sink, SinkState } from '../connectors/contract.ts';
import { SyncError } from '../errors/index.ts';
import type { Pacer } from '../limits/pacer.ts';
import type { Clock } from '../ports/index.ts';
import { addCounters } from '../run/counters.ts';
import type { Durable } from '../run/decide.ts';
import type { DirtyRow } from '../run/model.ts';
import { cellBytes, rowChecksum } from '../types/index.ts';
import { dirtyRow } from './dirty-rows.ts';
import { type KeptRows, keptRows } from './kept-rows.ts';
import { further, markOf, type Position } from './position.ts';
import { readAhead } from './read-ahead.ts';

/** When to make progress durable, and how much of the dirty rows to keep. */
export interface TransferPolicy {
  readonly checkpointMs: number;
  readonly checkpointBytes: number;
  readonly maxDirtyRows: number;
}

/** What the holder wants after a position became durable: to end here, or to go on, in this shard as it is now. */
export type Verdict = 'stop' | Shard;

/** The way back to the holder of the shard. Each may throw a FencedError: somebody else has the shard. */
export interface TransferHooks {
  /** A position became durable, with the dirty rows since the last one. */
  durable(durable: Durable, dirty: readonly DirtyRow[]): Promise<Verdict>;
  /** Stores dirty rows before anything counts them: the target's own transaction, or a later position. Repeatable. */
  keepDirty(dirty: readonly DirtyRow[]): Promise<void>;
  /** Called often; keeps the lease. True = make the position durable soon, there is something to decide. */
  heartbeat(): Promise<boolean>;
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
/** Refused rows that wait for the next position; more are kept at once, and their memory is free. */
const MAX_WAITING_ROWS = 1_000;

/** Moves the rows of a shard after `from` until the end, the end of the slice, or a stop. */
export const transferShard = (transfer: Transfer): Promise<TransferEnd> => new Attempt(transfer).run();

/** What is counted of a batch. */
interface Moved {
  readonly rows: number;
  readonly bytes: number;
  readonly checksum: string;
}

/** A batch that is ready for the sink. */
interface Prepared {
  readonly batch: Batch;
  readonly kept: KeptRows;
  readonly moved: Moved;
}

function prepared(batch: Batch): Prepared {
  const { block } = batch;
  const moved = { rows: block.rowCount, bytes: cellBytes(block), checksum: rowChecksum(block) };
  return { batch, kept: keptRows(batch), moved };
}

class Attempt {
  readonly #t: Transfer;
  #shard: Shard;
  #at: Position;
  #sinkState: SinkState | undefined;
  #dirty: DirtyRow[] = [];
  #bytesSince = 0;
  #rowsSince = 0;
  #checkpointedMs: number;
  #wanted = false;

  constructor(transfer: Transfer) {
    this.#t = transfer;
    this.#shard = transfer.shard;
    this.#at = further(transfer.from, transfer.sink.ahead);
    this.#rowsSince = this.#at.counters.read - transfer.from.counters.read;
    this.#sinkState = transfer.from.sink;
    this.#checkpointedMs = transfer.clock.monotonicMs();
  }

  /** Reads the shard again from the last position whenever it has become another one meanwhile. */
  async run(): Promise<TransferEnd> {
    for (;;) {
      const shard = this.#shard;
      const end = await this.#pass(shard);
      if (end !== 'again') return this.#end(end === 'complete');
    }
  }

  async #pass(shard: Shard): Promise<'complete' | 'stopped' | 'again'> {
    const { reader, hooks } = this.#t;
    for await (const coming of this.#prepared(reader.read(shard, this.#at.cursor))) {
      if (!(await this.#waitForShare())) return 'stopped';
      // Cut while waiting: the batch may belong to somebody else by now.
      if (this.#shard.range !== shard.range) return 'again';
      await this.#move(coming);
      coming.batch.release?.();
      if (hooks.mustStop()) return 'stopped';
      if (this.#due() && !(await this.#checkpoint())) return 'stopped';
      if (this.#shard.range !== shard.range) return 'again';
      this.#wanted = await hooks.heartbeat();
    }
    return 'complete';
  }

  /** The batches with what is counted of them; one ahead if the sink can do something with the next one meanwhile. */
  async *#prepared(batches: AsyncIterable<Batch>): AsyncGenerator<Prepared> {
    const { sink } = this.#t;
    if (sink.prepare) {
      yield* readAhead(batches, (batch) => {
        const coming = prepared(batch);
        sink.prepare?.(coming.kept.block);
        return coming;
      });
    } else for await (const batch of batches) yield prepared(batch);
  }

  async #move({ batch, kept, moved }: Prepared): Promise<void> {
    const { sink, hooks, pacer } = this.#t;
    const after = (faults: number): Position => this.#after(batch, moved, faults);
    const found = await sink.write(kept.block, async (refused) => {
      const all = kept.withFaults(refused);
      await hooks.keepDirty(this.#refused(batch, all));
      return markOf(after(all.length));
    });
    const faults = kept.withFaults(found);
    await this.#letWait(this.#refused(batch, faults));
    this.#at = after(faults.length);
    this.#bytesSince += moved.bytes;
    this.#rowsSince += moved.rows;
    pacer.pay(moved.rows, moved.bytes);
  }

  /** Lets refused rows wait for the position that counts them. */
  async #letWait(dirty: readonly DirtyRow[]): Promise<void> {
    for (const row of dirty) this.#dirty.push(row);
    if (this.#dirty.length < MAX_WAITING_ROWS) return;
    const waiting = this.#dirty;
    this.#dirty = [];
    await this.#t.hooks.keepDirty(waiting);
  }

  #after(batch: Batch, moved: Moved, faults: number): Position {
    const counters = addCounters(this.#at.counters, {
      read: moved.rows,
      written: moved.rows - faults,
      dirty: faults,
      bytes: moved.bytes,
      checksum: moved.checksum,
    });
    return { cursor: batch.cursor, counters };
  }

  #refused(batch: Batch, faults: readonly RowFault[]): DirtyRow[] {
    const first = this.#at.counters.dirty;
    const room = Math.max(0, this.#t.policy.maxDirtyRows - first);
    return faults.slice(0, room).map((fault, i) => dirtyRow(batch, fault, this.#t.shard.shardId, first + i));
  }

  /** Waits for the channel's share in naps, keeping the lease. False = the slice is over first, or a stop. */
  async #waitForShare(): Promise<boolean> {
    const { pacer, clock, hooks } = this.#t;
    for (let waitMs = pacer.waitMs; waitMs > 0; waitMs = pacer.waitMs) {
      if (hooks.mustStop()) return false;
      await clock.sleep(Math.min(waitMs, MAX_NAP_MS));
      this.#wanted = await hooks.heartbeat();
      if (this.#wanted && this.#rowsSince > 0 && this.#due() && !(await this.#checkpoint())) return false;
    }
    return true;
  }

  /** A source without positions has none to make durable before its end. */
  #due(): boolean {
    const { policy, clock } = this.#t;
    if (this.#at.cursor === undefined) return false;
    return (
      this.#wanted ||
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
    this.#wanted = false;
    this.#bytesSince = this.#rowsSince = 0;
    this.#checkpointedMs = this.#t.clock.monotonicMs();
    const verdict = await this.#t.hooks.durable(this.#position(), dirty);
    if (verdict === 'stop') return false;
    this.#shard = verdict;
    return true;
  }

  /** Ends the sink, unless nothing was written since the last position and more is to come. */
  async #end(complete: boolean): Promise<TransferEnd> {
    if (!complete && this.#rowsSince > 0 && this.#at.cursor === undefined) throw tooLong(this.#rowsSince);
    const progressed = this.#rowsSince > 0;
    if (complete || progressed) this.#sinkState = await this.#t.sink.finish();
    return { complete, progressed, durable: this.#position(), dirty: this.#dirty };
  }

  #position(): Durable {
    return { ...this.#at, sink: this.#sinkState };
  }
}

const tooLong = (rows: number): SyncError =>
  new SyncError('SRC-2009', 'config', 'the time was over in the middle of a shard that cannot be continued', {
    rows,
  });
