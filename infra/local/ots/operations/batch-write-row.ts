import { MAX_BATCH_WRITE_BYTES, MAX_BATCH_WRITE_ROWS } from '../limits.ts';
import { OtsError, parameterInvalid, unsupported } from '../ots-error.ts';
import { type PlannedRows, planWrite, type WritePlan } from '../row/write-plan.ts';
import { parseWrite, type WriteKind, type WriteRequest } from '../row/write-request.ts';
import { checkTableName } from '../table/schema.ts';
import { ProtoReader, required } from '../wire/proto-reader.ts';
import { ProtoWriter } from '../wire/proto-writer.ts';
import { atomicFault, type TableWrites } from './atomic-scope.ts';
import { batchKey } from './key-name.ts';
import { type CallContext, type Operation, writeConsumed, writeRowError } from './operation.ts';
import { consumedBy } from './write-row.ts';

/**
 * `{ 1* { 1 table, 2* { 1 type, 2 row_change, 3 condition, 4 return_content } }, 2 transaction_id, 3 is_atomic }`
 * → `{ 1* { 1 table, 2* { 1 is_ok, 2 error, 3 consumed, 4 row } } }`.
 */
export const batchWriteRow: Operation = { writes: true, key: batchKey(2), run };

const WRITE_KINDS: Readonly<Record<number, WriteKind>> = { 1: 'put', 2: 'update', 3: 'delete' };

type Outcome = WritePlan | OtsError;

function run(context: CallContext, body: Uint8Array): Uint8Array {
  const { tables, atomic } = parse(body);
  checkTables(tables);
  const outcomes = atomic ? writeTogether(context, tables) : tables.map((table) => writeEach(context, table));
  const out = new ProtoWriter();
  tables.forEach((table, index) => {
    out.message(1, (inner) => writeTable(inner, table, outcomes[index] as Outcome[]));
  });
  return out.finish();
}

function writeTable(
  out: ProtoWriter,
  { tableName, writes }: TableWrites,
  outcomes: readonly Outcome[],
): void {
  out.string(1, tableName);
  writes.forEach((request, index) => {
    const outcome = outcomes[index] as Outcome;
    out.message(2, (row) => {
      row.bool(1, !(outcome instanceof OtsError));
      if (outcome instanceof OtsError) {
        writeRowError(row, 2, outcome);
        return;
      }
      writeConsumed(row, 3, consumedBy(request));
      if (outcome.returned) row.bytes(4, outcome.returned);
    });
  });
}

function parse(body: Uint8Array): { tables: TableWrites[]; atomic: boolean } {
  const reader = new ProtoReader(body);
  const tables: TableWrites[] = [];
  let atomic = false;
  while (reader.next()) {
    if (reader.field === 1) tables.push(parseTable(reader.message()));
    else if (reader.field === 2 && reader.string() !== '') throw unsupported('transaction_id');
    else if (reader.field === 3) atomic = reader.bool();
  }
  return { tables, atomic };
}

function parseTable(reader: ProtoReader): TableWrites {
  let tableName: string | undefined;
  const rows: ProtoReader[] = [];
  while (reader.next()) {
    if (reader.field === 1) tableName = reader.string();
    else if (reader.field === 2) rows.push(reader.message());
  }
  checkTableName(required(tableName));
  if (rows.length > MAX_BATCH_WRITE_ROWS) throw tooManyRows();
  return { tableName: required(tableName), writes: rows.map(parseRow) };
}

function parseRow(reader: ProtoReader): WriteRequest {
  let kind: WriteKind | undefined;
  let change: Uint8Array | undefined;
  let condition: Uint8Array | undefined;
  let returns: Uint8Array | undefined;
  while (reader.next()) {
    if (reader.field === 1) kind = WRITE_KINDS[reader.int32()];
    else if (reader.field === 2) change = reader.bytes();
    else if (reader.field === 3) condition = reader.bytes();
    else if (reader.field === 4) returns = reader.bytes();
  }
  return parseWrite(required(kind), required(change), required(condition), returns, true);
}

const tooManyRows = (): OtsError =>
  parameterInvalid(`Rows count exceeds the upper limit: ${MAX_BATCH_WRITE_ROWS}.`);

function checkTables(tables: readonly TableWrites[]): void {
  if (tables.length === 0) throw parameterInvalid('No row is specified in BatchWriteRow.');
  let rows = 0;
  let bytes = 0;
  const names = new Set<string>();
  for (const { tableName, writes } of tables) {
    if (names.has(tableName)) throw parameterInvalid(`Duplicated table name: '${tableName}'.`);
    names.add(tableName);
    if (writes.length === 0) throw parameterInvalid(`No operation is specified for table: '${tableName}'.`);
    rows += writes.length;
    for (const { dataBytes } of writes) bytes += dataBytes;
  }
  if (rows > MAX_BATCH_WRITE_ROWS) throw tooManyRows();
  if (bytes > MAX_BATCH_WRITE_BYTES) {
    throw parameterInvalid(
      `The total data size of BatchWriteRow request exceeds the limit, limit size: ${MAX_BATCH_WRITE_BYTES}, data size: ${bytes}.`,
    );
  }
}

const attempt = (plan: () => WritePlan): Outcome => {
  try {
    return plan();
  } catch (error) {
    if (error instanceof OtsError) return error;
    throw error;
  }
};

function writeEach({ instance, nowMs }: CallContext, { tableName, writes }: TableWrites): Outcome[] {
  return writes.map((request) =>
    attempt(() => {
      const table = instance.table(tableName);
      const plan = planWrite(table, request, nowMs);
      instance.apply(table, plan.effect);
      return plan;
    }),
  );
}

/**
 * All rows or none: everything is planned before anything is applied, each write upon those before it. A row out
 * of scope fails the whole batch with its error; any other bad row fails the good ones with the first error.
 */
function writeTogether({ instance, nowMs }: CallContext, tables: readonly TableWrites[]): Outcome[][] {
  const outOfScope = atomicFault(tables);
  if (outOfScope) return tables.map(({ writes }) => writes.map(() => outOfScope));
  const planned: PlannedRows = new Map();
  const outcomes = tables.map(({ tableName, writes }) =>
    writes.map((request) => attempt(() => planWrite(instance.table(tableName), request, nowMs, planned))),
  );
  const firstError = outcomes.flat().find((outcome) => outcome instanceof OtsError);
  if (firstError) {
    return outcomes.map((row) => row.map((outcome) => (outcome instanceof OtsError ? outcome : firstError)));
  }
  outcomes.forEach((plans, index) => {
    const table = instance.table((tables[index] as TableWrites).tableName);
    for (const plan of plans) instance.apply(table, (plan as WritePlan).effect);
  });
  return outcomes;
}
