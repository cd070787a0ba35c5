import { DEFAULT_DEVIATION_SECONDS, MAX_STREAM_HOURS, MIN_STREAM_HOURS, MIN_TTL_SECONDS } from '../limits.ts';
import { parameterInvalid } from '../ots-error.ts';
import {
  checkColumnName,
  DEFINED_TYPES,
  type DefinedColumn,
  type KeyColumn,
  type StreamState,
  type TableDefinition,
  type TableOptions,
  type Throughput,
} from '../table/schema.ts';
import { ProtoReader, required } from '../wire/proto-reader.ts';
import type { ProtoWriter } from '../wire/proto-writer.ts';

/**
 * Messages that the table calls share:
 *
 *     PrimaryKeySchema    { 1 name, 2 type, 3 option: 1 auto increment }
 *     DefinedColumnSchema { 1 name, 2 type }
 *     TableOptions        { 1 time_to_live s, 2 max_versions, 5 deviation s, 6 allow_update }
 *     ReservedThroughput  { 1 CapacityUnit { 1 read, 2 write } }
 *     StreamSpecification { 1 enable, 2 expiration h, 3* columns }
 *     StreamDetails       { 1 enable, 2 stream id, 3 expiration h, 4 last enable µs, 5* columns }
 */
const AUTO_INCREMENT = 1;
const DEFAULT_MAX_VERSIONS = 1;
const DEFAULT_STREAM_HOURS = 24;

/** Options of a table that asks for none. */
export const DEFAULT_OPTIONS: TableOptions = {
  ttlSeconds: -1,
  maxVersions: DEFAULT_MAX_VERSIONS,
  deviationSeconds: DEFAULT_DEVIATION_SECONDS,
  allowUpdate: true,
};

/** Parses one key column of a table to create. */
export function parseKeyColumn(reader: ProtoReader): KeyColumn {
  let name: string | undefined;
  let type: number | undefined;
  let option: number | undefined;
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) type = reader.int32();
    else if (reader.field === 3) option = reader.int32();
  }
  checkColumnName(required(name));
  if (option !== undefined && option !== AUTO_INCREMENT)
    throw parameterInvalid('Unknown primary key option.');
  return { name: required(name), type: required(type), autoIncrement: option === AUTO_INCREMENT };
}

/** Parses one predefined column. */
export function parseDefinedColumn(reader: ProtoReader): DefinedColumn {
  let name: string | undefined;
  let type: number | undefined;
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) type = reader.int32();
  }
  checkColumnName(required(name));
  if (!DEFINED_TYPES.has(required(type))) throw parameterInvalid(`Invalid type of defined column '${name}'.`);
  return { name: required(name), type: required(type) };
}

/** Parses options on top of `base`; an empty message changes nothing. */
export function parseOptions(bytes: Uint8Array, base: TableOptions): TableOptions {
  const reader = new ProtoReader(bytes);
  let { ttlSeconds, maxVersions, deviationSeconds, allowUpdate } = base;
  while (reader.next()) {
    if (reader.field === 1) ttlSeconds = reader.int32();
    else if (reader.field === 2) maxVersions = reader.int32();
    else if (reader.field === 5) deviationSeconds = reader.int64();
    else if (reader.field === 6) allowUpdate = reader.bool();
  }
  if (ttlSeconds !== -1 && ttlSeconds < MIN_TTL_SECONDS) {
    throw parameterInvalid(`The time_to_live must be -1 or at least ${MIN_TTL_SECONDS} seconds.`);
  }
  if (maxVersions <= 0) throw parameterInvalid('The max_versions must be greater than 0.');
  if (deviationSeconds <= 0n)
    throw parameterInvalid('The deviation_cell_version_in_sec must be greater than 0.');
  return { ttlSeconds, maxVersions, deviationSeconds, allowUpdate };
}

