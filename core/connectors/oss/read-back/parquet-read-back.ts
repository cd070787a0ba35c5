/** What a run wrote as Parquet, read back by shard. */
import { CanonicalRows } from '../../../canonical/canonical-rows.ts';
import { createCaster } from '../../../convert/index.ts';
import { SyncError } from '../../../errors/index.ts';
import { castTarget, ParquetReader } from '../../../formats/parquet/index.ts';
import type { ObjectBytes } from '../../../formats/read/format-reader.ts';
import type { Column, RowBlock } from '../../../types/index.ts';
import type { Expected, ReadBack } from '../../contract.ts';
import type { ObjectStore } from '../object-store.ts';
import { objectColumns, type ParquetFormat } from '../parquet-format.ts';
import { storedBytes } from './object-bytes.ts';
import { OutputObjects, type OutputParts, type PresentObject } from './output-objects.ts';

/** Both sides are cast to the types of the file's columns, in one text for equal values. */
export class ParquetReadBack implements ReadBack {
  readonly scope = 'shard';
  readonly holdsOthers = false;
  readonly oneToOne = true;
  readonly columns: readonly Column[];
  readonly unchecked: readonly string[];
  readonly #parts: OutputParts;
  readonly #timeZone: string;
  readonly #rows: CanonicalRows;
  readonly #objects: OutputObjects;

  constructor(parts: OutputParts, columns: readonly Column[], format: ParquetFormat, timeZone: string) {
    this.#parts = parts;
    this.#timeZone = timeZone;
    this.#objects = new OutputObjects(parts);
    const compared = objectColumns(columns, format).map((column, i) => {
      const target = castTarget(column);
      const caster = createCaster(columns[i]!, target, { timeZone });
      const keyOrdinal = columns[i]!.facts?.keyOrdinal;
      return {
        name: column.name,
        serverType: '',
        target,
        caster,
        ...(keyOrdinal !== undefined && { keyOrdinal }),
      };
    });
    this.#rows = new CanonicalRows(compared, timeZone);
    this.columns = this.#rows.columns;
    this.unchecked = this.#rows.unchecked;
  }

  expected(block: RowBlock): Expected {
    return this.#rows.expected(block);
  }

  async *rows(shardId: string | undefined): AsyncGenerator<RowBlock> {
    for (const object of await this.#objects.of(shardId)) {
      try {
        yield* this.#rowsOf(object);
      } catch (error) {
        // Damaged beyond reading: its CRC-64 differs, which is told, and the rows behind this place are missing.
        if (!(error instanceof SyncError) || !DAMAGED.has(error.code)) throw error;
      }
    }
  }

  problems(): Promise<readonly string[]> {
    return this.#objects.problems();
  }

  async *#rowsOf(stored: PresentObject): AsyncGenerator<RowBlock> {
    const object = objectOf(this.#parts.store, stored);
    const reader = new ParquetReader({}, this.#timeZone);
    const layout = await reader.layout(object);
    if (layout.columns.length !== this.columns.length)
      throw new SyncError('DST-4005', 'lost', 'an object has other columns than were written', {
        key: stored.key,
      });
    const found = this.#rows.foundBy(layout.columns);
    const whole = { from: 0, to: stored.size };
    for await (const { block } of reader.read(object, layout, whole, undefined)) yield found(block);
  }
}

/** Codes of files that are no Parquet of ours any more. */
const DAMAGED: ReadonlySet<string> = new Set(['DST-4005', 'SRC-2050', 'SRC-2051']);

const objectOf = (store: ObjectStore, { key, size }: PresentObject): ObjectBytes => ({
  name: key,
  size,
  stream: (from, to) => storedBytes(store, key, from, to),
});
