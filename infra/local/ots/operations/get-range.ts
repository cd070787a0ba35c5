import { parameterInvalid } from '../ots-error.ts';
import { type RangeRequest, readPage } from '../range/page.ts';
import { ReadFieldCollector, type ReadFields } from '../range/read-request.ts';
import { compareBytes } from '../row/key-encoding.ts';
import { checkKeyCells, checkKeySchema, encodeKey } from '../row/primary-key.ts';
import { checkTableName } from '../table/schema.ts';
import type { Table } from '../table/table.ts';
import type { PlainCell } from '../wire/plain-format.ts';
import { readPlainRow } from '../wire/plain-reader.ts';
import { ProtoReader, required } from '../wire/proto-reader.ts';
import { ProtoWriter } from '../wire/proto-writer.ts';
import { rowKey } from './key-name.ts';
import { type CallContext, capacityUnits, type Operation, writeConsumed } from './operation.ts';

/**
 * `{ 1 table, 2 direction, 3* columns_to_get, 4 time_range, 5 max_versions, 6 limit, 7 inclusive_start,
 * 8 exclusive_end, 10 filter, 11 start_column, 12 end_column, 13 token, 14 transaction_id,
 * 16 return_entire_primary_keys }` → `{ 1 consumed, 2 rows, 3 next_start_primary_key }`.
 * The hints for other block and compression types (15, 17) may be left unfollowed.
 */
export const getRange: Operation = { writes: false, key: rowKey(7, 8), run };

const FORWARD = 0;
const BACKWARD = 1;
/** Room for the fields around the rows. */
const ENVELOPE_BYTES = 64;

const FIELDS: ReadFields = {
  columns: 3,
  times: 4,
  maxVersions: 5,
  filter: 10,
  startColumn: 11,
  endColumn: 12,
  entireKey: 16,
  refused: new Map([
    [13, 'token'],
    [14, 'transaction_id'],
  ]),
};

interface ParsedRange {
  readonly tableName: string;
  readonly start: readonly PlainCell[];
  readonly end: readonly PlainCell[];
  readonly read: Omit<RangeRequest, 'start' | 'end'>;
}

function run({ instance, nowMs }: CallContext, body: Uint8Array): Uint8Array {
  const { tableName, start, end, read } = parse(body);
  const table = instance.table(tableName);
  const request = { ...read, start: boundKey(table, start), end: boundKey(table, end) };
  checkOrder(request);
  const page = readPage(table, request, nowMs);
  const out = new ProtoWriter(page.rows.length + (page.next?.length ?? 0) + ENVELOPE_BYTES);
  writeConsumed(out, 1, { read: capacityUnits(page.readBytes), write: 0 });
  out.bytes(2, page.rows);
  if (page.next) out.bytes(3, page.next);
  return out.out.view();
}

function parse(body: Uint8Array): ParsedRange {
  const reader = new ProtoReader(body);
  const collector = new ReadFieldCollector(FIELDS);
  let tableName: string | undefined;
  let direction: number | undefined;
  let limit: number | undefined;
  let start: readonly PlainCell[] | undefined;
  let end: readonly PlainCell[] | undefined;
  while (reader.next()) {
    if (reader.field === 1) tableName = reader.string();
    else if (reader.field === 2) direction = reader.int32();
    else if (reader.field === 6) limit = reader.int32();
    else if (reader.field === 7) start = parseBound(reader.bytes());
    else if (reader.field === 8) end = parseBound(reader.bytes());
    else collector.take(reader);
  }
  checkTableName(required(tableName));
  if (direction !== FORWARD && direction !== BACKWARD) throw parameterInvalid('Unknown direction.');
  if (limit !== undefined && limit <= 0) throw parameterInvalid('The limit must be greater than 0.');
  const read = { ...collector.finish(''), backward: direction === BACKWARD, limit };
  return { tableName: required(tableName), start: required(start), end: required(end), read };
}

function parseBound(bytes: Uint8Array): readonly PlainCell[] {
  const { primaryKey } = readPlainRow(bytes);
  checkKeyCells(primaryKey, 'bound');
  return primaryKey;
}

function boundKey(table: Table, cells: readonly PlainCell[]): Uint8Array {
  checkKeySchema(cells, table.definition.keyColumns);
  return encodeKey(cells);
}

function checkOrder({ start, end, backward }: RangeRequest): void {
  const order = compareBytes(start, 0, start.length, end, 0, end.length);
  if (!backward && order >= 0) throw parameterInvalid('Begin key must less than end key in FORWARD');
  if (backward && order <= 0) throw parameterInvalid('Begin key must more than end key in BACKWARD');
}
