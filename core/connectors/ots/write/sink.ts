/** One attempt's rows for one shard: a block is stored, several batches at a time, before the next is taken. */
import { assert } from '../../../errors/index.ts';
import type { RowBlock } from '../../../types/index.ts';
import type { ConnectorContext, RowFault, Sink, SinkState } from '../../contract.ts';
import { batchBody, batchesOf } from './batch-request.ts';
import { type Refusal, type SendRows, sendBatch } from './batch-sender.ts';
import { wavesOf } from './key-waves.ts';
import type { RowEncoder } from './row-encoder.ts';
import { decodeCounts, encodeCounts, type WrittenCounts } from './sink-state.ts';
import { retryPolicy, type TargetTable } from './target-table.ts';
import type { OtsWriterConfig } from './writer-config.ts';

/** What a sink works with. */
export interface SinkParts {
  readonly config: OtsWriterConfig;
  readonly context: ConnectorContext;
  readonly table: Pick<TargetTable, 'write'>;
  readonly encoder: RowEncoder;
  readonly prior: SinkState | undefined;
}

/**
 * Stores rows by their keys. After `write` every row of the block is acknowledged or refused, so every moment between
 * blocks is a checkpoint. A repeated block stores the same values once more.
 */
export class OtsSink implements Sink {
  readonly #parts: SinkParts;
  #counts: WrittenCounts;
  #ended = false;

  constructor(parts: SinkParts) {
    this.#parts = parts;
    this.#counts = decodeCounts(parts.prior);
  }

  async write(block: RowBlock): Promise<readonly RowFault[]> {
    assert(!this.#ended, 'rows were written to a sink that has ended');
    const { encoder } = this.#parts;
    const faults = [...encoder.encode(block)];
    const refusals: Refusal[] = [];
    for (const wave of wavesOf(encoder.rows)) refusals.push(...(await this.#wave(wave)));
    this.#count(refusals);
    faults.push(...refusals.map((refusal) => this.#rowFault(refusal)));
    return faults.sort((a, b) => a.row - b.row);
  }

  async checkpoint(): Promise<SinkState> {
    return encodeCounts(this.#counts);
  }

  async finish(): Promise<SinkState> {
    this.#ended = true;
    return encodeCounts(this.#counts);
  }

  async close(): Promise<void> {
    this.#ended = true;
  }

  /** Stores rows of different keys. When one batch fails no further one is begun, and the first fault is thrown. */
  async #wave(fragments: readonly number[]): Promise<readonly Refusal[]> {
    const { config, encoder } = this.#parts;
    const batches = batchesOf(encoder.rows, fragments, config.batchRows, config.batchBytes);
    const refusals: Refusal[] = [];
    const faults: unknown[] = [];
    const lane = async (): Promise<void> => {
      for (let next = batches.next(); !next.done && faults.length === 0; next = batches.next()) {
        try {
          refusals.push(...(await this.#batch(next.value)));
        } catch (error) {
          faults.push(error);
        }
      }
    };
    // The lanes share the list of batches, so that a slow one holds up no other. None of them throws.
    await Promise.all(Array.from({ length: config.concurrency }, lane));
    if (faults.length > 0) throw faults[0];
    return refusals;
  }

  #batch(fragments: readonly number[]): Promise<readonly Refusal[]> {
    const { config, context, table, encoder } = this.#parts;
    const { clock, random, log, signal } = context;
    const send: SendRows = (left) =>
      table.write(batchBody(config.table, config.operation, encoder.rows, left), left.length);
    return sendBatch(send, fragments, retryPolicy(config), {
      clock,
      random,
      signal,
      onRetry: (error, attempt, delayMs) =>
        log.warn('writing again after a fault', { code: error.code, attempt, delayMs: Math.round(delayMs) }),
    });
  }

  #count(refusals: readonly Refusal[]): void {
    const { rows } = this.#parts.encoder;
    let bytes = 0;
    for (let i = 0; i < rows.count; i++) bytes += rows.sizes[i]!;
    for (const { fragment } of refusals) bytes -= rows.sizes[fragment]!;
    const stored = rows.count - refusals.length;
    this.#counts = { rows: this.#counts.rows + stored, bytes: this.#counts.bytes + bytes };
  }

  #rowFault({ fragment, error }: Refusal): RowFault {
    const row = this.#parts.encoder.rows.rows[fragment]!;
    return { row, column: -1, error, targetType: 'row of Tablestore' };
  }
}
