import { conditionFailed, parameterInvalid } from '../ots-error.ts';
import { RowCut } from '../range/cut.ts';
import { parseColumnCondition, type RowFilter } from '../range/filter.ts';
import { matches } from '../range/filter-match.ts';
import { tableCut } from '../range/table-cut.ts';
import type { Table } from '../table/table.ts';
import { ProtoReader, required } from '../wire/proto-reader.ts';

const IGNORE = 0;
const EXPECT_EXIST = 1;
const EXPECT_NOT_EXIST = 2;

/** `Condition { 1 row_existence, 2 bytes column_condition }`. */
export interface Condition {
  readonly existence: number;
  readonly column: RowFilter | undefined;
}

/** Parses the condition of a write. Throws OTSParameterInvalid. */
export function parseCondition(bytes: Uint8Array): Condition {
  const reader = new ProtoReader(bytes);
  let existence: number | undefined;
  let column: RowFilter | undefined;
  while (reader.next()) {
    if (reader.field === 1) existence = reader.int32();
    else if (reader.field === 2) {
      const filter = reader.bytes();
      if (filter.length > 0) column = parseColumnCondition(filter);
    }
  }
  if (![IGNORE, EXPECT_EXIST, EXPECT_NOT_EXIST].includes(required(existence))) {
    throw parameterInvalid('Unknown row existence expectation.');
  }
  return { existence: required(existence), column };
}

/** True when checking the condition needs the row, which costs a read. */
export const readsRow = ({ existence, column }: Condition): boolean =>
  existence !== IGNORE || column !== undefined;

/** An absent row has no column at all: the rule for missing columns decides. */
const ABSENT = new RowCut();

const cut = new RowCut();

/** Checks a condition on the row as it is now. Throws OTSConditionCheckFail. */
export function checkCondition(
  condition: Condition,
  table: Table,
  stored: Uint8Array | undefined,
  nowMs: number,
): void {
  if (!readsRow(condition)) return;
  if (stored) cut.apply(stored, 0, tableCut(table, nowMs));
  const exists = stored !== undefined && cut.alive;
  if (condition.existence === EXPECT_EXIST && !exists) throw conditionFailed();
  if (condition.existence === EXPECT_NOT_EXIST && exists) throw conditionFailed();
  if (condition.column && !matches(condition.column, exists ? cut : ABSENT)) throw conditionFailed();
}
