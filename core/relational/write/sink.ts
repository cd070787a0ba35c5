/** One attempt's rows for one shard: a transaction per block, with the mark of the block inside where a ledger is kept. */
import type { ConnectorContext, Mark, RowFault, Settle, Sink, SinkState } from '../../connectors/contract.ts';
import { describeTarget } from '../../convert/index.ts';
import { asSyncError, assert, FencedError, SyncError } from '../../errors/index.ts';
import { type RetryPolicy, withRetry } from '../../limits/retry.ts';
import type { RowBlock, TaskRef } from '../../types/index.ts';
import { loadBisecting, type Refusal, RefusedRow } from './bisect.ts';
import type { EncodedColumn } from './encoded-column.ts';
import { type BatchLimits, batchesOf, EncodedRows } from './encoded-rows.ts';
import { type Fence, fenceOf } from './fence.ts';
import type { Ledger } from './ledger.ts';
import type { RowEncoder } from './row-encoder.ts';
import type { RowLoader, WriteSession } from './session.ts';
import { decodeCounts, encodeCounts, type LoadedCounts } from './sink-state.ts';

/** How patiently a block is written again after the connection or its transaction was lost. */
const BLOCK_RETRY: RetryPolicy = {
  baseMs: 100,
  capMs: 5_000,
  maxAttempts: 6,
  kinds: ['transient', 'throttled', 'unknown'],
};

const SAVEPOINT = 'millrace_batch';

/** What a sink works with. */
export interface SinkParts {
  readonly task: TaskRef;
  readonly prior: SinkState | undefined;
  readonly context: ConnectorContext;
  readonly columns: readonly EncodedColumn[];
  readonly encoder: RowEncoder;
  readonly limits: BatchLimits;
  /** Whether the engine can take a block back that was refused: else rows are never written on trial. */
  readonly rollsBack: boolean;
  /** Absent = blocks are written without a trace; a repeated block is repeated in the target. */
  readonly ledger: Ledger | undefined;
  /** A new connection that others can find by `name`. */
  connect(name: string): Promise<WriteSession>;
  loader(session: WriteSession): Promise<RowLoader>;
  /** Ends the connection of that name if it still stands; best effort. */
  evict(session: WriteSession, name: string): Promise<void>;
}

interface Link {
  readonly session: WriteSession;
  readonly loader: RowLoader;
  readonly fence: Fence;
}

/** A block in the form of the target. */
interface EncodedBlock {
  readonly block: RowBlock;
  readonly rows: EncodedRows;
  readonly castFaults: readonly RowFault[];
}

/** A block whose COMMIT was sent and not yet answered. */
interface InDoubt {
  readonly mark: Mark;
  readonly refusals: readonly RowFault[];
  readonly counts: LoadedCounts;
}

/** Writes blocks to a relational table. Without a ledger a sink is durable after every block all the same. */
export class RelationalSink implements Sink {
  /** The mark that stood in the ledger when this attempt began. */
  ahead?: Mark;
  readonly #parts: SinkParts;
  #link: Link | undefined;
  /** What stands in the ledger, once `#taken`. */
  #mark: Mark | undefined;
  #taken = false;
  #counts: LoadedCounts;
  #inDoubt: InDoubt | undefined;
  /** The last block held a refused row: the next one is written behind savepoints from the start. */
  #careful = false;
  #closed = false;
  /** Encoded ahead of its turn. */
  #next: EncodedBlock | undefined;
  /** Where blocks are encoded, in turns: one is written while the next one is encoded. */
  #spareRows = new EncodedRows();
  #rows = new EncodedRows();
  readonly #onAbort = (): void => this.#drop();

