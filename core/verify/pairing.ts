import type { CellJson } from '../dirty/cell-json.ts';
import type { Column } from '../types/index.ts';
import type { OddRow, OddRows } from './narrowing.ts';

/** Rows of each kind that are named at most. */
export const MAX_NAMED_ROWS = 100;
/** Rows that are tried for likeness at most: each with each. */
const MAX_LIKENESS_ROWS = 500;
/** Share of equal cells from which two rows without a key are taken for one. */
const LIKENESS = 0.5;

/** A cell that is not what it must be. */
export interface CellDifference {
  readonly column: string;
  readonly expected: CellJson;
  readonly found: CellJson;
}

/** A row that the target lacks, has too much, or has with other values. */
export type Difference =
  | { readonly kind: 'missing' | 'extra'; readonly row: readonly CellJson[]; readonly times: number }
  | {
      readonly kind: 'different';
      readonly row: readonly CellJson[];
      readonly cells: readonly CellDifference[];
      readonly times: number;
    };

/** Names the odd rows: a missing and an extra row with the same key, or alike, are one row with other values. */
export function pairRows({ missing, extra }: OddRows, columns: readonly Column[]): readonly Difference[] {
  const keys = columns.flatMap((column, i) => (column.facts?.keyOrdinal === undefined ? [] : [i]));
  const partners = keys.length > 0 ? byKey(missing, extra, keys) : byLikeness(missing, extra);
  const taken = new Set(partners.values());
  const differences: Difference[] = [];
  for (const row of missing) {
    const partner = partners.get(row);
    differences.push(
      partner ? different(row, partner, columns) : { kind: 'missing', row: row.cells, times: row.times },
    );
  }
  for (const row of extra) {
    if (!taken.has(row)) differences.push({ kind: 'extra', row: row.cells, times: row.times });
  }
  return differences;
}

function different(expected: OddRow, found: OddRow, columns: readonly Column[]): Difference {
  const cells = columns.flatMap((column, i): CellDifference[] => {
    const [wanted, there] = [expected.cells[i] ?? null, found.cells[i] ?? null];
    return isEqual(wanted, there) ? [] : [{ column: column.name, expected: wanted, found: there }];
  });
  return { kind: 'different', row: expected.cells, cells, times: expected.times };
}

const isEqual = (a: CellJson, b: CellJson): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

type Partners = ReadonlyMap<OddRow, OddRow>;

/** Rows whose keys are not theirs alone stay alone: nobody could say which is which. */
function byKey(missing: readonly OddRow[], extra: readonly OddRow[], keys: readonly number[]): Partners {
  const keyOf = ({ cells }: OddRow): string => JSON.stringify(keys.map((i) => cells[i]));
  const wanted = uniqueBy(missing, keyOf);
  const partners = new Map<OddRow, OddRow>();
  for (const [key, row] of uniqueBy(extra, keyOf)) {
    const partner = wanted.get(key);
    if (partner && partner.times === row.times) partners.set(partner, row);
  }
  return partners;
}

function uniqueBy(rows: readonly OddRow[], keyOf: (row: OddRow) => string): ReadonlyMap<string, OddRow> {
  const unique = new Map<string, OddRow>();
  const repeated = new Set<string>();
  for (const row of rows) {
    const key = keyOf(row);
    if (unique.has(key)) repeated.add(key);
    unique.set(key, row);
  }
  for (const key of repeated) unique.delete(key);
  return unique;
}

/** The most alike first; a row has one partner. */
function byLikeness(missing: readonly OddRow[], extra: readonly OddRow[]): Partners {
  const partners = new Map<OddRow, OddRow>();
  if (missing.length > MAX_LIKENESS_ROWS || extra.length > MAX_LIKENESS_ROWS) return partners;
  const pairs = missing.flatMap((row) =>
    extra.map((other) => ({ row, other, share: likeness(row.cells, other.cells) })),
  );
  const taken = new Set<OddRow>();
  for (const { row, other, share } of pairs.sort((a, b) => b.share - a.share)) {
    if (share < LIKENESS) break;
    if (partners.has(row) || taken.has(other) || row.times !== other.times) continue;
    partners.set(row, other);
    taken.add(other);
  }
  return partners;
}

/** Share of equal cells. Nulls on both sides say little and do not count. */
function likeness(a: readonly CellJson[], b: readonly CellJson[]): number {
  let counted = 0;
  let equal = 0;
  for (const [i, cell] of a.entries()) {
    const other = b[i] ?? null;
    if (cell === null && other === null) continue;
    counted++;
    if (isEqual(cell, other)) equal++;
  }
  return counted === 0 ? 0 : equal / counted;
}
