import type { Code } from '../errors/index.ts';
import { type Column, Form, type RowBlock } from '../types/index.ts';
import type { CastCell, CellCast } from './cast-cell.ts';
import { type CastOptions, formCasts } from './cast-table.ts';
import type { TargetType } from './target-type.ts';

/** Casts the cells of one column to one target type. Exact or refused; see docs/types.md. */
export interface Caster {
  /**
   * Casts cell `cell` of the block (row × columns + column). The result is in `out`; a code says that the value
   * has none and why, and `out` is then undefined.
   */
  cast(block: RowBlock, cell: number, out: CastCell): Code | undefined;
}

/** No cast leads from this physical form to the target. */
const none: CellCast = () => 'CNV-3020';
/** Targets in which empty text is a value. */
const TAKES_EMPTY = new Set<TargetType['kind']>(['string', 'bytes', 'any']);

/** The caster of a column. Columns of type `any` are cast by the form of each cell. */
export function createCaster(source: Column, target: TargetType, options: CastOptions): Caster {
  const casts = formCasts({ type: source.type, zoned: source.facts?.zoned ?? false }, target, options);
  const table: CellCast[] = [];
  table[Form.text] = casts.text ?? none;
  table[Form.int64] = casts.int64 ?? none;
  table[Form.float64] = casts.float64 ?? none;
  table[Form.bytes] = casts.bytes ?? none;
  table[Form.bool] = casts.bool ?? none;
  const emptyIsNull = (options.emptyAsNull ?? false) && !TAKES_EMPTY.has(target.kind);
  return {
    cast(block, cell, out) {
      const form = block.forms[cell]!;
      if (form === Form.null) return out.setNull();
      const from = block.starts[cell]!;
      const to = block.ends[cell]!;
      if (emptyIsNull && from === to && form === Form.text) return out.setNull();
      return table[form]!(block.bytes, from, to, out);
    },
  };
}

/** The cast of text that is not in a block, for readers of text files. */
export const textCast = (target: TargetType, options: CastOptions): CellCast =>
  formCasts({ type: 'string', zoned: false }, target, options).text ?? none;
