/** What a run wrote into a table, read back by the reader of the same database and cast as it was when written. */
import type { Expected, ReadBack, Reader } from '../../connectors/contract.ts';
import { CastCell, type Caster, createCaster, type TargetType } from '../../convert/index.ts';
import type { Column, RowBlock } from '../../types/index.ts';
import { Form } from '../../types/index.ts';
import { CanonicalBlock } from './canonical-block.ts';
import { type Canonical, canonicalOf, isPaddedBytes } from './canonical-text.ts';

/** A column of the table, as far as the run writes it. */
export interface ComparedColumn {
  readonly name: string;
  readonly serverType: string;
  readonly target: TargetType;
  /** From the source's cells. */
  readonly caster: Caster;
  /** Place in the primary key, from 1; absent = not part of it. */
  readonly keyOrdinal?: number;
}

/** What reading a table back works with. */
export interface TableReadBackParts {
  readonly columns: readonly ComparedColumn[];
  /** Whether each row of the source is one row of the table: plain inserts. */
  readonly oneToOne: boolean;
  readonly timeZone: string;
  /** Opens a reader of the table with exactly these columns. */
  openReader(): Reader;
}

/** A column of one side: how its cells become canonical text. */
interface SideColumn {
  readonly caster: Caster;
  readonly target: TargetType;
  readonly canonical: Canonical | undefined;
  readonly padded: boolean;
}

const ZERO_BYTE = 0;

/** Compares a table as a whole: it does not know which shard wrote a row. */
export class TableReadBack implements ReadBack {
  readonly scope = 'whole';
  readonly holdsOthers = false;
  readonly columns: readonly Column[];
  readonly oneToOne: boolean;
  readonly unchecked: readonly string[];
  readonly #parts: TableReadBackParts;
  readonly #source: readonly SideColumn[];
  readonly #cell = new CastCell();

  constructor(parts: TableReadBackParts) {
    this.#parts = parts;
    this.oneToOne = parts.oneToOne;
    this.columns = parts.columns.map(
      ({ name, target, keyOrdinal }): Column => ({
        name,
        type: target.kind === 'bytes' ? 'bytes' : 'string',
        ...(keyOrdinal !== undefined && { facts: { keyOrdinal } }),
      }),
    );
    this.#source = parts.columns.map((column) => sideColumn(column, column.caster));
    this.unchecked = parts.columns
      .filter(({ target, serverType }) => canonicalOf(target, serverType) === undefined)
      .map(({ name }) => name);
  }

  expected(block: RowBlock): Expected {
    const out = new CanonicalBlock(this.columns);
    let refused = 0;
    for (let row = 0; row < block.rowCount; row++) {
      if (this.#row(block, row, this.#source, out)) continue;
      out.dropRow();
      refused++;
    }
    return { blocks: [out.build()], refused };
  }

  async *rows(): AsyncGenerator<RowBlock> {
    const reader = this.#parts.openReader();
    try {
      const plan = await reader.plan(1);
      const side = this.#targetSide(plan.columns);
      for (const shard of plan.shards) {
        for await (const { block } of reader.read(shard, undefined)) yield this.#canonical(block, side);
      }
    } finally {
      await reader.close();
    }
  }

  async problems(): Promise<readonly string[]> {
    return [];
  }

  #targetSide(read: readonly Column[]): readonly SideColumn[] {
    const options = { timeZone: this.#parts.timeZone, allowLossy: true };
    return this.#parts.columns.map((column, i) =>
      sideColumn(column, createCaster(read[i]!, column.target, options)),
    );
  }

  /** Rows as they stand. A value that cannot be cast back is no value that was written: it shows as what it is. */
  #canonical(block: RowBlock, side: readonly SideColumn[]): RowBlock {
    const out = new CanonicalBlock(this.columns);
    for (let row = 0; row < block.rowCount; row++) {
      for (const [i, column] of side.entries()) {
        if (!this.#put(block, row * side.length + i, column, out)) out.addText(STRANGE);
      }
    }
    return out.build();
  }

  #row(block: RowBlock, row: number, side: readonly SideColumn[], out: CanonicalBlock): boolean {
    return side.every((column, i) => this.#put(block, row * side.length + i, column, out));
  }

  /** Puts one cell; false if it cannot be cast. */
  #put(block: RowBlock, cell: number, column: SideColumn, out: CanonicalBlock): boolean {
    const { target, canonical, padded } = column;
    if (target.kind === 'long' && block.forms[cell] === Form.bytes) {
      out.addText(bitsText(block.bytes.subarray(block.starts[cell], block.ends[cell])));
      return true;
    }
    const cast = this.#cell;
    if (column.caster.cast(block, cell, cast) !== undefined) return false;
    if (cast.isNull) out.addNull();
    else if (!canonical) out.addText(PRESENT);
    else if (target.kind === 'bytes') out.addBytes(valueBytes(cast, padded), Form.bytes);
    else out.addText(canonical(cast.text() ?? ''));
    return true;
  }
}

/** Stands for a value that the target type does not have. */
const STRANGE = '(a value that cannot have been written)';
/** Stands for any value of a column that cannot be compared. */
const PRESENT = '(not compared)';

const sideColumn = ({ target, serverType }: ComparedColumn, caster: Caster): SideColumn => ({
  caster,
  target,
  canonical: canonicalOf(target, serverType),
  padded: isPaddedBytes(target, serverType),
});

/** Bits that were written as a number come back as bytes, the most significant first. */
const bitsText = (bytes: Buffer): string =>
  String(bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`));

function valueBytes(cast: CastCell, padded: boolean): Uint8Array {
  let { end } = cast;
  if (padded) while (end > cast.start && cast.bytes[end - 1] === ZERO_BYTE) end--;
  return cast.bytes.subarray(cast.start, end);
}
