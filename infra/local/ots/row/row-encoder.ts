import { parameterInvalid } from '../ots-error.ts';
import type { RowTraits } from '../table/leaf.ts';
import type { KeyColumn } from '../table/schema.ts';
import { ByteWriter } from '../wire/byte-writer.ts';
import { crc8, crc8Byte } from '../wire/crc8.ts';
import { type PlainCell, TAG, VARIANT } from '../wire/plain-format.ts';
import { writeCell, writeRowEnd, writeSection } from '../wire/plain-writer.ts';
import { writeKeyColumn } from './key-encoding.ts';
import { type LocalRow, type LocalValue, writeVariant } from './value.ts';

/** A row in stored form (`stored-row.ts`) with what its leaf must know. */
export interface EncodedRow extends RowTraits {
  readonly bytes: Uint8Array;
}

const scratch = new ByteWriter(64 * 1024);

/** A cell that is about to be stored: always a value and a timestamp. */
export interface StoredCell {
  readonly name: string;
  readonly value: Uint8Array;
  readonly timestamp: bigint;
}

/** Encodes key cells and attribute cells that are already sorted (name, then newest first). */
export function encodeRow(key: readonly PlainCell[], cells: readonly StoredCell[]): EncodedRow {
  scratch.length = 0;
  let sum = writeSection(scratch, TAG.ROW_PK, key, 0);
  let oldest = Number.POSITIVE_INFINITY;
  let multiVersion = false;
  let previous: string | undefined;
  if (cells.length > 0) scratch.u8(TAG.ROW_DATA);
  for (const cell of cells) {
    sum = crc8Byte(sum, writeCell(scratch, { ...cell, operation: undefined }));
    oldest = Math.min(oldest, Number(cell.timestamp));
    multiVersion ||= cell.name === previous;
    previous = cell.name;
  }
  writeRowEnd(scratch, sum);
  return { bytes: scratch.toBytes(), oldestMs: oldest, multiVersion };
}

/** Start bytes of a cell: tags, name length and name, and the checksum over the name. */
interface CellPrefix {
  readonly bytes: Uint8Array;
  readonly sum: number;
}

const cellPrefix = (name: string): CellPrefix => {
  const text = Buffer.from(name, 'latin1');
  const bytes = Buffer.alloc(7 + text.length);
  bytes[0] = TAG.CELL;
  bytes[1] = TAG.CELL_NAME;
  bytes.writeUInt32LE(text.length, 2);
  bytes.set(text, 6);
  bytes[6 + text.length] = TAG.CELL_VALUE;
  return { bytes, sum: crc8(0, text, 0, text.length) };
};

/**
 * Encodes many rows of one table without an object per cell: prefixes of cells are remembered per name, and
 * the sort order per sequence of names. For in-process loading.
 */
export class BulkEncoder {
  readonly row = new ByteWriter(4096);
  readonly key = new ByteWriter(256);
  readonly #keyColumns: readonly KeyColumn[];
  readonly #keyPrefixes: readonly CellPrefix[];
  readonly #prefixes = new Map<string, CellPrefix>();
  readonly #stamp: Buffer;
  #order: number[] = [];
  #orderedNames: string[] = [];

  constructor(keyColumns: readonly KeyColumn[], timestampMs: number) {
    this.#keyColumns = keyColumns;
    this.#keyPrefixes = keyColumns.map((column) => cellPrefix(column.name));
    this.#stamp = Buffer.alloc(9);
    this.#stamp[0] = TAG.CELL_TIMESTAMP;
    this.#stamp.writeBigInt64LE(BigInt(timestampMs), 1);
  }

  /** Leaves the stored row in {@link row} and its order-preserving key in {@link key}. */
  encode(source: LocalRow): void {
    this.row.length = 0;
    this.key.length = 0;
    this.row.u8(TAG.ROW_PK);
    let sum = 0;
    for (let i = 0; i < this.#keyColumns.length; i++) sum = this.#keyCell(source, i, sum);
    if (source.columns.length > 0) this.row.u8(TAG.ROW_DATA);
    for (const index of this.#sorted(source)) {
      const [name, value] = source.columns[index] as readonly [string, LocalValue];
      sum = crc8Byte(sum, this.#cell(this.#prefix(name), value, true));
    }
    writeRowEnd(this.row, sum);
  }

  #keyCell(source: LocalRow, index: number, sum: number): number {
    const at = this.row.length;
    const prefix = this.#keyPrefixes[index] as CellPrefix;
    const cellSum = this.#cell(prefix, source.primaryKey[index] as LocalValue, false);
    writeKeyColumn(this.key, this.row.bytes, at + prefix.bytes.length + 4);
    return crc8Byte(sum, cellSum);
  }

  #cell(prefix: CellPrefix, value: LocalValue, stamped: boolean): number {
    const out = this.row;
    out.copy(prefix.bytes);
    out.u32(0);
    const valueAt = out.length;
    writeVariant(out, value);
    const valueEnd = out.length;
    out.setU32(valueAt - 4, valueEnd - valueAt);
    if (stamped) out.copy(this.#stamp);
    let sum = crc8(prefix.sum, out.bytes, valueAt, valueEnd);
    if (stamped) sum = crc8(sum, out.bytes, valueEnd + 1, out.length);
    out.u8(TAG.CELL_CHECKSUM);
    out.u8(sum);
    return sum;
  }

  #prefix(name: string): CellPrefix {
    let prefix = this.#prefixes.get(name);
    if (!prefix) {
      prefix = cellPrefix(name);
      this.#prefixes.set(name, prefix);
    }
    return prefix;
  }

  /** Order of the columns by name; computed again only when the names differ from the row before. */
  #sorted({ columns }: LocalRow): readonly number[] {
    const names = this.#orderedNames;
    let same = names.length === columns.length;
    for (let i = 0; same && i < names.length; i++) same = names[i] === columns[i]?.[0];
    if (!same) {
      this.#orderedNames = columns.map(([name]) => name);
      this.#order = sortedOrder(this.#orderedNames);
      this.#refuseTwice(this.#order);
    }
    return this.#order;
  }

  #refuseTwice(order: readonly number[]): void {
    const names = order.map((index) => this.#orderedNames[index] as string);
    const twice = names.find((name, index) => name === names[index + 1]);
    if (twice === undefined) return;
    this.#orderedNames = [];
    throw parameterInvalid(`The column '${twice}' is given twice in one row.`);
  }
}

/** Indices of `names` in the order of their bytes (they are ASCII). */
const sortedOrder = (names: readonly string[]): number[] =>
  names.map((_, index) => index).sort((a, b) => compareNames(names[a] as string, names[b] as string));

/** Byte order of two column names (they are ASCII). */
export const compareNames = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** True when `value` is of the type that key column `column` holds. */
export function fitsKeyColumn(value: LocalValue | undefined, variant: number): boolean {
  if (typeof value === 'bigint') return variant === VARIANT.INTEGER;
  if (typeof value === 'string') return variant === VARIANT.STRING;
  return value instanceof Uint8Array && variant === VARIANT.BLOB;
}
