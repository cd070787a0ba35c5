import { MAX_BATCH_GET_ROWS } from '../limits.ts';
import { OtsError, parameterInvalid } from '../ots-error.ts';
import { ReadFieldCollector, type ReadFields, type ReadRequest } from '../range/read-request.ts';
import { checkTableName } from '../table/schema.ts';
import type { PlainCell } from '../wire/plain-format.ts';
import { ProtoReader, required } from '../wire/proto-reader.ts';
import { ProtoWriter } from '../wire/proto-writer.ts';
import { type FoundRow, parseKey, readRow } from './get-row.ts';
import { batchKey } from './key-name.ts';
import {
  type CallContext,
  capacityUnits,
  type Operation,
  writeConsumed,
  writeRowError,
} from './operation.ts';

/**
 * `{ 1* { 1 table, 2* primary_key, 3* token, 4* columns_to_get, 5 time_range, 6 max_versions, 8 filter,
 * 9 start_column, 10 end_column } }` → `{ 1* { 1 table, 2* { 1 is_ok, 2 error, 3 consumed, 4 row } } }`.
 */
export const batchGetRow: Operation = { writes: false, key: batchKey(undefined), run };

const FIELDS: ReadFields = {
  columns: 4,
  times: 5,
  maxVersions: 6,
  filter: 8,
  startColumn: 9,
  endColumn: 10,
  refused: new Map([[3, 'token']]),
};

interface TableReads {
  readonly tableName: string;
  readonly keys: readonly (readonly PlainCell[])[];
  readonly request: ReadRequest;
}

function run(context: CallContext, body: Uint8Array): Uint8Array {
  const tables = parse(body);
  const out = new ProtoWriter();
  for (const table of tables) out.message(1, (inner) => writeTable(inner, context, table));
  return out.finish();
}

function parse(body: Uint8Array): TableReads[] {
  const reader = new ProtoReader(body);
  const tables: TableReads[] = [];
  let rows = 0;
  while (reader.next()) {
    if (reader.field !== 1) continue;
    const table = parseTable(reader.message());
    if (tables.some(({ tableName }) => tableName === table.tableName)) {
      throw parameterInvalid(`Duplicated table name: '${table.tableName}'.`);
    }
    rows += table.keys.length;
    tables.push(table);
  }
  if (tables.length === 0) throw parameterInvalid('No row specified in the request of BatchGetRow.');
  if (rows > MAX_BATCH_GET_ROWS) {
    throw parameterInvalid(`Rows count exceeds the upper limit: ${MAX_BATCH_GET_ROWS}.`);
  }
  return tables;
}

function parseTable(reader: ProtoReader): TableReads {
  const collector = new ReadFieldCollector(FIELDS);
  let tableName: string | undefined;
  const keys: (readonly PlainCell[])[] = [];
  while (reader.next()) {
    if (reader.field === 1) tableName = reader.string();
    else if (reader.field === 2) keys.push(parseKey(reader.bytes()));
    else collector.take(reader);
  }
  checkTableName(required(tableName));
  return { tableName: required(tableName), keys, request: collector.finish(' while querying row') };
}

function writeTable(out: ProtoWriter, { instance, nowMs }: CallContext, reads: TableReads): void {
  out.string(1, reads.tableName);
  for (const key of reads.keys) {
    out.message(2, (row) => {
      const found = attempt(() => readRow(instance.table(reads.tableName), key, reads.request, nowMs));
      row.bool(1, !(found instanceof OtsError));
      if (found instanceof OtsError) {
        writeRowError(row, 2, found);
        return;
      }
      writeConsumed(row, 3, { read: capacityUnits(found.dataBytes), write: 0 });
      row.bytes(4, found.bytes);
    });
  }
}

function attempt(read: () => FoundRow): FoundRow | OtsError {
  try {
    return read();
  } catch (error) {
    if (error instanceof OtsError) return error;
    throw error;
  }
}
