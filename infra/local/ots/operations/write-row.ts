import { MAX_ROW_WRITE_BYTES } from '../limits.ts';
import { parameterInvalid, unsupported } from '../ots-error.ts';
import { readsRow } from '../row/condition.ts';
import { planWrite } from '../row/write-plan.ts';
import { parseWrite, type WriteKind, type WriteRequest } from '../row/write-request.ts';
import { checkTableName } from '../table/schema.ts';
import { ProtoReader, required } from '../wire/proto-reader.ts';
import { ProtoWriter } from '../wire/proto-writer.ts';
import { rowKey } from './key-name.ts';
import {
  type CallContext,
  type Consumed,
  capacityUnits,
  type Operation,
  writeConsumed,
} from './operation.ts';

const OPERATION_NAMES: Readonly<Record<WriteKind, string>> = {
  put: 'PutRow',
  update: 'UpdateRow',
  delete: 'DeleteRow',
};

/** `{ 1 table, 2 row, 3 condition, 4 return_content, 5 transaction_id }` → `{ 1 consumed, 2 row }`. */
const writeRow = (kind: WriteKind): Operation => ({
  writes: true,
  key: rowKey(2),
  run: (context, body) => run(kind, context, body),
});

export const putRow = writeRow('put');
export const updateRow = writeRow('update');
export const deleteRow = writeRow('delete');

function run(kind: WriteKind, { instance, nowMs }: CallContext, body: Uint8Array): Uint8Array {
  const { tableName, request } = parse(kind, body);
  const table = instance.table(tableName);
  const plan = planWrite(table, request, nowMs);
  instance.apply(table, plan.effect);
  const out = new ProtoWriter();
  writeConsumed(out, 1, consumedBy(request));
  if (plan.returned) out.bytes(2, plan.returned);
  return out.finish();
}

function parse(kind: WriteKind, body: Uint8Array): { tableName: string; request: WriteRequest } {
  const reader = new ProtoReader(body);
  let tableName: string | undefined;
  let row: Uint8Array | undefined;
  let condition: Uint8Array | undefined;
  let returns: Uint8Array | undefined;
  while (reader.next()) {
    if (reader.field === 1) tableName = reader.string();
    else if (reader.field === 2) row = reader.bytes();
    else if (reader.field === 3) condition = reader.bytes();
    else if (reader.field === 4) returns = reader.bytes();
    else if (reader.field === 5 && reader.string() !== '') throw unsupported('transaction_id');
  }
  checkTableName(required(tableName));
  const request = parseWrite(kind, required(row), required(condition), returns, false);
  if (request.dataBytes > MAX_ROW_WRITE_BYTES) {
    throw parameterInvalid(
      `The total data size of ${OPERATION_NAMES[kind]} request exceeds the limit, limit size: ${MAX_ROW_WRITE_BYTES}, data size: ${request.dataBytes}.`,
    );
  }
  return { tableName: required(tableName), request };
}

/** Writing costs by size; a condition costs one read besides. */
export const consumedBy = (request: WriteRequest): Consumed => ({
  read: readsRow(request.condition) ? 1 : 0,
  write: capacityUnits(request.dataBytes),
});
