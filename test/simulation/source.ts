import type { Batch, Cursor, Piece, ReadPlan, Shard } from '../../core/connectors/contract.ts';
import { type Column, Form, type RowBlock, rowChecksum } from '../../core/types/index.ts';
import type { Sizes } from './scenario.ts';

/** The one column of a source: its numbers, each one more than the one before. */
export const ID_COLUMN: Column = { name: 'id', type: 'long' };

const CELL_BYTES = 8;
/** Rows that each change appends. */
const GROWTH = 7;
const SHARD_DIGITS = 5;

/** A table of ascending numbers that grows, and that is cut elsewhere after each change. */
export class Source {
  readonly #sizes: Sizes;
  /** Its smallest number. */
  readonly first: number;
  /** How often it has changed. */
  version = 0;

  constructor(sizes: Sizes, first: number) {
    this.#sizes = sizes;
    this.first = first;
  }

  /** The number after its last one, after `version` changes. */
  endAt(version: number): number {
    return this.first + this.#sizes.rows + version * GROWTH;
  }

  plan(): ReadPlan {
    const rows = this.endAt(this.version) - this.first;
    const count = Math.max(1, Math.min(rows, this.#sizes.shards + (this.version % 3)));
    const cut = (i: number): number => this.first + Math.floor(rows * (i / count) ** this.#sizes.bulk);
    const shards: Shard[] = Array.from({ length: count }, (_, i) => ({
      shardId: String(i).padStart(SHARD_DIGITS, '0'),
      range: JSON.stringify([cut(i), cut(i + 1)]),
    }));
    return { columns: [ID_COLUMN], shards, notes: [], sourceTypes: ['integer'] };
  }

  /** What is left of a shard after `from`, in up to `pieces` parts; the first one keeps what was read. */
  split(shard: Shard, from: number, pieces: number): readonly Piece[] {
    const [begin, end] = rangeOf(shard.range);
    const count = Math.min(pieces, end - from);
    const cut = (i: number): number => (i === 0 ? begin : from + Math.floor(((end - from) * i) / count));
    return Array.from({ length: count }, (_, i) => ({ range: JSON.stringify([cut(i), cut(i + 1)]) }));
  }

  /** The batch that begins at `from`. */
  batch(shard: Shard, from: number): Batch {
    const to = Math.min(rangeOf(shard.range)[1], from + this.#sizes.batchRows);
    return {
      block: idBlock(from, to),
      cursor: String(to) as Cursor,
      keyOf: (row) => `id=${from + row}`,
    };
  }
}

/** First row and the row after the last one of a shard. */
export const rangeOf = (range: string): readonly [number, number] => JSON.parse(range) as [number, number];

/** Rows `from` to `to`, without the latter. */
export function idBlock(from: number, to: number): RowBlock {
  const rowCount = Math.max(0, to - from);
  const bytes = Buffer.alloc(rowCount * CELL_BYTES);
  const starts = new Uint32Array(rowCount);
  const ends = new Uint32Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    bytes.writeBigInt64LE(BigInt(from + i), i * CELL_BYTES);
    starts[i] = i * CELL_BYTES;
    ends[i] = (i + 1) * CELL_BYTES;
  }
  return {
    columns: [ID_COLUMN],
    rowCount,
    bytes,
    starts,
    ends,
    forms: new Uint8Array(rowCount).fill(Form.int64),
  };
}

/** What a receipt over the rows `from` to `to` must say. */
export const checksumOf = (from: number, to: number): string => rowChecksum(idBlock(from, to));
