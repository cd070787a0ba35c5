import { parameterInvalid } from '../ots-error.ts';
import { BulkEncoder, fitsKeyColumn } from '../row/row-encoder.ts';
import type { LocalRow } from '../row/value.ts';
import { CHANGE } from './change-log.ts';
import type { Instance } from './instance.ts';
import { checkColumnName, keyVariant } from './schema.ts';
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

  #check({ primaryKey, columns }: LocalRow): void {
    const variants = this.#keyVariants;
    if (primaryKey.length !== variants.length)
      throw parameterInvalid('A loaded row has another number of key columns.');
    for (let i = 0; i < variants.length; i++) {
      if (!fitsKeyColumn(primaryKey[i], variants[i] as number)) {
        throw parameterInvalid('A key value of a loaded row has another type than its column.');
      }
    }
    for (const [name] of columns) {
      if (this.#checkedNames.has(name)) continue;
      checkColumnName(name);
      this.#checkedNames.add(name);
    }
  }
}
