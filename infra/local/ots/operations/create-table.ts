import { MAX_DEFINED_COLUMNS, MAX_KEY_COLUMNS, MAX_TABLES } from '../limits.ts';
import { OtsError, parameterInvalid, unsupported } from '../ots-error.ts';
import {
  checkTableName,
  type DefinedColumn,
  KEY_TYPE,
  type KeyColumn,
  NO_STREAM,
  type TableDefinition,
} from '../table/schema.ts';
import { ProtoReader, required } from '../wire/proto-reader.ts';
import { type CallContext, EMPTY_BODY, type Operation } from './operation.ts';
import {
  DEFAULT_OPTIONS,
  parseDefinedColumn,
  parseKeyColumn,
  parseOptions,
  parseStream,
  parseThroughput,
  startedStream,
} from './table-messages.ts';

/**
 * `{ 1 table_meta { 1 name, 2* key, 3* defined }, 2 reserved_throughput, 3 table_options, 4* partitions,
 * 5 stream_spec, 6 sse_spec { 1 enable }, 7* index_metas, 8 enable_local_txn }` → empty.
 * Partition hints (4) are accepted and need nothing: a local table is one partition.
 */
export const createTable: Operation = { writes: true, key: createdName, run };

interface Meta {
  readonly name: string;
  readonly keyColumns: readonly KeyColumn[];
  readonly definedColumns: readonly DefinedColumn[];
}

function run({ instance, nowMs }: CallContext, body: Uint8Array): Uint8Array {
  const definition = parse(body, nowMs);
  if (instance.has(definition.name)) {
    throw new OtsError(409, 'OTSObjectAlreadyExist', 'Requested table already exists.');
  }
  if (instance.tableCount >= MAX_TABLES) {
    throw new OtsError(403, 'OTSQuotaExhausted', `Number of tables exceeds the quota:${MAX_TABLES}.`);
  }
  instance.create(definition);
  return EMPTY_BODY;
}

function parse(body: Uint8Array, nowMs: number): Omit<TableDefinition, 'id'> {
  const reader = new ProtoReader(body);
  let meta: Meta | undefined;
  let throughput: Uint8Array | undefined;
  let options: Uint8Array = EMPTY_BODY;
  let streamSpec: Uint8Array | undefined;
  while (reader.next()) {
    if (reader.field === 1) meta = parseMeta(reader.message());
    else if (reader.field === 2) throughput = reader.bytes();
    else if (reader.field === 3) options = reader.bytes();
    else if (reader.field === 5) streamSpec = reader.bytes();
    else refuseUnsupported(reader);
  }
  const { name, keyColumns, definedColumns } = required(meta);
  checkMeta(required(meta));
  const wish = streamSpec ? parseStream(streamSpec) : undefined;
  return {
    name,
    keyColumns,
    definedColumns,
    options: parseOptions(options, DEFAULT_OPTIONS),
    stream: wish?.enabled ? startedStream(name, wish, Math.floor(nowMs * 1000)) : NO_STREAM,
    throughput: parseThroughput(required(throughput), nowMs),
    createdAtMicros: Math.floor(nowMs * 1000),
  };
}

function refuseUnsupported(reader: ProtoReader): void {
  if (reader.field === 6) {
    const sse = reader.message();
    while (sse.next()) if (sse.field === 1 && sse.bool()) throw unsupported('sse_spec');
  } else if (reader.field === 7) throw unsupported('index_metas');
  else if (reader.field === 8 && reader.bool()) throw unsupported('enable_local_txn');
}

function parseMeta(reader: ProtoReader): Meta {
  let name: string | undefined;
  const keyColumns: KeyColumn[] = [];
  const definedColumns: DefinedColumn[] = [];
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) keyColumns.push(parseKeyColumn(reader.message()));
    else if (reader.field === 3) definedColumns.push(parseDefinedColumn(reader.message()));
    else if (reader.field === 4) throw unsupported('index_meta');
  }
  return { name: required(name), keyColumns, definedColumns };
}

function checkMeta({ name, keyColumns, definedColumns }: Meta): void {
  checkTableName(name);
  if (keyColumns.length < 1 || keyColumns.length > MAX_KEY_COLUMNS) {
    throw parameterInvalid(`The number of primary key columns must be in range: [1, ${MAX_KEY_COLUMNS}].`);
  }
  const seen = new Set<string>();
  for (const column of keyColumns) {
    if (seen.has(column.name)) throw parameterInvalid(`Duplicated primary key name: '${column.name}'.`);
    seen.add(column.name);
    checkKeyType(column);
  }
  checkAutoIncrement(keyColumns);
  checkDefinedColumns(definedColumns, keyColumns);
}

/** Texts for types that exist but cannot be keys; the numbers are those of the predefined columns. */
const WRONG_KEY_TYPES: Readonly<Record<number, string>> = { 4: 'VT_DOUBLE', 5: 'VT_BOOLEAN' };

function checkKeyType({ type }: KeyColumn): void {
  if (type === KEY_TYPE.INTEGER || type === KEY_TYPE.STRING || type === KEY_TYPE.BINARY) return;
  throw parameterInvalid(`${WRONG_KEY_TYPES[type] ?? `VT_${type}`} is an invalid type for the primary key.`);
}

function checkAutoIncrement(columns: readonly KeyColumn[]): void {
  const numbered = columns.filter((column) => column.autoIncrement);
  if (numbered.length === 0) return;
  if (numbered.length > 1) throw parameterInvalid('Only one primary key column can be AUTO_INCREMENT.');
  if (columns[0]?.autoIncrement)
    throw parameterInvalid('The first primary key column cannot be AUTO_INCREMENT.');
  if (numbered[0]?.type !== KEY_TYPE.INTEGER)
    throw parameterInvalid('An AUTO_INCREMENT column must be INTEGER.');
}

/** Checks number and names of predefined columns. Throws OTSParameterInvalid. */
export function checkDefinedColumns(
  columns: readonly DefinedColumn[],
  keyColumns: readonly KeyColumn[],
): void {
  if (columns.length > MAX_DEFINED_COLUMNS) {
    throw parameterInvalid(`The number of defined columns must be in range: [0, ${MAX_DEFINED_COLUMNS}].`);
  }
  const taken = new Set(keyColumns.map((column) => column.name));
  for (const { name } of columns) {
    if (taken.has(name)) throw parameterInvalid(`Duplicated defined column name: '${name}'.`);
    taken.add(name);
  }
}

function createdName(body: Uint8Array): string {
  const reader = new ProtoReader(body);
  while (reader.next()) {
    if (reader.field !== 1) continue;
    const meta = reader.message();
    while (meta.next()) if (meta.field === 1) return meta.string();
  }
  return '';
}
