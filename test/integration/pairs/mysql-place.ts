import { type Connection, createConnection } from 'mysql2/promise';
import { startMariadb } from '../../support/servers/mariadb.ts';
import type { TestServer } from '../../support/servers/server-process.ts';
import type { Place, Step, TargetWishes } from './place.ts';
import { COLUMNS, canonicalRow, type Row } from './rows.ts';

const TYPES = `id BIGINT NOT NULL, big BIGINT UNSIGNED, small INT, price DECIMAL(38,10), ratio DOUBLE, flag BIT(1),
  word VARCHAR(200), body TEXT, raw BLOB, born DATE, at DATETIME(6), clock TIME(6), seen TIMESTAMP(6) NULL, doc JSON`;
const FILL_ROWS = 500;

/** MariaDB, looked at through mysql2. */
export class MysqlPlace implements Place {
  readonly name = 'mysql';
  readonly typed = true;
  readonly #server: TestServer;
  readonly #client: Connection;

  private constructor(server: TestServer, client: Connection) {
    this.#server = server;
    this.#client = client;
  }

  static async start(): Promise<MysqlPlace> {
    const server = await startMariadb();
    const { host, port, username: user, password, database } = server;
    const client = await createConnection({ host, port, user, password, database, charset: 'utf8mb4' });
    await client.query("SET time_zone = '+08:00'");
    return new MysqlPlace(server, client);
  }

  async fill(table: string, rows: readonly Row[]): Promise<void> {
    await this.#client.query(`CREATE TABLE ${table} (${TYPES}, PRIMARY KEY (id)) CHARACTER SET utf8mb4`);
    for (let at = 0; at < rows.length; at += FILL_ROWS) {
      await this.#client.query(`INSERT INTO ${table} VALUES ?`, [
        rows.slice(at, at + FILL_ROWS).map(literals),
      ]);
    }
    // The estimates that shards are cut by.
    await this.#client.query(`ANALYZE TABLE ${table}`);
  }

  reader(table: string): Step {
    return { plugin: 'mysql', parameter: { ...this.#login(), table, column: [...COLUMNS], splitFactor: 3 } };
  }

  async target(table: string, { create, keyless }: TargetWishes): Promise<Step> {
    const key = keyless ? '' : ', PRIMARY KEY (id)';
    if (!create) await this.#client.query(`CREATE TABLE ${table} (${TYPES}${key}) CHARACTER SET utf8mb4`);
    const more = create ? { createTable: true } : {};
    return { plugin: 'mysql', parameter: { ...this.#login(), table, column: [...COLUMNS], ...more } };
  }

  async rows(table: string): Promise<Row[]> {
    const columns = COLUMNS.map((name) => SHOWN[name] ?? name).join(', ');
    const [rows] = await this.#client.query({
      sql: `SELECT ${columns} FROM ${table}`,
      rowsAsArray: true,
      typeCast: (field: { string(): string | null }) => field.string(),
    });
    return (rows as unknown as (string | null)[][]).map(canonicalRow);
  }

  async alter(table: string): Promise<void> {
    await this.#client.query(`UPDATE ${table} SET small = 7 WHERE id = 2500`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
    await this.#server[Symbol.asyncDispose]();
  }

  #login(): Step['parameter'] {
    const { host, port, database, username, password } = this.#server;
    return { username, password, jdbcUrl: `jdbc:mysql://${host}:${port}/${database}` };
  }
}

const SHOWN: Readonly<Record<string, string>> = { flag: 'flag + 0', raw: 'HEX(raw)' };

/** A row as mysql2 writes literals of. */
const literals = (row: Row): unknown[] =>
  COLUMNS.map((name) => {
    const value = row[name];
    if (value === null) return null;
    if (name === 'raw') return Buffer.from(value, 'hex');
    return name === 'flag' ? Number(value) : value;
  });
