import { compareBytes } from '../row/key-encoding.ts';
import { cellNameEnd, cellNameStart, cellValueEnd, cellValueStart, keyCellEnd } from '../row/stored-row.ts';
import { readDouble, readInteger, SIZED_PREFIX_BYTES } from '../row/value.ts';
import { VARIANT } from '../wire/plain-format.ts';
import type { RowCut } from './cut.ts';
import { COMPARATOR, type ColumnFilter, type RowFilter } from './filter.ts';

/** True when the cut row passes. A filter sees only the cells that the cut kept, and the key columns. */
export function matches(filter: RowFilter, row: RowCut): boolean {
  switch (filter.kind) {
    case 'column':
      return matchesColumn(filter, row);
    case 'not':
      return !filter.parts.some((part) => matches(part, row));
    case 'and':
      return filter.parts.every((part) => matches(part, row));
    case 'or':
      return filter.parts.some((part) => matches(part, row));
    default:
      return filter satisfies never;
  }
}

function matchesColumn(filter: ColumnFilter, row: RowCut): boolean {
  const { name } = filter;
  let found = false;
  for (let i = 0; i < row.count; i++) {
    const start = row.starts[i] as number;
    const nameEnd = row.nameEnds[i] as number;
    const order = compareBytes(row.bytes, cellNameStart(start), nameEnd, name, 0, name.length);
    if (order < 0) continue;
    if (order > 0) break;
    found = true;
    if (compares(filter, row.bytes, nameEnd)) return true;
    if (filter.latestVersionOnly) return false;
  }
  return found ? false : matchesKeyOrMissing(filter, row);
}

/** A column that is no attribute may be a key column; otherwise the rule for missing columns decides. */
function matchesKeyOrMissing(filter: ColumnFilter, row: RowCut): boolean {
  const { name } = filter;
  for (let at = row.rowStart + 1; at < row.keyEnd; at = keyCellEnd(row.bytes, at)) {
    const nameEnd = cellNameEnd(row.bytes, at);
    if (compareBytes(row.bytes, cellNameStart(at), nameEnd, name, 0, name.length) === 0) {
      return compares(filter, row.bytes, nameEnd);
    }
  }
  if (filter.comparator === COMPARATOR.EXIST) return false;
  if (filter.comparator === COMPARATOR.NOT_EXIST) return true;
  return !filter.dropIfMissing;
}

function compares({ comparator, value }: ColumnFilter, bytes: Uint8Array, nameEnd: number): boolean {
  if (comparator === COMPARATOR.EXIST) return true;
  if (comparator === COMPARATOR.NOT_EXIST) return false;
  const start = cellValueStart(nameEnd);
  if (bytes[start] !== value[0]) return comparator === COMPARATOR.NOT_EQUAL;
  return holds(comparator, compareValues(bytes, start, cellValueEnd(bytes, nameEnd), value));
}

/** Applies a comparator to an order; NaN (a DOUBLE that is not a number) equals and orders with nothing. */
function holds(comparator: number, order: number): boolean {
  if (comparator === COMPARATOR.EQUAL) return order === 0;
  if (comparator === COMPARATOR.NOT_EQUAL) return order !== 0;
  if (comparator === COMPARATOR.GREATER) return order > 0;
  if (comparator === COMPARATOR.GREATER_EQUAL) return order >= 0;
  if (comparator === COMPARATOR.LESS) return order < 0;
  return order <= 0;
}

/** Order of two variants of the same type; NaN when they cannot be ordered. */
function compareValues(bytes: Uint8Array, start: number, end: number, other: Uint8Array): number {
  const type = other[0];
  if (type === VARIANT.INTEGER) {
    const a = readInteger(bytes, start);
    const b = readInteger(other, 0);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (type === VARIANT.DOUBLE) {
    const a = readDouble(bytes, start);
    const b = readDouble(other, 0);
    return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
  }
  const prefix = type === VARIANT.BOOLEAN ? 1 : SIZED_PREFIX_BYTES;
  return compareBytes(bytes, start + prefix, end, other, prefix, other.length);
}
