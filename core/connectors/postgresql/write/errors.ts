/** Which faults of the server mean that it refused a row, and where; any other is a fault of the connection's kind. */
import { type Code, SyncError } from '../../../errors/index.ts';
import { RefusedRow } from '../../../relational/write/bisect.ts';
import { postgresFault } from '../errors.ts';

/** Fields of an ErrorResponse that are looked at. */
interface Answer {
  readonly code?: unknown;
  readonly severity?: unknown;
  readonly column?: unknown;
  readonly where?: unknown;
}

const KEY: Code = 'DST-4026';
const VALUE: Code = 'DST-4027';
const SIZE: Code = 'DST-4028';

/** Refusals by SQLSTATE or its class: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const REFUSALS: Readonly<Record<string, Code>> = {
  '22': VALUE, // data
  '23': KEY, // integrity constraint
  '44': KEY, // WITH CHECK OPTION
  // One statement would update a row twice: halving takes the two apart.
  '21000': KEY,
  '54000': SIZE, // an index row, a numeric or the like is too large
  P0001: VALUE, // a trigger raised an exception
};

/** A statement that cannot stand in a transaction, such as VACUUM. */
const ACTIVE_TRANSACTION = '25001';

/** The fault as a SyncError; of a refused row, with its place in the statement where the server told it. */
export function writeFault(error: unknown, doing: string): SyncError {
  const fault = postgresFault(error, 'target', doing);
  const state = String(fault.detail.sqlState ?? '');
  const code = REFUSALS[state] ?? REFUSALS[state.slice(0, 2)];
  if (code === undefined || state === '') return fault;
  const message = code === VALUE ? withoutQuoted(fault.message) : fault.message;
  // The answer itself quotes the row in its details: it does not travel on as a cause.
  return new RefusedRow(new SyncError(code, 'data', message, fault.detail), placeOf(error as Answer));
}

/** Messages about values quote them, in the middle or at the end. */
const withoutQuoted = (message: string): string => message.replace(/".*"/s, '?');

/** Whether the statement can only be executed outside a transaction. */
export const isOutsideOnly = (fault: SyncError): boolean => fault.detail.sqlState === ACTIVE_TRANSACTION;

/** `COPY t, line 12, column price: "…"`: lines count from 1. */
function placeOf({ where, column }: Answer): { offset?: number; column?: string } {
  const match =
    typeof where === 'string' ? /^COPY .*?, line (\d+)(?:, column ([^:\n]+))?/m.exec(where) : null;
  const name = match?.[2] ?? (typeof column === 'string' ? column : undefined);
  return {
    ...(match && { offset: Number(match[1]) - 1 }),
    ...(name !== undefined && { column: name }),
  };
}