/** Parses reserved capacity. */
export function parseThroughput(bytes: Uint8Array, nowMs: number): Throughput {
  const reader = new ProtoReader(bytes);
  let read = 0;
  let write = 0;
  while (reader.next()) {
    if (reader.field !== 1) continue;
    const unit = reader.message();
    while (unit.next()) {
      if (unit.field === 1) read = unit.int32();
      else if (unit.field === 2) write = unit.int32();
    }
  }
  if (read < 0 || write < 0) throw parameterInvalid('Reserved throughput must not be negative.');
  return { read, write, changedAtSeconds: Math.floor(nowMs / 1000) };
}

/** What a stream specification asks for. */
export interface StreamWish {
  readonly enabled: boolean;
  readonly expirationHours: number;
  readonly columns: readonly string[];
}

/** Parses a stream specification. */
export function parseStream(bytes: Uint8Array): StreamWish {
  const reader = new ProtoReader(bytes);
  let enabled: boolean | undefined;
  let expirationHours = DEFAULT_STREAM_HOURS;
  const columns: string[] = [];
  while (reader.next()) {
    if (reader.field === 1) enabled = reader.bool();
    else if (reader.field === 2) expirationHours = reader.int32();
    else if (reader.field === 3) columns.push(reader.string());
  }
  columns.forEach(checkColumnName);
  if (required(enabled) && (expirationHours < MIN_STREAM_HOURS || expirationHours > MAX_STREAM_HOURS)) {
    throw parameterInvalid(
      `The expiration_time of the stream must be in range: [${MIN_STREAM_HOURS}, ${MAX_STREAM_HOURS}].`,
    );
  }
  return { enabled: required(enabled), expirationHours, columns };
}

/** A stream that starts at `micros`. Its id names table and moment, so enabling again yields another one. */
export const startedStream = (tableName: string, wish: StreamWish, micros: number): StreamState => ({
  enabled: true,
  streamId: `${tableName}_${micros}`,
  expirationHours: wish.expirationHours,
  enabledAtMicros: micros,
  originColumns: wish.columns,
});

export function writeOptions(out: ProtoWriter, field: number, options: TableOptions): void {
  out.message(field, (inner) => {
    inner.int64(1, BigInt(options.ttlSeconds)).uint(2, options.maxVersions);
    inner.int64(5, options.deviationSeconds).bool(6, options.allowUpdate);
  });
}

/** Writes `ReservedThroughputDetails { 1 CapacityUnit, 2 last_increase s }`. */
export function writeThroughput(out: ProtoWriter, field: number, throughput: Throughput): void {
  out.message(field, (inner) => {
    inner.message(1, (unit) => {
      unit.uint(1, throughput.read).uint(2, throughput.write);
    });
    inner.uint(2, throughput.changedAtSeconds);
  });
}

/** Also a table without stream answers details: off, no id, zeros. */
export function writeStream(out: ProtoWriter, field: number, stream: StreamState): void {
  out.message(field, (inner) => {
    inner.bool(1, stream.enabled);
    if (stream.enabled) inner.string(2, stream.streamId);
    inner.uint(3, stream.enabled ? stream.expirationHours : 0);
    inner.uint(4, stream.enabled ? stream.enabledAtMicros : 0);
    if (stream.enabled) for (const column of stream.originColumns) inner.string(5, column);
  });
}

/** Writes the key columns as repeated `PrimaryKeySchema`. */
export function writeKeyColumns(out: ProtoWriter, field: number, columns: readonly KeyColumn[]): void {
  for (const column of columns) {
    out.message(field, (inner) => {
      inner.string(1, column.name).uint(2, column.type);
      if (column.autoIncrement) inner.uint(3, AUTO_INCREMENT);
    });
  }
}

/** Writes `TableMeta { 1 name, 2* key columns, 3* defined columns, 5 id }`. */
export function writeMeta(out: ProtoWriter, field: number, definition: TableDefinition): void {
  out.message(field, (meta) => {
    meta.string(1, definition.name);
    writeKeyColumns(meta, 2, definition.keyColumns);
    for (const column of definition.definedColumns) {
      meta.message(3, (inner) => {
        inner.string(1, column.name).uint(2, column.type);
      });
    }
    meta.string(5, String(definition.id));
  });
}
