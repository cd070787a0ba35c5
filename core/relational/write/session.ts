/** What the shared writer asks of a database connection. The connectors implement it over their drivers. */
import type { EncodedRows } from './encoded-rows.ts';

/** A bound value of a bookkeeping statement. */
export type SqlValue = string | number | null;

/** Answer to one statement: cells as the server's text. */
export interface SqlAnswer {
  readonly rows: readonly (readonly (string | null)[])[];
  /** Rows inserted, matched by an update, or deleted. */
  readonly affected: number;
}

/**
 * One connection to the target. Calls never overlap. Faults are SyncErrors: kind `data` = the server refused a row,
 * the connection stands; `transient`, `throttled`, `unknown` = the transaction is lost and may be repeated on
 * another connection; anything else will not mend.
 */
export interface WriteSession {
  /** Runs one statement; each `?` outside quotes is bound to the next value. */
  run(sql: string, values?: readonly SqlValue[]): Promise<SqlAnswer>;
  /** Ends the connection at once; an open transaction is rolled back by the server. */
  close(): void;
}

/** Puts encoded rows into the target table over one session. */
export interface RowLoader {
  /**
   * Writes the rows `from` to `to` (exclusive) inside the open transaction. A fault of kind `data` names, where the
   * server tells, the place by `RefusedRow`; what the statement did so far is undone by the caller's savepoint.
   */
  load(rows: EncodedRows, from: number, to: number): Promise<void>;
  /**
   * Begins a transaction, at the latest with the first rows, so that these are always loaded. `strict`: at once, and
   * each refused row will be looked for, so every check happens at once and with an answer of its own; otherwise any
   * fault in it only means that the block comes again, strictly.
   */
  begin(strict: boolean): Promise<void>;
}
