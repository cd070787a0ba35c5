/** A connection of a writer: statements as bytes, values quoted where they are put in. */
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { QueryOptions, ResultSetHeader } from 'mysql2';
import { SyncError } from '../../../errors/index.ts';
import { quoteNumber, quoteText } from '../../../relational/literals.ts';
import type { SqlAnswer, SqlValue, WriteSession } from '../../../relational/write/session.ts';
import type { MysqlConnection } from '../connection.ts';
import { writeFault } from './errors.ts';
import { sentFile } from './sent-file.ts';

/** Collation number of `binary`: the driver then sends each character of a statement as one byte. */
const BINARY = 63;

/** What the server says of a statement without rows. */
export interface StatementInfo {
  readonly affected: number;
  readonly warnings: number;
}

/** A session over an open connection, which it owns. */
export class MysqlSession implements WriteSession {
  readonly connection: MysqlConnection;

  constructor(connection: MysqlConnection) {
    this.connection = connection;
    // Statements are bytes in UTF-8, whatever the driver would make of them: the server was told so by SET NAMES.
    (connection.driver.config as { charsetNumber?: number }).charsetNumber = BINARY;
  }

  async run(sql: string, values: readonly SqlValue[] = []): Promise<SqlAnswer> {
    const answer = await this.#query(
      { sql: oneByteText(Buffer.from(bound(sql, values), 'utf8')) },
      'the server refused a statement',
    );
    return Array.isArray(answer)
      ? { rows: answer as (string | null)[][], affected: 0 }
      : { rows: [], affected: infoOf(answer).affected };
  }

  /** A statement of which each part is bytes. */
  async runBytes(parts: readonly Buffer[]): Promise<StatementInfo> {
    const sql = parts.map(oneByteText).join('');
    return infoOf(await this.#query({ sql }, 'the server refused rows'));
  }

  /** `LOAD DATA LOCAL` of a file that exists only here; the server's choice of a name does not matter. */
  async runWithFile(sql: string, file: Buffer): Promise<StatementInfo> {
    const infileStreamFactory = (): Readable => sentFile(this.connection.driver, file);
    const query = { sql: oneByteText(Buffer.from(sql, 'utf8')), infileStreamFactory };
    return infoOf(await this.#query(query, 'the server refused rows'));
  }

  close(): void {
    this.connection.destroy();
  }

  #query(query: QueryOptions, doing: string): Promise<unknown> {
    const { driver } = this.connection;
    const { stream } = driver as unknown as { readonly stream: Socket };
    return new Promise((resolve, reject) => {
      // The driver forgets its commands when it is destroyed.
      const ended = (): void =>
        reject(this.connection.lost ?? new SyncError('DST-4001', 'transient', 'the connection was closed'));
      if (stream.destroyed) return ended();
      stream.once('close', ended);
      driver.query({ ...query, rowsAsArray: true, typeCast: textOf }, (error, answer) => {
        stream.off('close', ended);
        if (error) reject(this.connection.lost ?? writeFault(error, doing));
        else resolve(answer);
      });
    });
  }
}

const textOf = (field: { string(encoding?: BufferEncoding): string | null }): string | null =>
  field.string('utf8');

/** Bytes as the text that the driver sends byte for byte. */
const oneByteText = (bytes: Buffer): string => bytes.toString('latin1');

/** Puts quoted values in the places of `?`; numbers of bookkeeping are whole. */
function bound(sql: string, values: readonly SqlValue[]): string {
  let n = 0;
  return values.length === 0 ? sql : sql.replace(/\?/g, () => quoted(values[n++] ?? null));
}

function quoted(value: SqlValue): string {
  if (value === null) return 'NULL';
  return typeof value === 'number' ? quoteNumber(String(value)) : quoteText('mysql', value);
}

function infoOf(answer: unknown): StatementInfo {
  const { affectedRows, warningStatus } = answer as Partial<ResultSetHeader>;
  return { affected: Number(affectedRows ?? 0), warnings: warningStatus ?? 0 };
}
