/** DuckDB as the judge of Parquet files: what is in them, and how large its own file of the same rows is. */
import { statSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { COLUMNS } from './table.ts';

const TYPES = [
  'BIGINT',
  ...['INTEGER', 'INTEGER', 'INTEGER'],
  ...['DECIMAL(15,2)', 'DECIMAL(15,2)', 'DECIMAL(15,2)', 'DECIMAL(15,2)'],
  ...['VARCHAR', 'VARCHAR'],
  ...['DATE', 'DATE', 'DATE'],
  ...['VARCHAR', 'VARCHAR', 'VARCHAR'],
];
const TYPED = COLUMNS.map((name, i) => `CAST(${name} AS ${TYPES[i]})`);
const ROW_GROUP_ROWS = 250_000;

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Rows of the text file, with the types of the table. */
const textRows = (file: string, rows: number): string => {
  const columns = COLUMNS.map((name, i) => `${literal(name)}: ${literal(TYPES[i]!)}`);
  const options = `delim = '\\t', header = false, quote = '', escape = '', columns = {${columns}}`;
  return `(FROM read_csv(${literal(file)}, ${options}) LIMIT ${rows})`;
};

const parquetRows = (files: readonly string[]): string => `read_parquet([${files.map(literal)}])`;

/** Rows and an order-free checksum of the values. */
async function sumOf(source: string): Promise<string> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    const sql = `SELECT count(*), sum(hash(${TYPED.join(', ')})::HUGEINT) FROM ${source}`;
    return (await connection.runAndReadAll(sql)).getRows().join(',');
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Of Parquet files together. */
export const parquetSum = (files: readonly string[]): Promise<string> => sumOf(parquetRows(files));

/** Of the first rows of a text file. */
export const textSum = (file: string, rows: number): Promise<string> => sumOf(textRows(file, rows));

/** The size of DuckDB's own file of the rows of a text file. */
export async function duckFileBytes(
  file: string,
  rows: number,
  codec: string,
  target: string,
): Promise<number> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    await connection.run('SET threads = 1');
    const options = `FORMAT parquet, CODEC '${codec}', ROW_GROUP_SIZE ${ROW_GROUP_ROWS}`;
    await connection.run(`COPY ${textRows(file, rows)} TO ${literal(target)} (${options})`);
    return statSync(target).size;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
