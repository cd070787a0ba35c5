import { parameterInvalid } from '../ots-error.ts';
import { checkTableName, type DefinedColumn, NO_STREAM, type StreamState } from '../table/schema.ts';
import type { Table } from '../table/table.ts';
import { ProtoReader, required } from '../wire/proto-reader.ts';
import { ProtoWriter } from '../wire/proto-writer.ts';
import { checkDefinedColumns } from './create-table.ts';
import { tableKey } from './key-name.ts';
import { type CallContext, EMPTY_BODY, type Operation } from './operation.ts';
import {
  parseDefinedColumn,
  parseOptions,
  parseStream,
  parseThroughput,
  type StreamWish,
  startedStream,
  writeOptions,
  writeStream,
  writeThroughput,
} from './table-messages.ts';

/**
 * `{ 1 table, 2 reserved_throughput, 3 table_options, 4 stream_spec }` →
 * `{ 1 throughput details, 2 table_options, 3 stream_details }`.
 */
export const updateTable: Operation = { writes: true, key: tableKey(1), run: runUpdate };

function runUpdate({ instance, nowMs }: CallContext, body: Uint8Array): Uint8Array {
  const reader = new ProtoReader(body);
  let name: string | undefined;
  let throughputBytes: Uint8Array | undefined;
  let optionBytes: Uint8Array | undefined;
  let streamBytes: Uint8Array | undefined;
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) throughputBytes = reader.bytes();
    else if (reader.field === 3) optionBytes = reader.bytes();
    else if (reader.field === 4) streamBytes = reader.bytes();
  }
  checkTableName(required(name));
  const table = instance.table(required(name));
  const old = table.definition;
  const options = optionBytes ? parseOptions(optionBytes, old.options) : old.options;
  const throughput = throughputBytes ? parseThroughput(throughputBytes, nowMs) : old.throughput;
  const stream = streamBytes ? changedStream(table, parseStream(streamBytes), nowMs) : old.stream;
  instance.redefine(table, { options, throughput, stream });
  const out = new ProtoWriter();
  writeThroughput(out, 1, throughput);
  writeOptions(out, 2, options);
  writeStream(out, 3, stream);
  return out.finish();
}

/** A running stream keeps its settings: other ones need it to be stopped and started anew. */
function changedStream(table: Table, wish: StreamWish, nowMs: number): StreamState {
  const { stream, name } = table.definition;
  // The time of the last start is kept, so that a restart under a standing clock still gets another id.
  if (!wish.enabled) return { ...NO_STREAM, enabledAtMicros: stream.enabledAtMicros };
  const micros = Math.max(Math.floor(nowMs * 1000), stream.enabledAtMicros + 1);
  if (!stream.enabled) return startedStream(name, wish, micros);
  const same =
    stream.expirationHours === wish.expirationHours &&
    [...stream.originColumns].sort().join() === [...wish.columns].sort().join();
  if (!same) throw parameterInvalid('The stream is enabled: disable it before changing its specification.');
  return stream;
}

/** `{ 1 table, 2* columns }` → empty. */
const changeDefinedColumns = (
  change: (columns: readonly DefinedColumn[], named: readonly DefinedColumn[]) => readonly DefinedColumn[],
  parseColumn: (reader: ProtoReader) => DefinedColumn,
): Operation => ({
  writes: true,
  key: tableKey(1),
  run: ({ instance }, body) => {
    const reader = new ProtoReader(body);
    let name: string | undefined;
    const named: DefinedColumn[] = [];
    while (reader.next()) {
      if (reader.field === 1) name = reader.string();
      else if (reader.field === 2) named.push(parseColumn(reader));
    }
    checkTableName(required(name));
    if (named.length === 0) throw parameterInvalid('No defined column is specified.');
    const table = instance.table(required(name));
    const definedColumns = change(table.definition.definedColumns, named);
    checkDefinedColumns(definedColumns, table.definition.keyColumns);
    instance.redefine(table, { definedColumns });
    return EMPTY_BODY;
  },
});

/** Adds predefined columns. */
export const addDefinedColumn = changeDefinedColumns(
  (columns, named) => [...columns, ...named],
  (reader) => parseDefinedColumn(reader.message()),
);

/** Removes predefined columns; the request lists bare names, so the type is of no account. */
export const deleteDefinedColumn = changeDefinedColumns(
  (columns, named) => {
    for (const { name } of named) {
      if (!columns.some((column) => column.name === name)) {
        throw parameterInvalid(`Defined column '${name}' does not exist.`);
      }
    }
    return columns.filter((column) => !named.some(({ name }) => name === column.name));
  },
  (reader) => ({ name: reader.string(), type: 0 }),
);
