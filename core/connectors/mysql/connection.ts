/** Connections to servers of the MySQL family: MySQL, MariaDB, PolarDB, DRDS. */
import { isIP, type Socket } from 'node:net';
import { checkServerIdentity, type TLSSocket } from 'node:tls';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2';
import { ZoneClock } from '../../convert/zone-clock.ts';
import { SyncError } from '../../errors/index.ts';
import type { DatabaseConnection } from '../../relational/connection-config.ts';
import { type Address, firstAddress } from '../../relational/first-address.ts';
import { quoteText } from '../../relational/literals.ts';
import { readingSocket } from '../../relational/read/reading-socket.ts';
import type { SideName } from '../../relational/side-codes.ts';
import type { ConnectorContext } from '../contract.ts';
import { mysqlFault } from './errors.ts';

/** What a connection is for. */
export interface OpenOptions {
  readonly side: SideName;
  /** Whether the server may ask for a file that this program then makes up; only for LOAD DATA LOCAL. */
  readonly localInfile?: boolean;
}

/** Rows of a small answer: every value is the server's text, or null. */
export type TextRows = readonly (readonly (string | null)[])[];

/** Seconds that the server waits for a client that does not take its rows: a writer may be slow. */
const NET_TIMEOUT_SECONDS = 21_600;

/**
 * The capabilities that both sides agree on. Query attributes would put a prefix before each statement; found rows
 * would make an update count rows that it did not change; ODBC, blanks and local files change how servers behave.
 */
const FLAGS_OFF = ['-CLIENT_QUERY_ATTRIBUTES', '-FOUND_ROWS', '-ODBC', '-IGNORE_SPACE', '-SESSION_TRACK'];

/** An open connection. One statement at a time. */
export class MysqlConnection {
  /** The driver, between statements; for statements that need more than text. */
  readonly driver: Connection;
  readonly side: SideName;
  /** For example `10.11.6-MariaDB-0+deb12u1`. */
  readonly version: string;
  /**
   * Seconds that the session is ahead of UTC, if the server does not know the job's zone by name: TIMESTAMPs then
   * come and go at this fixed offset, and whoever moves them has to convert. Absent = the session is in the zone.
   */
  fixedOffsetSeconds: number | undefined;
  #lost: SyncError | undefined;

  constructor(driver: Connection, side: SideName, version: string) {
    this.driver = driver;
    this.side = side;
    this.version = version;
    driver.on('error', (error) => {
      this.#lost = mysqlFault(error, side, 'the connection broke');
    });
  }

  get isMariadb(): boolean {
    return /mariadb/i.test(this.version);
  }

  /** Whether the connection broke. */
  get lost(): SyncError | undefined {
    return this.#lost;
  }

  /** Runs one statement and gathers its small answer. Throws SyncErrors. */
  rows(sql: string, doing = 'the server refused a statement'): Promise<TextRows> {
    const options = { sql, rowsAsArray: true, typeCast: textOf };
    return new Promise((resolve, reject) => {
      this.driver.query(options, (error, rows) => {
        if (error) reject(mysqlFault(error, this.side, doing));
        else resolve(Array.isArray(rows) ? (rows as unknown as TextRows) : []);
      });
    });
  }

  /** Says goodbye; a connection that does not answer is dropped. Never throws. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.driver.end(() => {
        this.driver.destroy();
        resolve();
      });
    });
  }

  /** Drops the connection at once, with whatever runs on it. */
  destroy(): void {
    this.driver.destroy();
  }
}

/** The socket of a connection, after TLS if there is any. */
export const socketOf = (driver: Connection): Socket => (driver as unknown as { stream: Socket }).stream;

const textOf = (field: { string(encoding?: BufferEncoding): string | null }): string | null =>
  field.string('utf8');

/** Connects to the first address that answers, with a neutral session in the job's zone. Throws SyncErrors. */
export function openConnection(
  config: DatabaseConnection,
  context: ConnectorContext,
  options: OpenOptions,
): Promise<MysqlConnection> {
  return firstAddress(config.addresses, {
    signal: context.signal,
    open: (address) => openAt(address, config, context, options),
    faultOf: (error, doing) => mysqlFault(error, options.side, doing),
  });
}

