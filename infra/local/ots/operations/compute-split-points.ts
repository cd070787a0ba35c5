import { DEFAULT_SPLIT_UNIT_BYTES, MAX_SPLIT_POINTS } from '../limits.ts';
import { parameterInvalid } from '../ots-error.ts';
import { splitPoints } from '../range/split-points.ts';
import { checkTableName } from '../table/schema.ts';
import { ProtoReader, required } from '../wire/proto-reader.ts';
import { ProtoWriter } from '../wire/proto-writer.ts';
import { tableKey } from './key-name.ts';
import { type CallContext, capacityUnits, type Operation, writeConsumed } from './operation.ts';
import { writeKeyColumns } from './table-messages.ts';

/**
 * `{ 1 table, 2 split_size, 3 split_size_unit_in_byte, 4 split_point_limit }` →
 * `{ 1 consumed, 2* key schema, 3* points, 4* { 1 location, 2 sint64 repeat } }`.
 * n points are n + 1 splits; the cloud asks for units of at least 1 MiB, here any unit is allowed.
 */
export const computeSplitPoints: Operation = { writes: false, key: tableKey(1), run };

function run({ instance }: CallContext, body: Uint8Array): Uint8Array {
  const reader = new ProtoReader(body);
  let name: string | undefined;
  let size: bigint | undefined;
  let unit = BigInt(DEFAULT_SPLIT_UNIT_BYTES);
  let limit = MAX_SPLIT_POINTS;
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) size = reader.int64();
    else if (reader.field === 3) unit = reader.int64();
    else if (reader.field === 4) limit = reader.int32();
  }
  checkTableName(required(name));
  if (required(size) <= 0n) throw parameterInvalid('The split_size should be greater than 0.');
  if (unit <= 0n) throw parameterInvalid('The split_size_unit_in_byte should be greater than 0.');
  if (limit <= 0) throw parameterInvalid('The split_point_limit should be greater than 0.');
  const table = instance.table(required(name));
  const points = splitPoints(table, Number(required(size) * unit), Math.min(limit, MAX_SPLIT_POINTS));
  const out = new ProtoWriter();
  writeConsumed(out, 1, { read: capacityUnits(0), write: 0 });
  writeKeyColumns(out, 2, table.definition.keyColumns);
  for (const point of points) out.bytes(3, point);
  out.message(4, (location) => {
    location.string(1, '').sint(2, points.length + 1);
  });
  return out.finish();
}
