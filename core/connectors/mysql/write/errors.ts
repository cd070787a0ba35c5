/** Which faults of the server mean that it refused a row, and where; any other is a fault of the connection's kind. */
import { type Code, SyncError } from '../../../errors/index.ts';
import { RefusedRow } from '../../../relational/write/bisect.ts';
import { mysqlFault, ServerFault } from '../errors.ts';

const KEY: Code = 'DST-4026';
const VALUE: Code = 'DST-4027';
const SIZE: Code = 'DST-4028';

/** Refusals by number: https://mariadb.com/kb/en/mariadb-error-code-reference/ and MySQL's own list. */
const BY_NUMBER: Readonly<Record<number, Code>> = {
  1062: KEY, // duplicate key
  1169: KEY, // unique constraint
  1216: KEY, // parent row is missing
  1217: KEY, // child rows exist
  1451: KEY,
  1452: KEY,
  1526: KEY, // no partition for the value
  1557: KEY,
  1586: KEY,
  1748: KEY,
  1761: KEY,
  1762: KEY,
  3819: KEY, // check constraint
  4025: KEY, // check constraint of MariaDB
  1153: SIZE, // larger than max_allowed_packet
  1118: SIZE, // row size
  1264: VALUE,
  1265: VALUE,
  1292: VALUE,
  1300: VALUE, // invalid character string
  1364: VALUE, // no default
  1366: VALUE,
  1367: VALUE,
  1406: VALUE,
  1411: VALUE,
  1416: VALUE,
  1441: VALUE,
  1525: VALUE,
  1643: VALUE, // SIGNAL of a trigger
  1644: VALUE,
  1690: VALUE,
  3140: VALUE, // invalid JSON
  3141: VALUE,
  3156: VALUE,
  4078: VALUE, // cannot cast
};

/** Refusals by the class of a SQLSTATE: data, integrity constraint, unhandled condition of a trigger. */
const BY_CLASS: Readonly<Record<string, Code>> = { '22': VALUE, '23': KEY, '45': VALUE };

/** The fault as a SyncError; of a refused row, with its place in the statement where the server told it. */
export function writeFault(error: unknown, doing: string): SyncError {
  const answer = answerOf(error);
  const fault = mysqlFault(answer ?? error, 'target', doing);
  if (!answer) return fault;
  const code = BY_NUMBER[answer.errno] ?? BY_CLASS[answer.sqlState.slice(0, 2)];
  if (code === undefined || fault.kind !== 'config') return fault;
  // Without the answer as its cause, which quotes values.
  return new RefusedRow(new SyncError(code, 'data', fault.message, fault.detail), placeOf(answer.message));
}

/** An answer of the server. The driver's own error holds the statement, that is the rows: it must not travel on. */
function answerOf(error: unknown): ServerFault | undefined {
  if (!(error instanceof Error)) return undefined;
  const { errno, sqlState, sqlMessage } = error as Error &
    Partial<Record<'errno' | 'sqlState' | 'sqlMessage', unknown>>;
  if (typeof errno !== 'number' || typeof sqlState !== 'string') return undefined;
  return new ServerFault(errno, sqlState, typeof sqlMessage === 'string' ? sqlMessage : 'no description');
}

/** `Data too long for column 'c' at row 2`; a column may come as `` `db`.`table`.`c` ``. Rows count from 1. */
function placeOf(message: string): { offset?: number; column?: string } {
  const row = / at row (\d+)/.exec(message)?.[1];
  const column = /\b(?:column|field) (?:'([^']+)'|(?:`[^`]+`\.)*`([^`]+)`)/i.exec(message);
  const name = column?.[1] ?? column?.[2];
  return {
    ...(row !== undefined && { offset: Number(row) - 1 }),
    ...(name !== undefined && { column: name }),
  };
}
