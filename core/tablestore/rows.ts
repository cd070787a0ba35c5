/** Row operations: their requests for the SDK's encoder and how their answers are read. */
import { type Answer, verifyBody } from './answer.ts';
import { ProtocolFault, ServiceFault } from './errors.ts';
import { readRow } from './plain-buffer/row-reader.ts';
import { MessageReader } from './protobuf.ts';
import { type SdkColumnCondition, type SdkCondition, sdk } from './sdk.ts';
import type { Operation } from './transport.ts';
import {
  attributeName,
  type KeyBound,
  type KeyColumn,
  type StoredRow,
  sdkCells,
  sdkKey,
  sdkValue,
  type Value,
} from './values.ts';

/** A column that must hold exactly this value; a row without the column, or no row at all, does not pass. */
export interface ColumnEquals {
  readonly column: string;
  readonly equals: Value;
}

/** When a write may happen. A list of columns must match in full. */
export type RowCondition =
  | 'ignore'
  | 'expect-exist'
  | 'expect-not-exist'
  | ColumnEquals
  | readonly ColumnEquals[];

/** A row to address. */
export interface RowRef {
  readonly table: string;
  readonly key: readonly KeyColumn[];
}

/** A row to read; `columns` limits the attributes, and a row that has none of them counts as absent. */
export interface GetRowRequest extends RowRef {
  readonly columns?: readonly string[];
}

/** A whole row to store: attributes not listed are gone afterwards. */
export interface PutRowRequest extends RowRef {
  readonly columns: Readonly<Record<string, Value>>;
  readonly condition: RowCondition;
}

/** Attributes to set and to remove; others stay. */
export interface UpdateRowRequest extends RowRef {
  readonly put?: Readonly<Record<string, Value>>;
  readonly remove?: readonly string[];
  readonly condition: RowCondition;
}

/** A row to remove with all its attributes. */
export interface DeleteRowRequest extends RowRef {
  readonly condition: RowCondition;
}

/** One write of a batch. */
export type BatchWrite =
  | ({ readonly type: 'put' } & PutRowRequest)
  | ({ readonly type: 'update' } & UpdateRowRequest)
  | ({ readonly type: 'delete' } & DeleteRowRequest);

/** A range, [begin, end) in scan direction; keys may be infinite in any column. */
export interface GetRangeRequest {
  readonly table: string;
  readonly direction: 'FORWARD' | 'BACKWARD';
  readonly begin: readonly KeyColumn<KeyBound>[];
  readonly end: readonly KeyColumn<KeyBound>[];
  /** Attributes to fetch; rows with none of them are left out unless a key column is named too. At most 128. */
  readonly columns?: readonly string[];
  /** Rows per page; absent = what the service gives, at most 5,000 rows or 4 MiB. */
  readonly limit?: number;
}

/** A page of a range. */
export interface RawPage {
  /** PlainBuffer with many rows after one header, or no bytes at all. A view of the answer. */
  readonly rows: Buffer;
  /** Where the range continues; absent at its end. A page may be empty and still have one. */
  readonly next?: readonly KeyColumn[];
  readonly requestId: string;
}

/** The answer for one row of a batch. */
export interface BatchItem {
  readonly fault?: ServiceFault;
  /** Empty if there is no such row. */
  readonly row: Buffer;
}

/** Answers the row, or nothing. */
export const getRow: Operation<object, StoredRow | undefined> = {
  name: 'getRow',
  write: false,
  decode: (body) => readRow(fieldOf(body, 2)),
};

const write = (name: string): Operation<object, void> => ({ name, write: true, decode: () => undefined });

/** Writes of one row answer nothing: no fault is success. */
export const putRow = write('putRow');
/** See `putRow`. */
export const updateRow = write('updateRow');
/** See `putRow`. */
export const deleteRow = write('deleteRow');

/** Answers one page, its rows not decoded. */
export const getRange: Operation<object, RawPage> = {
  name: 'getRange',
  write: false,
  decode: rawPage,
};

/** Answers per table and row, in request order. */
export const batchGetRow: Operation<object, BatchItem[][]> = {
  name: 'batchGetRow',
  write: false,
  decode: batchItems,
};

/** Answers per table and row, in request order; each row stands alone. */
export const batchWriteRow: Operation<object, BatchItem[][]> = {
  name: 'batchWriteRow',
  write: true,
  decode: batchItems,
};

/** The SDK's parameters for GetRow. */
export const getRowParams = (request: GetRowRequest): object => ({
  tableName: request.table,
  primaryKey: sdkKey(request.key),
  maxVersions: 1,
  ...(request.columns === undefined ? {} : { columnsToGet: request.columns }),
});

/** The SDK's parameters for PutRow. */
export const putRowParams = (request: PutRowRequest): object => ({
  tableName: request.table,
  primaryKey: sdkKey(request.key),
  attributeColumns: sdkCells(request.columns),
  condition: sdkCondition(request.condition),
});

/** The SDK's parameters for UpdateRow. */
export const updateRowParams = (request: UpdateRowRequest): object => ({
  tableName: request.table,
  primaryKey: sdkKey(request.key),
  updateOfAttributeColumns: sdkChanges(request),
  condition: sdkCondition(request.condition),
});

