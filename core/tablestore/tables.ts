/** Table operations: list, describe, create, delete, and cutting a table by size. */
import { ProtocolFault } from './errors.ts';
import { readKey } from './plain-buffer/row-reader.ts';
import { bytesField, MessageReader, varintField } from './protobuf.ts';
import type { Operation } from './transport.ts';
import type { KeyBound, KeyColumn } from './values.ts';

/** Type of a key column. */
export type KeyType = 'INTEGER' | 'STRING' | 'BINARY';

/** Type of a predefined attribute column. */
export type DefinedType = 'INTEGER' | 'DOUBLE' | 'BOOLEAN' | 'STRING' | 'BINARY';

/** What DescribeTable tells about a table's columns. */
export interface TableSchema {
  readonly table: string;
  readonly key: readonly { readonly name: string; readonly type: KeyType }[];
  readonly defined: readonly { readonly name: string; readonly type: DefinedType }[];
}

/** A table to create: on demand capacity, one version per cell. */
export interface NewTable {
  readonly table: string;
  readonly key: readonly { readonly name: string; readonly type: KeyType }[];
  /** Seconds after which rows expire, at least 86,400; absent = never. */
  readonly timeToLiveSeconds?: number;
}

/** How to cut a table into pieces of about `units * unitBytes`. */
export interface SplitRequest {
  readonly table: string;
  readonly units: bigint;
  /** Old services ignore it and count in units of 100 MiB. */
  readonly unitBytes: bigint;
  /** Most points wanted; old services ignore it. */
  readonly limit?: number;
}

const KEY_TYPES: readonly KeyType[] = ['INTEGER', 'STRING', 'BINARY'];
const DEFINED_TYPES: Readonly<Record<number, DefinedType>> = {
  1: 'INTEGER',
  2: 'DOUBLE',
  3: 'BOOLEAN',
  4: 'STRING',
  7: 'BINARY',
};

/** Names of all tables of the instance. */
export const listTable: Operation<Record<string, never>, string[]> = {
  name: 'listTable',
  write: false,
  decode: (body) => {
    const names: string[] = [];
    for (const reader = new MessageReader(body); reader.next(); ) {
      if (reader.field === 1) names.push(reader.text());
      else reader.skip();
    }
    return names;
  },
};

/** Schema of a table. */
export const describeTable: Operation<{ readonly tableName: string }, TableSchema> = {
  name: 'describeTable',
  write: false,
  decode: (body) => {
    for (const reader = new MessageReader(body); reader.next(); ) {
      if (reader.field === 1) return tableMeta(reader.view());
      reader.skip();
    }
    throw new ProtocolFault('no table meta in the answer', body.length);
  },
};

/** Answers nothing; the table may need seconds until it can be used. */
export const createTable: Operation<object, void> = {
  name: 'createTable',
  write: true,
  decode: () => undefined,
};

/** Answers nothing; the rows are gone. */
export const deleteTable: Operation<{ readonly tableName: string }, void> = {
  name: 'deleteTable',
  write: true,
  decode: () => undefined,
};

/** Keys at which the table can be cut, ascending; leading columns only, the rest counts as INF_MIN. */
export const computeSplitPointsBySize: Operation<SplitRequest, KeyColumn<KeyBound>[][]> = {
  name: 'computeSplitPointsBySize',
  write: false,
  encode: ({ table, units, unitBytes, limit }) =>
    Buffer.concat([
      bytesField(1, Buffer.from(table, 'utf8')),
      varintField(2, units),
      varintField(3, unitBytes),
      ...(limit === undefined ? [] : [varintField(4, BigInt(limit))]),
    ]),
  decode: (body) => {
    const points: KeyColumn<KeyBound>[][] = [];
    for (const reader = new MessageReader(body); reader.next(); ) {
      if (reader.field === 3) points.push(readKey(reader.view()));
      else reader.skip();
    }
    return points;
  },
};

/** The SDK's parameters for a new table. */
export function createTableParams(table: NewTable): object {
  return {
    tableMeta: {
      tableName: table.table,
      primaryKey: table.key.map(({ name, type }) => ({ name, type: KEY_TYPES.indexOf(type) + 1 })),
    },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: table.timeToLiveSeconds ?? -1, maxVersions: 1 },
  };
}

function tableMeta(bytes: Buffer): TableSchema {
  let table = '';
  const key: { name: string; type: KeyType }[] = [];
  const defined: { name: string; type: DefinedType }[] = [];
  for (const reader = new MessageReader(bytes); reader.next(); ) {
    if (reader.field === 1) table = reader.text();
    else if (reader.field === 2) key.push(columnOf(reader.view(), (n) => KEY_TYPES[n - 1]));
    else if (reader.field === 3) defined.push(columnOf(reader.view(), (n) => DEFINED_TYPES[n]));
    else reader.skip();
  }
  if (key.length === 0) throw new ProtocolFault('a table without a primary key', 0);
  return { table, key, defined };
}

function columnOf<T>(bytes: Buffer, typeOf: (n: number) => T | undefined): { name: string; type: T } {
  let name = '';
  let type: T | undefined;
  for (const reader = new MessageReader(bytes); reader.next(); ) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) type = typeOf(reader.int());
    else reader.skip();
  }
  if (name === '' || type === undefined) throw new ProtocolFault('a column without a known type', 0);
  return { name, type };
}
