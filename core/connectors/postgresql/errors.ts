/** What a server of the PostgreSQL family, or the way to it, can answer, and the one place where it becomes a SyncError. */
import { SyncError } from '../../errors/index.ts';
import { SIDE_CODES, type SideName } from '../../relational/side-codes.ts';
import { AGAIN, BUSY, DENIED, ENDED, GONE, REFUSED, type Verdict } from '../../relational/verdicts.ts';

/** An ErrorResponse: SQLSTATE and primary message. */
export class ServerFault extends Error {
  readonly sqlState: string;

  constructor(sqlState: string, message: string) {
    super(message);
    this.sqlState = sqlState;
  }
}

/** By SQLSTATE, the longest beginning that is listed: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const VERDICTS: Readonly<Record<string, Verdict>> = {
  '08': GONE, // connection
  '28': DENIED, // authorization
  '42501': DENIED, // insufficient privilege
  '53': AGAIN, // resources
  '53300': BUSY, // too many connections
  '57014': ENDED, // canceled, or statement_timeout
  '57P01': GONE, // the server shuts down, or an administrator ended the connection
  '57P02': GONE, // crash of another process
  '57P03': GONE, // starting up
  '57P05': GONE, // idle for too long
  '25P03': GONE, // idle in a transaction for too long
  '40': AGAIN, // serialization, deadlock, and recovery conflicts
  '55P03': AGAIN, // lock not available
  '58': AGAIN, // system
};

const SQL_STATE = /^[0-9A-Z]{5}$/;

/** Whether a fault means that the connection is of no more use. */
export const isLost = (error: SyncError): boolean =>
  error.kind === 'transient' && (error.code === 'SRC-2001' || error.code === 'DST-4001');

/** Any fault of the driver or the server as a SyncError. The text of the server is kept, without row values. */
export function postgresFault(error: unknown, side: SideName, doing: string): SyncError {
  if (error instanceof SyncError) return error;
  const codes = SIDE_CODES[side];
  const { state, code, message } = parts(error);
  const [kind, what] = state === undefined ? networkVerdict(code) : stateVerdict(state);
  const detail = state === undefined ? {} : { sqlState: state };
  return new SyncError(codes[what], kind, `${doing}: ${withoutValues(message)}`, detail, { cause: error });
}

function stateVerdict(state: string): Verdict {
  return VERDICTS[state] ?? VERDICTS[state.slice(0, 2)] ?? REFUSED;
}

function networkVerdict(code: string): Verdict {
  return /^(ERR_TLS|CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SSL|HOSTNAME)/.test(code) ? DENIED : GONE;
}

function parts(error: unknown): { state: string | undefined; code: string; message: string } {
  if (error instanceof ServerFault) return { state: error.sqlState, code: '', message: error.message };
  if (!(error instanceof Error)) return { state: undefined, code: '', message: String(error) };
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  const text = typeof code === 'string' ? code : '';
  // Network errors have codes of five letters too (EPIPE); only answers of the server have a severity.
  const state = severity !== undefined && SQL_STATE.test(text) ? text : undefined;
  return { state, code: text, message: error.message };
}

/** Servers quote values at fault, as in `invalid input syntax for type integer: "x"`; these never leave. */
const withoutValues = (message: string): string =>
  message.replace(/((?:syntax|value|range)[^:"]*:) "[\s\S]*"/i, '$1 ?').slice(0, 300);
