import { parameterInvalid } from '../ots-error.ts';
import { RowCut } from '../range/cut.ts';
import { tableCut } from '../range/table-cut.ts';
import { CHANGE, type Change } from '../table/change-log.ts';
import type { RowEffect, Table } from '../table/table.ts';
import { ByteWriter } from '../wire/byte-writer.ts';
import { CELL_OP, HEADER_BYTES, type PlainCell, TAG, VARIANT } from '../wire/plain-format.ts';
import { writeHeader, writeRowEnd, writeSection } from '../wire/plain-writer.ts';
import { checkAgainstTable, checkTimestamps } from './cell-rules.ts';
import { checkCondition } from './condition.ts';
import { checkKeySchema, encodeKey, hasAutoIncrement, numberKey } from './primary-key.ts';
import { compareNames, type EncodedRow, encodeRow, type StoredCell } from './row-encoder.ts';
import { CellSet, cellsOf } from './stored-cells.ts';
import { fitsInt64, integerVariant, readInteger } from './value.ts';
import { RETURN, type ReturnContent, type WriteRequest } from './write-request.ts';

/** An accepted write that has not happened yet. */
export interface WritePlan {
  readonly effect: RowEffect;
  /** The row that the answer returns, as a buffer with header, when the request asked for one. */
  readonly returned: Uint8Array | undefined;
}

/** Rows as earlier plans of the same batch will leave them, by key; `undefined` = deleted. */
export type PlannedRows = Map<string, Uint8Array | undefined>;

const cut = new RowCut();

/**
 * Decides what a write does to its row, without doing it. Throws the error that the row's answer shall carry:
 * key does not fit, condition fails, cell is out of its time range, increment of a non-integer. With `planned`,
 * rows are seen as the plans before left them, and this plan is noted there.
 */
export function planWrite(
  table: Table,
  request: WriteRequest,
  nowMs: number,
  planned?: PlannedRows,
): WritePlan {
  checkKeySchema(request.row.primaryKey, table.definition.keyColumns);
  checkAgainstTable(request, table.definition);
  checkTimestamps(request.row.cells, table.definition.options, nowMs);
  const key = hasAutoIncrement(request.row.primaryKey)
    ? numberKey(request.row.primaryKey, table.nextAutoIncrement(nowMs))
    : request.row.primaryKey;
  const keyBytes = encodeKey(key);
  const keyName = planned ? Buffer.from(keyBytes).toString('latin1') : '';
  const stored = planned?.has(keyName) ? planned.get(keyName) : table.rows.get(keyBytes);
  checkCondition(request.condition, table, stored, nowMs);
  const before = stored ? readableCells(table, stored, nowMs) : undefined;
  const outcome = decide(table, request, key, before, nowMs);
  const change = changeOf(table, outcome, key, before, nowMs);
  planned?.set(keyName, outcome.row?.bytes);
  const returned = returnedRow(request.returns, key, outcome.cells);
  return { effect: { key: keyBytes, row: outcome.row, change }, returned };
}

/** The readable cells before the write, or `undefined` when the row is past its life. */
function readableCells(table: Table, stored: Uint8Array, nowMs: number): StoredCell[] | undefined {
  cut.apply(stored, 0, tableCut(table, nowMs));
  return cut.alive ? cellsOf(cut) : undefined;
}

interface Outcome {
  readonly action: number;
  readonly row: EncodedRow | undefined;
  readonly cells: readonly StoredCell[];
  /** For an update: the cells as the change log shows them. */
  readonly touched: readonly PlainCell[];
}

