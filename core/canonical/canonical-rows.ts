/** Rows of a source and of a typed target in one form: every cell cast to the target's type, in one text per value. */
import type { Expected } from '../connectors/contract.ts';
import { CastCell, type Caster, createCaster, type TargetType } from '../convert/index.ts';
import { type Column, Form, type RowBlock } from '../types/index.ts';
import { CanonicalBlock } from './canonical-block.ts';
import { afterSignOfZero, type Canonical, canonicalOf } from './canonical-text.ts';

/** A column of the target, as far as the run writes it. */
export interface ComparedColumn {
  readonly name: string;
  /** As a server calls it; empty for files. */
  readonly serverType: string;
  readonly target: TargetType;
  /** From the source's cells. */
  readonly caster: Caster;
  /** Place in the primary key, from 1; absent = not part of it. */
  readonly keyOrdinal?: number;
}

/** How the cells of a column of one side become canonical text. */
interface SideColumn {
  readonly caster: Caster;
  readonly target: TargetType;
  readonly canonical: Canonical | undefined;
}

/** Stands for a value that the target type does not have. */
const STRANGE = '(a value that cannot have been written)';
/** Stands for any value of a column that cannot be compared. */
const PRESENT = '(not compared)';

/** Makes the rows of both sides comparable. */
export class CanonicalRows {
  readonly columns: readonly Column[];
  /** Columns that are only compared for null. */
  readonly unchecked: readonly string[];
  readonly #compared: readonly ComparedColumn[];
  readonly #timeZone: string;
  readonly #source: readonly SideColumn[];
  readonly #cell = new CastCell();

  constructor(compared: readonly ComparedColumn[], timeZone: string) {
    this.#compared = compared;
    this.#timeZone = timeZone;
    this.columns = compared.map(
      ({ name, target, keyOrdinal }): Column => ({
        name,
        type: target.kind === 'bytes' ? 'bytes' : 'string',
        ...(keyOrdinal !== undefined && { facts: { keyOrdinal } }),
      }),
    );
    this.#source = compared.map((column) => sideColumn(column, column.caster));
    this.unchecked = compared
      .filter(({ target, serverType }) => canonicalOf(target, serverType) === undefined)
      .map(({ name }) => name);
  }

  /** What the target must show of source rows; those that cannot be cast are refused. */
  expected(block: RowBlock): Expected {
    const out = new CanonicalBlock(this.columns);
    let refused = 0;
    for (let row = 0; row < block.rowCount; row++) {
      if (this.#source.every((column, i) => this.#put(block, row * this.#source.length + i, column, out)))
        continue;
      out.dropRow();
      refused++;
    }
    return { blocks: [out.build()], refused };
  }

  /** What a reader of the target gives, whose columns are `read`: blocks as they stand there, made comparable. */
  foundBy(read: readonly Column[]): (block: RowBlock) => RowBlock {
    const options = { timeZone: this.#timeZone, allowLossy: true };
    const side = this.#compared.map((column, i) =>
      sideColumn(column, createCaster(read[i]!, column.target, options)),
    );
    return (block) => this.#found(block, side);
  }

  /** A value that cannot be cast back is no value that was written: it shows as what it is. */
  #found(block: RowBlock, side: readonly SideColumn[]): RowBlock {
    const out = new CanonicalBlock(this.columns);
    for (let row = 0; row < block.rowCount; row++) {
      for (const [i, column] of side.entries()) {
        if (!this.#put(block, row * side.length + i, column, out)) out.addText(STRANGE);
      }
    }
    return out.build();
  }

  /** Puts one cell; false if it cannot be cast. */
  #put(block: RowBlock, cell: number, column: SideColumn, out: CanonicalBlock): boolean {
    const { target, canonical } = column;
    if (target.kind === 'long' && block.forms[cell] === Form.bytes) {
      out.addText(bitsText(block.bytes.subarray(block.starts[cell], block.ends[cell])));
      return true;
    }
    const cast = this.#cell;
    if (column.caster.cast(block, cell, cast) !== undefined) return false;
    if (cast.isNull) out.addNull();
    else if (!canonical) out.addText(PRESENT);
    else if ('text' in canonical) out.addText(canonical.text(cast.text() ?? ''));
    else {
      const { bytes, start } = cast;
      const end = canonical.cut(bytes, start, cast.end);
      const from = target.kind === 'decimal' ? afterSignOfZero(bytes, start, end) : start;
      out.addBytes(bytes, from, end, target.kind === 'bytes' ? Form.bytes : Form.text);
    }
    return true;
  }
}

const sideColumn = ({ target, serverType }: ComparedColumn, caster: Caster): SideColumn => ({
  caster,
  target,
  canonical: canonicalOf(target, serverType),
});

/** Bits that were written as a number come back as bytes, the most significant first. */
const bitsText = (bytes: Buffer): string =>
  String(bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`));
