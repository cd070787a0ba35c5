import { type CellJson, cellToJson } from '../dirty/cell-json.ts';
import type { RowBlock } from '../types/index.ts';
import { bucketsOf } from './bucket-table.ts';

/** Memory for rows that are looked at one by one, about. */
export const MAX_NARROWING_BYTES = 48 * 1024 * 1024;
/** What a kept row costs beside its bytes, about. */
const ROW_OVERHEAD_BYTES = 300;

/** A row that one side has and the other lacks, so many times. */
export interface OddRow {
  readonly cells: readonly CellJson[];
  readonly times: number;
}

/** Which rows the two sides do not share. */
export interface OddRows {
  readonly missing: readonly OddRow[];
  readonly extra: readonly OddRow[];
  /** Buckets that differ and were not looked into. */
  readonly unseenBuckets: number;
}

/** What one pass over both sides found. */
export interface NarrowResult {
  readonly missing: readonly OddRow[];
  readonly extra: readonly OddRow[];
  /** Buckets that were given up for want of memory. */
  readonly unseen: readonly number[];
}

/** How a pass goes. */
export interface NarrowOptions {
  /** Whether rows of the second side count that the first does not have; default true. */
  readonly keepsExtra?: boolean;
  readonly maxBytes?: number;
}

interface Kept {
  readonly cells: readonly CellJson[];
  readonly bucket: number;
  readonly bytes: number;
  /** Times on the first side less times on the second. */
  balance: number;
}

/**
 * The second pass: keeps the rows of differing buckets until the other side cancels them; what is left are the rows that
 * differ. With too many of them it looks into fewer buckets, so memory is bounded and what it names is true.
 */
export class Narrowing {
  readonly #maxBytes: number;
  readonly #buckets: Set<number>;
  readonly #kept = new Map<string, Kept>();
  readonly #keepsExtra: boolean;
  readonly #unseen: number[] = [];
  #bytes = 0;

  constructor(
    buckets: readonly number[],
    { keepsExtra = true, maxBytes = MAX_NARROWING_BYTES }: NarrowOptions = {},
  ) {
    this.#buckets = new Set(buckets);
    this.#keepsExtra = keepsExtra;
    this.#maxBytes = maxBytes;
  }

  /** Adds the rows of the first side with sign 1, then those of the second with -1. */
  add(block: RowBlock, sign: 1 | -1): void {
    const buckets = bucketsOf(block);
    for (let row = 0; row < block.rowCount; row++) {
      const bucket = buckets[row]!;
      if (this.#buckets.has(bucket)) this.#count(block, row, bucket, sign);
    }
  }

  result(): NarrowResult {
    const missing: OddRow[] = [];
    const extra: OddRow[] = [];
    for (const { cells, balance } of this.#kept.values()) {
      if (balance > 0) missing.push({ cells, times: balance });
      else extra.push({ cells, times: -balance });
    }
    return { missing, extra, unseen: this.#unseen };
  }

  #count(block: RowBlock, row: number, bucket: number, sign: 1 | -1): void {
    const identity = identityOf(block, row);
    const known = this.#kept.get(identity);
    if (!known) {
      if (sign < 0 && !this.#keepsExtra) return;
      const cells = block.columns.map((_, column) => cellToJson(block, row, column));
      const bytes = 2 * identity.length + ROW_OVERHEAD_BYTES;
      this.#kept.set(identity, { cells, bucket, bytes, balance: sign });
      this.#bytes += bytes;
      if (this.#bytes > this.#maxBytes) this.#lookAtFewer();
      return;
    }
    known.balance += sign;
    if (known.balance !== 0) return;
    this.#kept.delete(identity);
    this.#bytes -= known.bytes;
  }

  #lookAtFewer(): void {
    while (this.#bytes > this.#maxBytes && this.#buckets.size > 0) {
      const all = [...this.#buckets];
      for (const bucket of all.slice(Math.floor(all.length / 2))) {
        this.#buckets.delete(bucket);
        this.#unseen.push(bucket);
      }
      for (const [identity, { bucket, bytes }] of this.#kept) {
        if (this.#buckets.has(bucket)) continue;
        this.#kept.delete(identity);
        this.#bytes -= bytes;
      }
    }
  }
}

/** A row as text that only equal rows share: form, length and bytes of every cell. */
export function identityOf({ bytes, starts, ends, forms, columns }: RowBlock, row: number): string {
  let text = '';
  for (let i = row * columns.length; i < (row + 1) * columns.length; i++) {
    const start = starts[i]!;
    const end = ends[i]!;
    text += `${forms[i]}:${end - start}:${bytes.toString('latin1', start, end)}`;
  }
  return text;
}
