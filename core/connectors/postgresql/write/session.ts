/** A connection of a writer: extended protocol for every statement, COPY for rows. */
import type pg from 'pg';
import type { SqlAnswer, SqlValue, WriteSession } from '../../../relational/write/session.ts';
import type { PostgresConnection } from '../connection.ts';
import { copyRows } from './copy-rows.ts';
import { writeFault } from './errors.ts';

/** Every value arrives as the server wrote it. */
const AS_TEXT = { getTypeParser: () => (value: string | Buffer) => value } as unknown as pg.CustomTypesConfig;

/** A session over an open connection, which it owns. */
export class PostgresSession implements WriteSession {
  readonly connection: PostgresConnection;

  constructor(connection: PostgresConnection) {
    this.connection = connection;
  }

  async run(sql: string, values: readonly SqlValue[] = []): Promise<SqlAnswer> {
    const query = {
      text: numbered(sql, values.length),
      values: values.map((value) => (typeof value === 'number' ? String(value) : value)),
      rowMode: 'array' as const,
      queryMode: 'extended',
      types: AS_TEXT,
    };
    try {
      const answer = await this.connection.driver.query<(string | null)[]>(query);
      return { rows: answer.rows, affected: answer.rowCount ?? 0 };
    } catch (error) {
      throw this.connection.lost ?? writeFault(error, 'the server refused a statement');
    }
  }

  /** `COPY … FROM STDIN` with these bytes. */
  async copy(sql: string, bytes: Buffer): Promise<void> {
    try {
      await copyRows(this.connection.driver, sql, bytes);
    } catch (error) {
      throw this.connection.lost ?? writeFault(error, 'the server refused rows');
    }
  }

  close(): void {
    this.connection.destroy();
  }
}

/** `?` placeholders as `$1`, `$2`, …; statements without values are left as they are. */
function numbered(sql: string, count: number): string {
  if (count === 0) return sql;
  let n = 0;
  return sql.replace(/\?/g, () => `$${++n}`);
}
