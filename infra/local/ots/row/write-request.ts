import { MAX_ATTRIBUTE_VALUE_BYTES, MAX_COLUMNS_PER_WRITE, TIMESTAMP_LIMIT_MS } from '../limits.ts';
import { type OtsError, parameterInvalid } from '../ots-error.ts';
import { checkColumnName } from '../table/schema.ts';
import { CELL_OP, type PlainCell, type PlainRow, VARIANT, variantName } from '../wire/plain-format.ts';
import { readPlainRow } from '../wire/plain-reader.ts';
import { ProtoReader } from '../wire/proto-reader.ts';
import { type Condition, parseCondition } from './condition.ts';
import { checkKeyCells } from './primary-key.ts';
import { valueBytes } from './value.ts';

/** The three writes of one row. */
export type WriteKind = 'put' | 'update' | 'delete';

/** `ReturnContent { 1 return_type: 0 none | 1 key | 2 after modify, 2* columns }`. */
export interface ReturnContent {
  readonly type: number;
  readonly columns: readonly string[];
}

/** A write of one row, checked as far as it can be without the table. */
export interface WriteRequest {
  readonly kind: WriteKind;
  readonly row: PlainRow;
  readonly condition: Condition;
  readonly returns: ReturnContent;
  /** Bytes of names and values, as limits and capacity units count them. */
  readonly dataBytes: number;
}

/** Return types by the numbers of the protocol. */
export const RETURN = { NONE: 0, KEY: 1, AFTER_MODIFY: 2 } as const;

const MAX_RETURN_TYPE = 2;
const NOTHING: ReturnContent = { type: RETURN.NONE, columns: [] };

/** Parses what a write should answer with. */
export function parseReturnContent(bytes: Uint8Array | undefined): ReturnContent {
  if (!bytes) return NOTHING;
  const reader = new ProtoReader(bytes);
  let type: number = RETURN.NONE;
  const columns: string[] = [];
  while (reader.next()) {
    if (reader.field === 1) type = reader.int32();
    else if (reader.field === 2) columns.push(reader.string());
  }
  if (type < 0 || type > MAX_RETURN_TYPE) throw parameterInvalid('Unknown return type.');
  columns.forEach(checkColumnName);
  return { type, columns };
}

/** Builds a checked write out of its parts. `inBatch` only chooses the wording. Throws OTSParameterInvalid. */
export function parseWrite(
  kind: WriteKind,
  rowBytes: Uint8Array,
  conditionBytes: Uint8Array,
  returnBytes: Uint8Array | undefined,
  inBatch: boolean,
): WriteRequest {
  const row = readPlainRow(rowBytes);
  checkKeyCells(row.primaryKey, kind === 'delete' ? 'row' : 'insert');
  checkShape(kind, row);
  checkColumnCount(row.cells.length, kind === 'put' && !inBatch);
  for (const cell of row.cells) checkCell(kind, cell);
  return {
    kind,
    row,
    condition: parseCondition(conditionBytes),
    returns: parseReturnContent(returnBytes),
    dataBytes: dataBytes(row),
  };
}

function checkShape(kind: WriteKind, row: PlainRow): void {
  if (kind === 'update' && row.cells.length === 0) throw parameterInvalid('Attribute column is missing.');
  if (kind === 'delete' && row.cells.length > 0) {
    throw parameterInvalid('A row to delete must hold its primary key only.');
  }
  if (kind !== 'delete' && row.deleteMarker) throw parameterInvalid('Unexpected delete marker.');
}

function checkColumnCount(count: number, plainPut: boolean): void {
  if (count <= MAX_COLUMNS_PER_WRITE) return;
  const what = plainPut ? 'attribute columns' : 'columns from the request';
  throw parameterInvalid(
    `The number of ${what} exceeds the limit, limit count: ${MAX_COLUMNS_PER_WRITE}, column count: ${count}.`,
  );
}

function checkCell(kind: WriteKind, cell: PlainCell): void {
  checkColumnName(cell.name);
  if (cell.timestamp !== undefined && (cell.timestamp < 0n || cell.timestamp >= TIMESTAMP_LIMIT_MS)) {
    throw parameterInvalid('Timestamp must be in range [0, INT64_MAX/1000).');
  }
  if (cell.operation === undefined) checkValue(cell);
  else if (kind !== 'update') throw parameterInvalid('Only an update may hold cell operations.');
  else checkOperation(cell);
}

/** OTSParameterInvalid for an attribute value over the limit. */
export const valueTooLong = (name: string, bytes: number): OtsError =>
  parameterInvalid(
    `The length of attribute column: '${name}' exceeds the MaxLength:${MAX_ATTRIBUTE_VALUE_BYTES} with CurrentLength:${bytes}.`,
  );

function checkValue(cell: PlainCell): void {
  if (!cell.value) throw parameterInvalid(`The attribute column '${cell.name}' has no value.`);
  const type = cell.value[0] as number;
  if (type > VARIANT.BLOB)
    throw parameterInvalid(`${variantName(type)} is an invalid type for the attribute column.`);
  const bytes = valueBytes(cell.value);
  if (bytes > MAX_ATTRIBUTE_VALUE_BYTES) {
    throw valueTooLong(cell.name, bytes);
  }
}

function checkOperation({ name, operation, value, timestamp }: PlainCell): void {
  if (operation === CELL_OP.DELETE_ALL_VERSIONS && !value && timestamp === undefined) return;
  if (operation === CELL_OP.DELETE_ONE_VERSION && !value && timestamp !== undefined) return;
  if (operation === CELL_OP.INCREMENT && value?.[0] === VARIANT.INTEGER) return;
  throw parameterInvalid(`Invalid operation on column '${name}'.`);
}

const cellBytes = (total: number, cell: PlainCell): number =>
  total + cell.name.length + (cell.value ? valueBytes(cell.value) : 0);

const dataBytes = (row: PlainRow): number => row.cells.reduce(cellBytes, row.primaryKey.reduce(cellBytes, 0));
