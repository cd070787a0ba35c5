/** What a run wrote into a table, read back by the reader of the same database and cast as it was when written. */
import { CanonicalRows, type ComparedColumn } from '../../canonical/canonical-rows.ts';
import type { Expected, ReadBack, Reader } from '../../connectors/contract.ts';
import type { Column, RowBlock } from '../../types/index.ts';

/** What reading a table back works with. */
export interface TableReadBackParts {
  readonly columns: readonly ComparedColumn[];
  /** Whether each row of the source is one row of the table: plain inserts. */
  readonly oneToOne: boolean;
  readonly timeZone: string;
  /** Opens a reader of the table with exactly these columns. */
  openReader(): Reader;
}

/** Compares a table as a whole: it does not know which shard wrote a row. */
export class TableReadBack implements ReadBack {
  readonly scope = 'whole';
  readonly holdsOthers = false;
  readonly columns: readonly Column[];
  readonly oneToOne: boolean;
  readonly unchecked: readonly string[];
  readonly #parts: TableReadBackParts;
  readonly #rows: CanonicalRows;

  constructor(parts: TableReadBackParts) {
    this.#parts = parts;
    this.oneToOne = parts.oneToOne;
    this.#rows = new CanonicalRows(parts.columns, parts.timeZone);
    this.columns = this.#rows.columns;
    this.unchecked = this.#rows.unchecked;
  }

  expected(block: RowBlock): Expected {
    return this.#rows.expected(block);
  }

  async *rows(): AsyncGenerator<RowBlock> {
    const reader = this.#parts.openReader();
    try {
      const plan = await reader.plan(1);
      const found = this.#rows.foundBy(plan.columns);
      for (const shard of plan.shards) {
        for await (const { block } of reader.read(shard, undefined)) yield found(block);
      }
    } finally {
      await reader.close();
    }
  }

  async problems(): Promise<readonly string[]> {
    return [];
  }
}
