import { CastCell, type CastOptions, createCaster, type TargetType } from '../../../core/convert/index.ts';
import {
  type CellValue,
  type Column,
  type ColumnFacts,
  type LogicalType,
  RowBlockBuilder,
} from '../../../core/types/index.ts';

/** What a cast gives: the text of the result, `null`, or the code of the refusal. */
export type CastResult = string | null;

const OPTIONS: CastOptions = { timeZone: 'Asia/Shanghai' };

/** A function that casts single values of a column to a target. */
export function castOf(
  type: LogicalType,
  target: TargetType,
  options: Partial<CastOptions> = {},
  facts: ColumnFacts = {},
): (value: CellValue) => CastResult {
  const column: Column = { name: 'c', type, facts };
  const caster = createCaster(column, target, { ...OPTIONS, ...options });
  const out = new CastCell();
  return (value) => {
    const block = new RowBlockBuilder([column]).add('before').add(value).add('behind').build();
    return caster.cast(block, 1, out) ?? out.text();
  };
}

export const INT8: TargetType = { kind: 'long', bits: 8, unsigned: false };
export const INT32: TargetType = { kind: 'long', bits: 32, unsigned: false };
export const INT64: TargetType = { kind: 'long', bits: 64, unsigned: false };
export const UINT64: TargetType = { kind: 'long', bits: 64, unsigned: true };
export const DOUBLE: TargetType = { kind: 'double', bits: 64 };
export const FLOAT: TargetType = { kind: 'double', bits: 32 };
export const TEXT: TargetType = { kind: 'string' };
export const BOOL: TargetType = { kind: 'bool' };
export const DATE: TargetType = { kind: 'date' };
export const DATETIME: TargetType = { kind: 'datetime', scale: 6, zoned: false };
export const INSTANT: TargetType = { kind: 'datetime', scale: 6, zoned: true };
