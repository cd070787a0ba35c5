import { MAX_ATTRIBUTE_VALUE_BYTES, MAX_KEY_VALUE_BYTES } from '../limits.ts';
import { parameterInvalid } from '../ots-error.ts';
import { keyTooLong } from '../row/primary-key.ts';
import { BulkEncoder, fitsKeyColumn } from '../row/row-encoder.ts';
import type { LocalRow, LocalValue } from '../row/value.ts';
import { valueTooLong } from '../row/write-request.ts';
import { CHANGE } from './change-log.ts';
import type { Instance } from './instance.ts';
import { checkColumnName, type KeyColumn, keyVariant } from './schema.ts';
import type { Table } from './table.ts';

/** Puts rows into a table without HTTP. All cells get the time of the call. Returns the number of rows. */
export function bulkLoad(instance: Instance, tableName: string, rows: Iterable<LocalRow>): number {
  const table = instance.table(tableName);
  const nowMs = Math.floor(instance.clock.now());
  const loader = new Loader(instance, table, nowMs);
  let count = 0;
  for (const row of rows) {
    loader.load(row);
    count++;
  }
  instance.flushSync();
  return count;
}

class Loader {
  readonly #instance: Instance;
  readonly #table: Table;
  readonly #nowMs: number;
  readonly #encoder: BulkEncoder;
  readonly #keyVariants: readonly number[];
  readonly #checkedNames = new Set<string>();

  constructor(instance: Instance, table: Table, nowMs: number) {
    this.#instance = instance;
    this.#table = table;
    this.#nowMs = nowMs;
    this.#encoder = new BulkEncoder(table.definition.keyColumns, nowMs);
    this.#keyVariants = table.definition.keyColumns.map((column) => keyVariant(column.type));
  }

  load(source: LocalRow): void {
    this.#check(source);
    this.#encoder.encode(source);
    const bytes = this.#encoder.row.view();
    const row = {
      bytes,
      oldestMs: source.columns.length > 0 ? this.#nowMs : Number.POSITIVE_INFINITY,
      multiVersion: false,
    };
    const change = this.#table.changes && {
      action: CHANGE.PUT,
      micros: this.#table.nextMicros(this.#nowMs),
      record: bytes,
      origin: undefined,
    };
    this.#instance.apply(this.#table, { key: this.#encoder.key.view(), row, change });
    this.#instance.flushIfLarge();
  }

  #checkKeySize(value: LocalValue, index: number): void {
    const bytes = sizeOf(value);
    if (bytes > MAX_KEY_VALUE_BYTES) {
      const { name } = this.#table.definition.keyColumns[index] as KeyColumn;
      throw keyTooLong(name, bytes);
    }
  }

  #check({ primaryKey, columns }: LocalRow): void {
    const variants = this.#keyVariants;
    if (primaryKey.length !== variants.length)
      throw parameterInvalid('A loaded row has another number of key columns.');
    for (let i = 0; i < variants.length; i++) {
      if (!fitsKeyColumn(primaryKey[i], variants[i] as number)) {
        throw parameterInvalid('A key value of a loaded row has another type than its column.');
      }
      this.#checkKeySize(primaryKey[i] as LocalValue, i);
    }
    for (const [name, value] of columns) {
      if (sizeOf(value) > MAX_ATTRIBUTE_VALUE_BYTES) throw valueTooLong(name, sizeOf(value));
      if (this.#checkedNames.has(name)) continue;
      checkColumnName(name);
      this.#checkedNames.add(name);
    }
  }
}

/** Bytes of text and binaries as limits count them; short text needs no exact count, and numbers none at all. */
function sizeOf(value: LocalValue): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== 'string') return 0;
  // UTF-8 takes at most three bytes per UTF-16 unit.
  return value.length * 3 <= MAX_KEY_VALUE_BYTES ? value.length : Buffer.byteLength(value);
}