async function openAt(
  address: Address,
  config: DatabaseConnection,
  context: ConnectorContext,
  options: OpenOptions,
): Promise<MysqlConnection> {
  const driver = createConnection(driverOptions(address, config, options));
  const stop = (): void => driver.destroy();
  context.signal.addEventListener('abort', stop, { once: true });
  try {
    await connected(driver);
    requireIdentity(driver, address.host, config);
    const [[version] = []] = await new MysqlConnection(driver, options.side, '').rows('SELECT VERSION()');
    driver.removeAllListeners('error');
    const connection = new MysqlConnection(driver, options.side, version ?? '');
    await prepareSession(connection, config, context);
    // The driver says 'end' only of connections that the server ended.
    socketOf(driver).once('close', () => context.signal.removeEventListener('abort', stop));
    return connection;
  } catch (error) {
    context.signal.removeEventListener('abort', stop);
    driver.destroy();
    throw error;
  }
}

const connected = (driver: Connection): Promise<void> =>
  new Promise((resolve, reject) => {
    driver.once('error', reject);
    driver.connect((error) => {
      if (error) return reject(error);
      driver.off('error', reject);
      resolve();
    });
  });

/** Built field by field: nothing of a job reaches the driver that is not named here. */
function driverOptions(
  { host, port, database }: Address,
  { username, password, tls, connectTimeoutMs }: DatabaseConnection,
  { side, localInfile }: OpenOptions,
): ConnectionOptions {
  return {
    host,
    port,
    // What TLS deciphers comes in pieces of its own anyway.
    ...(side === 'source' && !tls && { stream: () => plainSocket(host, port) }),
    database,
    user: username,
    password,
    connectTimeout: connectTimeoutMs,
    charset: 'utf8mb4_general_ci',
    enableKeepAlive: true,
    multipleStatements: false,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    flags: localInfile ? FLAGS_OFF : [...FLAGS_OFF, '-LOCAL_FILES'],
    ...(tls && {
      ssl: {
        rejectUnauthorized: tls.rejectUnauthorized,
        verifyIdentity: tls.rejectUnauthorized && isIP(host) === 0,
        ...(tls.ca !== undefined && { ca: tls.ca }),
      },
    }),
  };
}

/** What the driver would open itself, but for large answers. */
const plainSocket = (host: string, port: number): Socket =>
  readingSocket().setNoDelay(true).setKeepAlive(true).connect(port, host);

/** The driver compares the certificate with names only; an address is compared here. */
function requireIdentity(driver: Connection, host: string, { tls }: DatabaseConnection): void {
  if (!tls || tls.rejectUnauthorized === false || isIP(host) === 0) return;
  const socket = socketOf(driver) as TLSSocket;
  const fault = checkServerIdentity(host, socket.getPeerCertificate());
  if (fault) throw fault;
}

async function prepareSession(
  connection: MysqlConnection,
  { statementTimeoutMs }: DatabaseConnection,
  context: ConnectorContext,
): Promise<void> {
  await connection.rows('SET NAMES utf8mb4');
  await connection.rows(
    `SET SESSION sql_mode = '', net_write_timeout = ${NET_TIMEOUT_SECONDS}, net_read_timeout = ${NET_TIMEOUT_SECONDS}, wait_timeout = ${NET_TIMEOUT_SECONDS}`,
  );
  if (statementTimeoutMs > 0) await limitStatements(connection, statementTimeoutMs);
  await setZone(connection, context);
}

const limitStatements = (connection: MysqlConnection, ms: number): Promise<TextRows> =>
  connection.rows(
    connection.isMariadb
      ? `SET SESSION max_statement_time = ${ms / 1000}`
      : `SET SESSION max_execution_time = ${ms}`,
  );

/** ER_UNKNOWN_TIME_ZONE: the server's tables of zones are empty, as they are after a plain installation. */
const UNKNOWN_ZONE = 1298;

async function setZone(connection: MysqlConnection, { timeZone, clock }: ConnectorContext): Promise<void> {
  try {
    await connection.rows(`SET SESSION time_zone = ${quoteText('mysql', timeZone)}`);
  } catch (error) {
    if (!(error instanceof SyncError) || error.detail.errno !== UNKNOWN_ZONE) throw error;
    const now = Math.floor(clock.nowMs() / 1000);
    const minutes = Math.round((new ZoneClock(timeZone).civilAt(now) - now) / 60);
    await connection.rows(`SET SESSION time_zone = '${offsetText(minutes)}'`);
    connection.fixedOffsetSeconds = minutes * 60;
  }
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
