import { addDefinedColumn, deleteDefinedColumn, updateTable } from './alter-table.ts';
import { batchGetRow } from './batch-get-row.ts';
import { batchWriteRow } from './batch-write-row.ts';
import { computeSplitPoints } from './compute-split-points.ts';
import { createTable } from './create-table.ts';
import { deleteTable, describeTable, listTable } from './describe-table.ts';
import { getRange } from './get-range.ts';
import { getRow } from './get-row.ts';
import type { Operation } from './operation.ts';
import { deleteRow, putRow, updateRow } from './write-row.ts';

/** Every call that this service answers, by the path it is posted to. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['CreateTable', createTable],
  ['ListTable', listTable],
  ['DescribeTable', describeTable],
  ['UpdateTable', updateTable],
  ['DeleteTable', deleteTable],
  ['AddDefinedColumn', addDefinedColumn],
  ['DeleteDefinedColumn', deleteDefinedColumn],
  ['ComputeSplitPointsBySize', computeSplitPoints],
  ['GetRow', getRow],
  ['PutRow', putRow],
  ['UpdateRow', updateRow],
  ['DeleteRow', deleteRow],
  ['BatchGetRow', batchGetRow],
  ['BatchWriteRow', batchWriteRow],
  ['GetRange', getRange],
]);