  private constructor(parts: SinkParts) {
    this.#parts = parts;
    this.#counts = decodeCounts(parts.prior);
    parts.context.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Connects and, where a ledger is kept, becomes the holder of the shard. Throws FencedError for a stale attempt. */
  static async open(parts: SinkParts): Promise<RelationalSink> {
    const sink = new RelationalSink(parts);
    try {
      await withRetry(() => sink.#linked(), BLOCK_RETRY, parts.context);
      if (sink.#mark !== undefined) sink.ahead = sink.#mark;
    } catch (error) {
      await sink.close();
      throw error;
    }
    return sink;
  }

  async write(block: RowBlock, settle?: Settle): Promise<readonly RowFault[]> {
    assert(!this.#closed, 'a closed sink was written to');
    if (this.#next?.block !== block) this.prepare(block);
    const encoded = this.#next!;
    this.#next = undefined;
    [this.#rows, this.#spareRows] = [encoded.rows, this.#rows];
    const refused = await withRetry(() => this.#attempt(encoded, settle), BLOCK_RETRY, this.#parts.context);
    this.#careful = refused.length > encoded.castFaults.length;
    return refused;
  }

  prepare(block: RowBlock): void {
    const rows = this.#spareRows;
    this.#next = undefined;
    const castFaults = this.#parts.encoder.encode(block, rows);
    this.#next = { block, rows, castFaults };
  }

  async checkpoint(): Promise<SinkState> {
    return encodeCounts(this.#counts);
  }

  async finish(): Promise<SinkState> {
    return encodeCounts(this.#counts);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#parts.context.signal.removeEventListener('abort', this.#onAbort);
    this.#drop();
  }

  #drop(): void {
    this.#link?.session.close();
    this.#link = undefined;
  }

  /** The connection, made anew if there is none. Afterwards `#mark` is what stands in the target. */
  async #linked(): Promise<Link> {
    if (this.#link) return this.#link;
    const { context, task, ledger } = this.#parts;
    const fence = fenceOf(task, context.random.nonce());
    const session = await this.#parts.connect(fence.nonce);
    try {
      if (ledger) await this.#take(session, ledger, fence);
      this.#link = { session, loader: await this.#parts.loader(session), fence };
      return this.#link;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** A later take than the first one must find what this sink left there: anything else is somebody else's. */
  async #take(session: WriteSession, ledger: Ledger, fence: Fence): Promise<void> {
    const { task, evict } = this.#parts;
    const holder = await ledger.holder(session, task.shardId, fence);
    if (holder) await evict(session, holder);
    const entry = await ledger.take(session, task.shardId, fence);
    const first = !this.#taken;
    if (!first && entry.mark !== this.#mark && entry.mark !== this.#inDoubt?.mark)
      throw new FencedError('the ledger of the target was moved on by another attempt', {
        shard: task.shardId,
      });
    this.#taken = true;
    this.#mark = entry.mark;
    if (first && entry.mark !== undefined) this.#counts = { rows: entry.rows, bytes: entry.bytes };
  }

  async #attempt(encoded: EncodedBlock, settle: Settle | undefined): Promise<readonly RowFault[]> {
    try {
      const link = await this.#linked();
      return this.#standing() ?? (await this.#transaction(link, encoded, settle));
    } catch (error) {
      this.#drop();
      throw asSyncError(error);
    }
  }

  /** The outcome of a block whose COMMIT was in doubt, if the ledger shows that it stands. */
  #standing(): readonly RowFault[] | undefined {
    const doubt = this.#inDoubt;
    this.#inDoubt = undefined;
    if (doubt === undefined || doubt.mark !== this.#mark) return undefined;
    this.#counts = doubt.counts;
    return doubt.refusals;
  }

  async #transaction(
    link: Link,
    encoded: EncodedBlock,
    settle: Settle | undefined,
  ): Promise<readonly RowFault[]> {
    const { rows } = encoded;
    if (!this.#careful && this.#parts.rollsBack) {
      try {
        await link.loader.begin(rows.count === 0);
        for (const [from, to] of this.#batches(rows)) await link.loader.load(rows, from, to);
        return await this.#commit(link, encoded, [], settle);
      } catch (error) {
        if (!isData(error)) throw error;
        this.#inDoubt = undefined;
        await link.session.run('ROLLBACK');
      }
    }
    await link.loader.begin(true);
    const refusals: Refusal[] = [];
    for (const [from, to] of this.#batches(rows))
      refusals.push(
        ...(await loadBisecting((a, b) => this.#loadBehindSavepoint(link, rows, a, b), from, to)),
      );
    return this.#commit(link, encoded, refusals, settle);
  }

  #batches(rows: EncodedRows): Iterable<readonly [number, number]> {
    return batchesOf(rows, this.#parts.limits);
  }

  async #loadBehindSavepoint(link: Link, rows: EncodedRows, from: number, to: number): Promise<void> {
    const { session, loader } = link;
    await session.run(`SAVEPOINT ${SAVEPOINT}`);
    try {
      await loader.load(rows, from, to);
    } catch (error) {
      if (isData(error)) await session.run(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`);
      throw error;
    }
    await session.run(`RELEASE SAVEPOINT ${SAVEPOINT}`);
  }

  async #commit(
    link: Link,
    { rows, castFaults }: EncodedBlock,
    refusals: readonly Refusal[],
    settle: Settle | undefined,
  ): Promise<readonly RowFault[]> {
    const { ledger, task } = this.#parts;
    const faults = [...castFaults, ...refusals.map((refusal) => this.#rowFault(rows, refusal))];
    faults.sort((a, b) => a.row - b.row);
    const counts = {
      rows: this.#counts.rows + rows.count - refusals.length,
      bytes: this.#counts.bytes + rows.length,
    };
    if (ledger) {
      assert(settle, 'a sink with a ledger was not told how to mark its blocks');
      const mark = await settle(faults);
      await ledger.advance(link.session, task.shardId, link.fence, { mark, ...counts });
      this.#inDoubt = { mark, refusals: faults, counts };
    }
    await link.session.run('COMMIT');
    this.#mark = this.#inDoubt?.mark ?? this.#mark;
    this.#inDoubt = undefined;
    this.#counts = counts;
    return faults;
  }

  #rowFault(rows: EncodedRows, { fragment, fault }: Refusal): RowFault {
    const { columns } = this.#parts;
    const name = fault instanceof RefusedRow ? fault.column?.toLowerCase() : undefined;
    const column = columns.findIndex((one) => one.name.toLowerCase() === name);
    const target = columns[column]?.target;
    const row = rows.rowAt(fragment);
    return { row, column, error: fault, targetType: target ? describeTarget(target) : '' };
  }
}

const isData = (error: unknown): boolean => error instanceof SyncError && error.kind === 'data';
