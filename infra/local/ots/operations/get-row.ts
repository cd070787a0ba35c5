import { RowCut } from '../range/cut.ts';
import { cutRule, ReadFieldCollector, type ReadFields, type ReadRequest } from '../range/read-request.ts';
import { RowOutput } from '../range/row-output.ts';
import { checkKeyCells, checkKeySchema, encodeKey } from '../row/primary-key.ts';
import { checkTableName } from '../table/schema.ts';
import type { Table } from '../table/table.ts';
import { ByteWriter } from '../wire/byte-writer.ts';
import type { PlainCell } from '../wire/plain-format.ts';
import { readPlainRow } from '../wire/plain-reader.ts';
import { writeHeader } from '../wire/plain-writer.ts';
import { ProtoReader, required } from '../wire/proto-reader.ts';
import { ProtoWriter } from '../wire/proto-writer.ts';
import { rowKey } from './key-name.ts';
import { type CallContext, capacityUnits, EMPTY_BODY, type Operation, writeConsumed } from './operation.ts';

/**
 * `{ 1 table, 2 primary_key, 3* columns_to_get, 4 time_range, 5 max_versions, 7 filter, 8 start_column,
 * 9 end_column, 10 token, 11 transaction_id }` → `{ 1 consumed, 2 row (empty when absent) }`.
 */
export const getRow: Operation = { writes: false, key: rowKey(2), run };

const FIELDS: ReadFields = {
  columns: 3,
  times: 4,
  maxVersions: 5,
  filter: 7,
  startColumn: 8,
  endColumn: 9,
  refused: new Map([
    [10, 'token'],
    [11, 'transaction_id'],
  ]),
};

function run({ instance, nowMs }: CallContext, body: Uint8Array): Uint8Array {
  const reader = new ProtoReader(body);
  const collector = new ReadFieldCollector(FIELDS);
  let tableName: string | undefined;
  let keyBytes: Uint8Array | undefined;
  while (reader.next()) {
    if (reader.field === 1) tableName = reader.string();
    else if (reader.field === 2) keyBytes = reader.bytes();
    else collector.take(reader);
  }
  checkTableName(required(tableName));
  const key = parseKey(required(keyBytes));
  const request = collector.finish('');
  const row = readRow(instance.table(required(tableName)), key, request, nowMs);
  const out = new ProtoWriter();
  writeConsumed(out, 1, { read: capacityUnits(row.dataBytes), write: 0 });
  return out.bytes(2, row.bytes).finish();
}

/** The key cells of a row to read. Throws OTSParameterInvalid. */
export function parseKey(bytes: Uint8Array): readonly PlainCell[] {
  const { primaryKey } = readPlainRow(bytes);
  checkKeyCells(primaryKey, 'row');
  return primaryKey;
}

const cut = new RowCut();

/** The asked part of one row. */
export interface FoundRow {
  /** A buffer with header; empty when the read does not see the row. */
  readonly bytes: Uint8Array;
  /** Bytes of names and values, which capacity units are counted on. */
  readonly dataBytes: number;
}

const NOT_SEEN: FoundRow = { bytes: EMPTY_BODY, dataBytes: 0 };

/** Reads one row. Throws OTSInvalidPK when the key does not fit the table. */
export function readRow(
  table: Table,
  key: readonly PlainCell[],
  request: ReadRequest,
  nowMs: number,
): FoundRow {
  checkKeySchema(key, table.definition.keyColumns);
  const stored = table.rows.get(encodeKey(key));
  if (!stored) return NOT_SEEN;
  const output = new RowOutput(cut, table, request, cutRule(request, table, nowMs));
  if (!output.select(stored, 0) || !output.passes()) return NOT_SEEN;
  const out = new ByteWriter(stored.length + 16);
  writeHeader(out);
  output.write(out);
  return { bytes: out.view(), dataBytes: output.dataBytes() };
}