/** The SDK's parameters for DeleteRow. */
export const deleteRowParams = (request: DeleteRowRequest): object => ({
  tableName: request.table,
  primaryKey: sdkKey(request.key),
  condition: sdkCondition(request.condition),
});

/** The SDK's parameters for GetRange. */
export const getRangeParams = (request: GetRangeRequest): object => ({
  tableName: request.table,
  direction: request.direction,
  inclusiveStartPrimaryKey: sdkKey(request.begin),
  exclusiveEndPrimaryKey: sdkKey(request.end),
  maxVersions: 1,
  ...(request.columns === undefined ? {} : { columnsToGet: request.columns }),
  ...(request.limit === undefined ? {} : { limit: request.limit }),
});

/** One row of a batch write, as the encoder wants it. */
export function batchWriteParams(request: BatchWrite): object {
  const condition = sdkCondition(request.condition);
  const primaryKey = sdkKey(request.key);
  switch (request.type) {
    case 'put':
      return { type: 'PUT', condition, primaryKey, attributeColumns: sdkCells(request.columns) };
    case 'update':
      return { type: 'UPDATE', condition, primaryKey, attributeColumns: sdkChanges(request) };
    case 'delete':
      return { type: 'DELETE', condition, primaryKey };
    default:
      return request satisfies never;
  }
}

const EXISTENCE = { ignore: 0, 'expect-exist': 1, 'expect-not-exist': 2 } as const;

function sdkCondition(condition: RowCondition): SdkCondition {
  if (typeof condition === 'string') return new sdk.Condition(EXISTENCE[condition], null);
  const parts = 'column' in condition ? [equalTo(condition)] : condition.map(equalTo);
  const [only] = parts;
  if (parts.length === 1 && only) return new sdk.Condition(EXISTENCE.ignore, only);
  const all = new sdk.CompositeCondition(sdk.LogicalOperator.AND);
  for (const part of parts) all.addSubCondition(part);
  return new sdk.Condition(EXISTENCE.ignore, all);
}

/** Unless told otherwise the SDK lets a missing column pass: the last two arguments are not optional here. */
function equalTo({ column, equals }: ColumnEquals): SdkColumnCondition {
  return new sdk.SingleColumnCondition(column, sdkValue(equals), sdk.ComparatorType.EQUAL, false, true);
}

function sdkChanges(request: UpdateRowRequest): object[] {
  const changes: object[] = [];
  if (request.put) changes.push({ PUT: sdkCells(request.put) });
  if (request.remove?.length) changes.push({ DELETE_ALL: request.remove.map(attributeName) });
  return changes;
}

/**
 * `1: consumed, 2: rows, 3: next key, 5: block type, 6: compression`. A page without a next key ends the range:
 * such a page must be exactly what the service sent, since a damaged envelope could only look like it.
 */
function rawPage(body: Buffer, answer: Answer): RawPage {
  let rows: Buffer | undefined;
  let next: Buffer | undefined;
  for (const reader = new MessageReader(body); reader.next(); ) {
    if (reader.field === 2) rows = once(rows, reader.view());
    else if (reader.field === 3) next = once(next, reader.view());
    else if (reader.field === 5 || reader.field === 6) expectPlainBuffer(reader.int());
    else reader.skip();
  }
  if (!rows) throw new ProtocolFault('no rows field in the answer', body.length);
  const { requestId } = answer;
  const row = next && readRow(next);
  if (row) return { rows, next: row.key, requestId };
  verifyBody(body, answer);
  return { rows, requestId };
}

function once(earlier: Buffer | undefined, view: Buffer): Buffer {
  if (earlier) throw new ProtocolFault('a field twice in one answer', earlier.length);
  return view;
}

/** Block type 0 is PlainBuffer, compression 0 is none; others are sent only to those who ask for them. */
function expectPlainBuffer(blockType: number): void {
  if (blockType !== 0) throw new ProtocolFault(`data block or compression type ${blockType}`, 0);
}

/** `1: table* { 2: row* { 1: ok, 2: error { 1: code, 2: message }, 4: row } }`, in request order. */
function batchItems(body: Buffer): BatchItem[][] {
  return fieldsOf(body, 1).map((table) => fieldsOf(table, 2).map(batchItem));
}

function batchItem(bytes: Buffer): BatchItem {
  let ok = false;
  let error: Buffer | undefined;
  let row: Buffer = bytes.subarray(0, 0);
  for (const reader = new MessageReader(bytes); reader.next(); ) {
    if (reader.field === 1) ok = reader.int() !== 0;
    else if (reader.field === 2) error = reader.view();
    else if (reader.field === 4) row = reader.view();
    else reader.skip();
  }
  if (ok) return { row };
  const [code = '', message = ''] = [1, 2].map((n) => (error ? fieldOf(error, n).toString('utf8') : ''));
  return { fault: new ServiceFault(code, 200, message, ''), row };
}

function fieldsOf(message: Buffer, field: number): Buffer[] {
  const found: Buffer[] = [];
  for (const reader = new MessageReader(message); reader.next(); ) {
    if (reader.field === field) found.push(reader.view());
    else reader.skip();
  }
  return found;
}

const fieldOf = (message: Buffer, field: number): Buffer =>
  fieldsOf(message, field)[0] ?? message.subarray(0, 0);
