import { checkTableName } from '../table/schema.ts';
import { ProtoReader, required } from '../wire/proto-reader.ts';
import { ProtoWriter } from '../wire/proto-writer.ts';
import { tableKey } from './key-name.ts';
import { EMPTY_BODY, type Operation } from './operation.ts';
import { writeMeta, writeOptions, writeStream, writeThroughput } from './table-messages.ts';

const TABLE_ACTIVE = 1;

/** Empty → `{ 1* table_names }`, all of them. */
export const listTable: Operation = {
  writes: false,
  key: () => '',
  run: ({ instance }) => {
    const out = new ProtoWriter();
    for (const name of instance.tableNames()) out.string(1, name);
    return out.finish();
  },
};

/**
 * `{ 1 table }` → `{ 1 meta, 2 throughput details, 3 options, 4 status, 5 stream details, 9 creation_time µs }`.
 * The status is always sent, since some clients demand it.
 */
export const describeTable: Operation = {
  writes: false,
  key: tableKey(1),
  run: ({ instance }, body) => {
    const { definition } = instance.table(parseTableName(body));
    const out = new ProtoWriter();
    writeMeta(out, 1, definition);
    writeThroughput(out, 2, definition.throughput);
    writeOptions(out, 3, definition.options);
    out.uint(4, TABLE_ACTIVE);
    writeStream(out, 5, definition.stream);
    return out.uint(9, definition.createdAtMicros).finish();
  },
};

/** `{ 1 table }` → empty. */
export const deleteTable: Operation = {
  writes: true,
  key: tableKey(1),
  run: ({ instance }, body) => {
    instance.drop(instance.table(parseTableName(body)));
    return EMPTY_BODY;
  },
};

function parseTableName(body: Uint8Array): string {
  const reader = new ProtoReader(body);
  let name: string | undefined;
  while (reader.next()) if (reader.field === 1) name = reader.string();
  checkTableName(required(name));
  return required(name);
}
