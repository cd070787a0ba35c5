/** The peer: columns of DuckDB's own values in memory, by its appender chunk by chunk into a table, and a Parquet file. */
import { statSync } from 'node:fs';
import {
  BIGINT,
  DATE,
  DECIMAL,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api';
import { serveSubject } from '../child.ts';
import { COLUMNS } from '../relational/table.ts';
import { daysOf, hundredthsOf, type ParquetInput, readFields, sharedByText } from './lines.ts';

/** Rows of a full vector. */
const CHUNK_ROWS = 2048;
const ROW_GROUP_ROWS = 250_000;
const PRECISION = 15;
const SCALE = 2;

interface Kind {
  readonly type: DuckDBType;
  readonly read: (field: string) => DuckDBValue;
}

const big: Kind = { type: BIGINT, read: BigInt };
const integer: Kind = { type: INTEGER, read: Number };
const decimal: Kind = {
  type: DECIMAL(PRECISION, SCALE),
  read: (field) => new DuckDBDecimalValue(hundredthsOf(field), PRECISION, SCALE),
};
const date: Kind = { type: DATE, read: sharedByText((field) => new DuckDBDateValue(daysOf(field))) };
const string: Kind = { type: VARCHAR, read: (field) => field };
const KINDS: readonly Kind[] = [
  ...[big, integer, integer, integer],
  ...[decimal, decimal, decimal, decimal],
  ...[string, string],
  ...[date, date, date],
  ...[string, string, string],
];
const TYPES = KINDS.map(({ type }) => type);

serveSubject<ParquetInput>(async (input) => {
  const data: DuckDBValue[][] = KINDS.map(() => []);
  for await (const fields of readFields(input)) {
    for (let i = 0; i < data.length; i++) data[i]!.push(KINDS[i]!.read(fields[i]!));
  }
  const chunks: (readonly DuckDBValue[])[][] = [];
  for (let from = 0; from < input.rows; from += CHUNK_ROWS) {
    chunks.push(data.map((column) => column.slice(from, from + CHUNK_ROWS)));
  }
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run('SET threads = 1');
  const columns = COLUMNS.map((name, i) => `${name} ${TYPES[i]} NOT NULL`);
  await connection.run(`CREATE TABLE lineitem (${columns})`);
  return async () => {
    const appender = await connection.createAppender('lineitem');
    for (const columns of chunks) {
      const chunk = DuckDBDataChunk.create(TYPES);
      chunk.setColumns(columns);
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    const options = `FORMAT parquet, CODEC '${input.codec}', ROW_GROUP_SIZE ${ROW_GROUP_ROWS}`;
    await connection.run(`COPY lineitem TO '${input.target}' (${options})`);
    return { rows: input.rows, bytes: statSync(input.target).size };
  };
});
