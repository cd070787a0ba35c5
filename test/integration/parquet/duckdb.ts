import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** A DuckDB in memory with a folder for files; the other program that our files are for. */
export interface Duck {
  /** Runs a statement; `FILE` in it stands for the path of the file of that name: `FILE(a)`. */
  run(sql: string): Promise<void>;
  /** The rows of a query as text, null as null. */
  rows(sql: string): Promise<(string | null)[][]>;
  /** Stores a file. */
  put(name: string, bytes: Buffer): Promise<void>;
  get(name: string): Promise<Buffer>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts one; its clock is set to UTC and it uses one thread. */
export async function startDuck(): Promise<Duck> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parquet-'));
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run("set timezone = 'UTC'; set threads = 1");
  const file = (name: string): string => path.join(folder, name);
  const resolved = (sql: string): string =>
    sql.replace(/FILE\((\w+)\)/g, (_, name: string) => `'${file(name)}'`);
  return {
    run: async (sql) => void (await connection.run(resolved(sql))),
    rows: async (sql) => {
      const result = await connection.runAndReadAll(resolved(sql));
      return result.getRows().map((row) => row.map((value) => (value === null ? null : String(value))));
    },
    put: (name, bytes) => writeFile(file(name), bytes),
    get: (name) => readFile(file(name)),
    async [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
      await rm(folder, { recursive: true });
    },
  };
}
