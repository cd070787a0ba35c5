/** What a server of the MySQL family, or the way to it, can answer, and the one place where it becomes a SyncError. */
import { SyncError } from '../../errors/index.ts';
import { SIDE_CODES, type SideName } from '../../relational/side-codes.ts';
import { AGAIN, BUSY, DENIED, ENDED, GONE, REFUSED, type Verdict } from '../../relational/verdicts.ts';

/** An ERR packet, or the same from the driver: number, SQLSTATE and text of the server. */
export class ServerFault extends Error {
  readonly errno: number;
  readonly sqlState: string;

  constructor(errno: number, sqlState: string, message: string) {
    super(message);
    this.errno = errno;
    this.sqlState = sqlState;
  }
}

/** By number: https://mariadb.com/kb/en/mariadb-error-code-reference/ and MySQL's own list. */
const VERDICTS: Readonly<Record<number, Verdict>> = {
  1040: BUSY, // too many connections
  1203: BUSY, // too many connections of this user
  1226: BUSY, // a resource limit of the user
  1044: DENIED, // no access to the database
  1045: DENIED, // wrong user or password
  1129: DENIED, // the host is blocked
  1130: DENIED, // the host may not connect
  1142: DENIED, // no access to the table
  1143: DENIED, // no access to the column
  1227: DENIED, // a privilege is missing
  1251: DENIED, // the way to log in is not supported
  1698: DENIED, // no password login for this user
  3118: DENIED, // the account is locked
  1053: GONE, // the server shuts down
  1152: GONE, // the connection was aborted
  1158: GONE, // reading the connection failed
  1159: GONE, // timeout while reading the connection
  1160: GONE, // writing the connection failed
  1161: GONE, // timeout while writing the connection
  1927: GONE, // the connection was killed
  4031: GONE, // the server ended an idle connection
  1205: AGAIN, // lock wait timeout
  1213: AGAIN, // deadlock
  1317: ENDED, // the query was killed
  1969: ENDED, // max_statement_time
  3024: ENDED, // max_execution_time
};

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ER_NET_READ_ERROR',
]);

/** Whether a fault means that the connection is of no more use. */
export const isLost = (error: SyncError): boolean =>
  error.kind === 'transient' && error.code === SIDE_CODES[sideOf(error)].unreachable;

const sideOf = (error: SyncError): SideName => (error.code.startsWith('DST') ? 'target' : 'source');

/** Any fault of the driver or the server as a SyncError. The text of the server is kept, without row values. */
export function mysqlFault(error: unknown, side: SideName, doing: string): SyncError {
  if (error instanceof SyncError) return error;
  const codes = SIDE_CODES[side];
  const { code, errno, message } = parts(error);
  const byNumber = errno === undefined ? undefined : VERDICTS[errno];
  const [kind, what] = byNumber ?? networkVerdict(code, errno);
  const detail = errno === undefined || errno < 0 ? {} : { errno };
  return new SyncError(codes[what], kind, `${doing}: ${withoutValues(message)}`, detail, { cause: error });
}

function networkVerdict(code: string, errno: number | undefined): Verdict {
  if (NETWORK.has(code) || code.startsWith('PROTOCOL_')) return GONE;
  if (/^(ERR_TLS|CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HANDSHAKE|ERR_SSL|HOSTNAME)/.test(code)) return DENIED;
  return errno === undefined ? GONE : REFUSED;
}

function parts(error: unknown): { code: string; errno: number | undefined; message: string } {
  if (error instanceof ServerFault) return { code: '', errno: error.errno, message: error.message };
  if (!(error instanceof Error)) return { code: '', errno: undefined, message: String(error) };
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  const number = typeof errno === 'number' && errno > 0 ? errno : undefined;
  return { code: typeof code === 'string' ? code : '', errno: number, message: error.message };
}

/** Servers quote values at fault, such as those of a doubled key; these never leave. */
const withoutValues = (message: string): string =>
  message.replace(/(value:?|entry) '(?:[^'\\]|\\.|'')*'/gi, '$1 ?').slice(0, 300);
