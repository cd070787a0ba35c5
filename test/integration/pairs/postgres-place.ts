import pg from 'pg';
import { startPostgres } from '../../support/servers/postgres.ts';
import type { TestServer } from '../../support/servers/server-process.ts';
import type { Place, Step, TargetWishes } from './place.ts';
import { COLUMNS, canonicalRow, type Row } from './rows.ts';

const TYPES = `id BIGINT NOT NULL, big NUMERIC(20), small INT, price NUMERIC(38,10), ratio DOUBLE PRECISION, flag BOOLEAN,
  word VARCHAR(200), body TEXT, raw BYTEA, born DATE, at TIMESTAMP, clock TIME, seen TIMESTAMPTZ, doc JSON`;
const FILL_ROWS = 500;

/** PostgreSQL, looked at through pg. */
export class PostgresPlace implements Place {
  readonly name = 'postgresql';
  readonly typed = true;
  readonly #server: TestServer;
  readonly #client: pg.Client;

  private constructor(server: TestServer, client: pg.Client) {
    this.#server = server;
    this.#client = client;
  }

  static async start(): Promise<PostgresPlace> {
    const server = await startPostgres();
    const { host, port, username: user, password, database } = server;
    const client = new pg.Client({ host, port, user, password, database });
    await client.connect();
    await client.query("SET timezone = 'Asia/Shanghai'");
    return new PostgresPlace(server, client);
  }

  async fill(table: string, rows: readonly Row[]): Promise<void> {
    await this.#client.query(`CREATE TABLE ${table} (${TYPES}, PRIMARY KEY (id))`);
    for (let at = 0; at < rows.length; at += FILL_ROWS) {
      const some = rows.slice(at, at + FILL_ROWS);
      const places = some.map((_, row) => `(${COLUMNS.map((__, i) => `$${row * COLUMNS.length + i + 1}`)})`);
      await this.#client.query(`INSERT INTO ${table} VALUES ${places}`, some.flatMap(parameters));
    }
    await this.#client.query(`ANALYZE ${table}`);
  }

  reader(table: string): Step {
    return {
      plugin: 'postgresql',
      parameter: { ...this.#login(), table, column: [...COLUMNS], splitPk: 'id', splitFactor: 3 },
    };
  }

  async target(table: string, { create, keyless }: TargetWishes): Promise<Step> {
    const key = keyless ? '' : ', PRIMARY KEY (id)';
    if (!create) await this.#client.query(`CREATE TABLE ${table} (${TYPES}${key})`);
    const more = create ? { createTable: true } : {};
    return { plugin: 'postgresql', parameter: { ...this.#login(), table, column: [...COLUMNS], ...more } };
  }

  async rows(table: string): Promise<Row[]> {
    const columns = COLUMNS.map((name) => SHOWN[name] ?? `${name}::text`).join(', ');
    const { rows } = await this.#client.query({ text: `SELECT ${columns} FROM ${table}`, rowMode: 'array' });
    return (rows as (string | null)[][]).map(canonicalRow);
  }

  async alter(table: string): Promise<void> {
    await this.#client.query(`UPDATE ${table} SET word = word || ' ' WHERE id = 2500`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
    await this.#server[Symbol.asyncDispose]();
  }

  #login(): Step['parameter'] {
    const { host, port, database, username, password } = this.#server;
    return { username, password, host, port, database };
  }
}

const SHOWN: Readonly<Record<string, string>> = {
  raw: "encode(raw, 'hex')",
  seen: 'seen::timestamp::text',
};

const parameters = (row: Row): (string | null)[] =>
  COLUMNS.map((name) => (name === 'raw' && row.raw !== null ? `\\x${row.raw}` : row[name]));
