/** Connections to servers of the PostgreSQL family: PostgreSQL, AnalyticDB for PostgreSQL, Hologres. */
import type { Socket } from 'node:net';
import pg from 'pg';
import type { SyncError } from '../../errors/index.ts';
import type { DatabaseConnection } from '../../relational/connection-config.ts';
import { type Address, firstAddress } from '../../relational/first-address.ts';
import { quoteIdentifier } from '../../relational/identifiers.ts';
import { readingSocket } from '../../relational/read/reading-socket.ts';
import type { SideName } from '../../relational/side-codes.ts';
import type { ConnectorContext } from '../contract.ts';
import { postgresFault } from './errors.ts';

/** What a connection is for. */
export interface OpenOptions {
  readonly side: SideName;
}

/** Rows of a small answer: every value is the server's text, or null. */
export type TextRows = readonly (readonly (string | null)[])[];

/** A column of an answer, before any row. */
export interface AnswerColumn {
  readonly name: string;
  readonly typeOid: number;
  readonly typeModifier: number;
}

/** Values stay the server's text. */
const AS_TEXT = { getTypeParser: () => (value: string | Buffer) => value };

/** Parse, bind, execute: one statement, whatever the text holds. */
const queryMode = 'extended';

/** An open connection. One statement at a time. */
export class PostgresConnection {
  /** The driver, between statements; for COPY. */
  readonly driver: pg.Client;
  readonly side: SideName;
  /** `server_version_num`, for example 150018. */
  version = 0;
  #lost: SyncError | undefined;

  constructor(driver: pg.Client, side: SideName) {
    this.driver = driver;
    this.side = side;
    driver.on('error', (error) => {
      this.#lost = postgresFault(error, side, 'the connection broke');
    });
  }

  /** Whether the connection broke. */
  get lost(): SyncError | undefined {
    return this.#lost;
  }

  /** Runs one statement by the extended protocol, values bound, and gathers its small answer. Throws SyncErrors. */
  async rows(
    sql: string,
    values: readonly (string | null)[] = [],
    doing = 'the server refused a statement',
  ): Promise<TextRows> {
    return (await this.#query(sql, values, doing)).rows;
  }

  /** The columns that a query would answer with; it is run without rows. */
  async describe(sql: string, doing: string): Promise<readonly AnswerColumn[]> {
    const { fields } = await this.#query(`SELECT * FROM (${sql}\n) AS described LIMIT 0`, [], doing);
    return fields.map(({ name, dataTypeID, dataTypeModifier }) => ({
      name,
      typeOid: dataTypeID,
      typeModifier: dataTypeModifier,
    }));
  }

  /** Says goodbye; a connection that does not answer is dropped. Never throws. */
  async close(): Promise<void> {
    await this.driver.end().catch(() => undefined);
  }

  /** Drops the connection at once, with whatever runs on it. */
  destroy(): void {
    socketOf(this.driver).destroy();
  }

  async #query(sql: string, values: readonly (string | null)[], doing: string) {
    try {
      const query = { text: sql, values: [...values], rowMode: 'array' as const, types: AS_TEXT, queryMode };
      return await this.driver.query<(string | null)[]>(query);
    } catch (error) {
      throw this.#lost ?? postgresFault(error, this.side, doing);
    }
  }
}

/** The socket of a connection, after TLS if there is any. */
export const socketOf = (driver: pg.Client): Socket =>
  (driver as unknown as { connection: { stream: Socket } }).connection.stream;

/** Connects to the first address that answers, with a neutral session in the job's zone. Throws SyncErrors. */
export function openConnection(
  config: DatabaseConnection,
  context: ConnectorContext,
  options: OpenOptions,
): Promise<PostgresConnection> {
  return firstAddress(config.addresses, {
    signal: context.signal,
    open: (address) => openAt(address, config, context, options),
    faultOf: (error, doing) => postgresFault(error, options.side, doing),
  });
}

async function openAt(
  address: Address,
  config: DatabaseConnection,
  context: ConnectorContext,
  { side }: OpenOptions,
): Promise<PostgresConnection> {
  const driver = new pg.Client(driverOptions(address, config, side));
  const connection = new PostgresConnection(driver, side);
  const stop = (): void => connection.destroy();
  context.signal.addEventListener('abort', stop, { once: true });
  driver.once('end', () => context.signal.removeEventListener('abort', stop));
  try {
    await driver.connect();
    await prepareSession(connection, config, context.timeZone);
    return connection;
  } catch (error) {
    context.signal.removeEventListener('abort', stop);
    connection.destroy();
    throw error;
  }
}

/** Built field by field: nothing of a job or of the environment reaches the driver that is not named here. */
function driverOptions(
  { host, port, database }: Address,
  { username, password, tls, connectTimeoutMs }: DatabaseConnection,
  side: SideName,
): pg.ClientConfig {
  return {
    host,
    port,
    // What TLS deciphers comes in pieces of its own anyway.
    ...(side === 'source' && !tls && { stream: readingSocket }),
    database,
    user: username,
    password,
    application_name: 'millrace',
    client_encoding: 'UTF8',
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    ssl: tls && {
      rejectUnauthorized: tls.rejectUnauthorized,
      ...(tls.ca !== undefined && { ca: tls.ca }),
    },
  };
}

/** Servers of the family lack some of these; what they have is set. */
async function prepareSession(
  connection: PostgresConnection,
  { statementTimeoutMs, schema }: DatabaseConnection,
  zone: string,
): Promise<void> {
  const settings: Record<string, string> = {
    client_encoding: 'UTF8',
    standard_conforming_strings: 'on',
    backslash_quote: 'safe_encoding',
    DateStyle: 'ISO, YMD',
    IntervalStyle: 'postgres',
    extra_float_digits: '3',
    bytea_output: 'hex',
    xmloption: 'content',
    TimeZone: zone,
    statement_timeout: String(statementTimeoutMs),
    idle_in_transaction_session_timeout: '0',
    idle_session_timeout: '0',
    ...(connection.side === 'source' && READING),
    ...(schema !== undefined && { search_path: quoteIdentifier('postgresql', schema) }),
  };
  await connection.rows(
    'SELECT set_config(s.name, w.value, false) FROM pg_settings s ' +
      'JOIN (SELECT unnest($1::text[]) AS name, unnest($2::text[]) AS value) w ON w.name = s.name',
    [arrayText(Object.keys(settings)), arrayText(Object.values(settings))],
  );
  const [[version] = []] = await connection.rows(`SELECT current_setting('server_version_num')`);
  connection.version = Number(version);
}

/** Rows come in the order of one process, and nothing is written. */
const READING = {
  default_transaction_read_only: 'on',
  max_parallel_workers_per_gather: '0',
  synchronize_seqscans: 'off',
  jit: 'off',
};

/** An array of texts as the server reads it. */
export const arrayText = (items: readonly string[]): string =>
  `{${items.map((item) => `"${item.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
