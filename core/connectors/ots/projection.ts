/** What a row becomes: the configured columns against the key of the table. */
import { ConfigError } from '../../errors/index.ts';
import type { KeyType, TableSchema } from '../../tablestore/index.ts';
import { type CellForm, type Column, Form, type LogicalType } from '../../types/index.ts';
import type { ConstantType, OtsColumn } from './column-schema.ts';

/** Where the cells of a column come from. */
export type CellSource =
  | { readonly kind: 'key'; readonly index: number }
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'constant'; readonly form: CellForm; readonly bytes: Buffer };

/** The columns of a reader in job order. */
export interface Projection {
  readonly columns: readonly Column[];
  readonly sources: readonly CellSource[];
  /** Types as the source names them, for the type map. */
  readonly sourceTypes: readonly string[];
  /** Names to ask the service for; absent = all columns. */
  readonly fetch?: readonly string[];
}

/** Names that one request may list. */
const MAX_FETCHED_COLUMNS = 128;

const KEY_TYPES: Readonly<Record<KeyType, LogicalType>> = {
  INTEGER: 'long',
  STRING: 'string',
  BINARY: 'bytes',
};
const CONSTANT_TYPES: Readonly<Record<ConstantType, LogicalType>> = {
  string: 'string',
  int: 'long',
  double: 'double',
  bool: 'bool',
  binary: 'bytes',
};

/** Fits the configured columns to the table. A name that is no key column is an attribute: those have no schema. */
export function projectColumns(
  configured: readonly OtsColumn[],
  schema: TableSchema,
  includeEmptyRows: boolean,
): Projection {
  const sources = configured.map((column) => sourceOf(column, schema));
  const attributes = [...new Set(sources.flatMap((s) => (s.kind === 'attribute' ? [s.name] : [])))];
  const fetch = fetchList(attributes, schema.key[0]!.name, includeEmptyRows);
  return {
    columns: configured.map((column, i) => columnOf(column, i, schema)),
    sources,
    sourceTypes: configured.map((column) => sourceTypeOf(column, schema)),
    ...(fetch ? { fetch } : {}),
  };
}

/**
 * The service leaves out rows that have none of the listed attributes, unless a key column is listed too; key
 * columns always come back whole. So one key column in the list means "every row", and alone it means that no
 * attribute travels.
 */
function fetchList(
  attributes: readonly string[],
  firstKey: string,
  includeEmptyRows: boolean,
): readonly string[] | undefined {
  if (attributes.length === 0) return [firstKey];
  const list = includeEmptyRows ? [firstKey, ...attributes] : attributes;
  if (list.length <= MAX_FETCHED_COLUMNS) return list;
  if (includeEmptyRows) return undefined;
  throw new ConfigError([
    {
      code: 'SRC-2011',
      path: 'includeEmptyRows',
      message: `false works for at most ${MAX_FETCHED_COLUMNS} attributes; the job names ${attributes.length}`,
    },
  ]);
}

function sourceOf(column: OtsColumn, schema: TableSchema): CellSource {
  if (column.kind === 'constant') return { kind: 'constant', ...encoded(column.value) };
  const index = schema.key.findIndex((k) => k.name === column.name);
  return index < 0 ? { kind: 'attribute', name: column.name } : { kind: 'key', index };
}

function columnOf(column: OtsColumn, position: number, schema: TableSchema): Column {
  if (column.kind === 'constant') {
    return { name: `constant_${position + 1}`, type: CONSTANT_TYPES[column.type] };
  }
  const index = schema.key.findIndex((k) => k.name === column.name);
  if (index < 0) return { name: column.name, type: 'any' };
  const facts = { nullable: false, keyOrdinal: index + 1 };
  return { name: column.name, type: KEY_TYPES[schema.key[index]!.type], facts };
}

function sourceTypeOf(column: OtsColumn, schema: TableSchema): string {
  if (column.kind === 'constant') return `constant ${column.type}`;
  const key = schema.key.find((k) => k.name === column.name);
  if (key) return `${key.type} key`;
  const defined = schema.defined.find((d) => d.name === column.name);
  return defined ? `${defined.type} (predefined)` : 'per cell';
}

/** A constant in the physical form of its type. */
function encoded(value: string | bigint | number | boolean | Uint8Array): { form: CellForm; bytes: Buffer } {
  if (typeof value === 'string') return { form: Form.text, bytes: Buffer.from(value, 'utf8') };
  if (typeof value === 'boolean') return { form: Form.bool, bytes: Buffer.of(value ? 1 : 0) };
  if (value instanceof Uint8Array) return { form: Form.bytes, bytes: Buffer.from(value) };
  const bytes = Buffer.alloc(8);
  if (typeof value === 'bigint') bytes.writeBigInt64LE(value);
  else bytes.writeDoubleLE(value);
  return { form: typeof value === 'bigint' ? Form.int64 : Form.float64, bytes };
}