function decide(
  table: Table,
  request: WriteRequest,
  key: readonly PlainCell[],
  before: readonly StoredCell[] | undefined,
  nowMs: number,
): Outcome {
  const { maxVersions } = table.definition.options;
  if (request.kind === 'delete') return { action: CHANGE.DELETE, row: undefined, cells: [], touched: [] };
  const now = BigInt(Math.floor(nowMs));
  if (request.kind === 'put') {
    const cells = new CellSet(request.row.cells.map((cell) => stamped(cell, now))).sorted(maxVersions);
    return { action: CHANGE.PUT, row: encodeRow(key, cells), cells, touched: [] };
  }
  const set = new CellSet(before ?? []);
  const touched = request.row.cells.map((cell) => updateCell(set, cell, now));
  touched.sort((a, b) => compareNames(a.name, b.name));
  const cells = set.sorted(maxVersions);
  // An update that only deletes does not bring an absent row into being.
  const exists = before !== undefined || touched.some((cell) => cell.operation === undefined);
  return { action: CHANGE.UPDATE, row: exists ? encodeRow(key, cells) : undefined, cells, touched };
}

const stamped = (cell: PlainCell, now: bigint): StoredCell => ({
  name: cell.name,
  value: cell.value as Uint8Array,
  timestamp: cell.timestamp ?? now,
});

/** Applies one cell of an update and returns it as the change log shows it. */
function updateCell(set: CellSet, cell: PlainCell, now: bigint): PlainCell {
  if (cell.operation !== undefined && cell.operation !== CELL_OP.INCREMENT) {
    set.remove(cell);
    return cell;
  }
  const put = stamped(cell.operation === CELL_OP.INCREMENT ? incremented(set, cell) : cell, now);
  set.put(put);
  return { ...put, operation: undefined };
}

function incremented(set: CellSet, cell: PlainCell): PlainCell {
  const current = set.newest(cell.name)?.value;
  if (current && current[0] !== VARIANT.INTEGER) {
    throw parameterInvalid(`The column '${cell.name}' is not an INTEGER and cannot be incremented.`);
  }
  const sum = (current ? readInteger(current, 0) : 0n) + readInteger(cell.value as Uint8Array, 0);
  if (!fitsInt64(sum)) throw parameterInvalid(`The increment of column '${cell.name}' overflows.`);
  return { ...cell, value: integerVariant(sum) };
}

function changeOf(
  table: Table,
  outcome: Outcome,
  key: readonly PlainCell[],
  before: readonly StoredCell[] | undefined,
  nowMs: number,
): Change | undefined {
  if (!table.changes) return undefined;
  const { originColumns } = table.definition.stream;
  const kept = before?.filter((cell) => originColumns.includes(cell.name));
  return {
    action: outcome.action,
    micros: table.nextMicros(nowMs),
    record:
      outcome.action === CHANGE.PUT ? (outcome.row as EncodedRow).bytes : plainRow(key, outcome.touched),
    origin: originColumns.length > 0 && kept ? encodeRow(key, kept).bytes : undefined,
  };
}

/** The key alone, or the named columns with their new values: nothing when none of them exists. */
function returnedRow(
  returns: ReturnContent,
  key: readonly PlainCell[],
  after: readonly StoredCell[],
): Uint8Array | undefined {
  if (returns.type === RETURN.NONE) return undefined;
  if (returns.type === RETURN.KEY) return plainBuffer(plainRow(key, []));
  const newest = after.filter(
    (cell, index) => returns.columns.includes(cell.name) && after[index - 1]?.name !== cell.name,
  );
  if (newest.length === 0) return undefined;
  return plainBuffer(
    plainRow(
      [],
      newest.map((cell) => ({ ...cell, operation: undefined })),
    ),
  );
}

/** A row with the header that every buffer starts with. */
function plainBuffer(row: Uint8Array): Uint8Array {
  const out = new ByteWriter(HEADER_BYTES + row.length);
  writeHeader(out);
  out.copy(row);
  return out.toBytes();
}

/** A PlainBuffer row without header. */
function plainRow(key: readonly PlainCell[], cells: readonly PlainCell[]): Uint8Array {
  const out = new ByteWriter();
  const sum = writeSection(out, TAG.ROW_DATA, cells, writeSection(out, TAG.ROW_PK, key, 0));
  writeRowEnd(out, sum);
  return out.toBytes();
}
