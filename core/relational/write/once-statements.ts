/** Statements of jobs. `preSql` and `postSql`: each once per run as far as the database can promise it. */
import { SyncError } from '../../errors/index.ts';
import type { Ledger, RunEntry } from './ledger.ts';
import type { WriteSession } from './session.ts';

/** Which list of statements: also the name of its counter in the ledger's row of the run. */
export type Phase = 'pre' | 'post';

const PARAMETER = { pre: 'preSql', post: 'postSql', session: 'session' } as const;

/** What executing them needs beyond a session. */
export interface OncePorts {
  /** Counts what was executed; absent = every statement is executed every time. */
  readonly ledger: Ledger | undefined;
  /** Whether a fault says that the statement cannot stand in a transaction. */
  isOutsideOnly(fault: SyncError): boolean;
}

/** The statements of a list with the target's name put in; blank ones left out. */
export const statementsOf = (list: readonly string[], table: string): readonly string[] =>
  list.map((text) => text.replaceAll('@table', table).trim()).filter((text) => text !== '');

/**
 * Executes the statements that this run has not executed yet. A statement and its mark in the ledger are one
 * transaction, unless the database commits the statement by itself (DDL of MySQL, VACUUM): then a crash in between
 * repeats this one statement. Nobody else may be executing them: the caller holds the lock of the run.
 */
export async function runOnce(
  session: WriteSession,
  statements: readonly string[],
  phase: Phase,
  ports: OncePorts,
): Promise<void> {
  const { ledger } = ports;
  if (ledger) await ledger.ensureRun(session);
  for (const [index, statement] of statements.entries()) {
    if (ledger && (await ledger.runEntry(session))[phase] > index) continue;
    try {
      await runMarked(session, statement, ledger, (entry) => ({ ...entry, [phase]: index + 1 }), ports);
    } catch (error) {
      throw explained(error, phase, index);
    }
  }
}

/** Executes the statements of `session` on a new connection. */
export async function runOnConnect(session: WriteSession, statements: readonly string[]): Promise<void> {
  for (const [index, statement] of statementsOf(statements, '').entries()) {
    try {
      await session.run(statement);
    } catch (error) {
      throw explained(error, 'session', index);
    }
  }
}

async function runMarked(
  session: WriteSession,
  statement: string,
  ledger: Ledger | undefined,
  mark: (entry: RunEntry) => RunEntry,
  ports: OncePorts,
): Promise<void> {
  if (!ledger) return void (await session.run(statement));
  await session.run('BEGIN');
  const entry = await ledger.lockRun(session);
  try {
    await session.run(statement);
  } catch (error) {
    if (!(error instanceof SyncError && ports.isOutsideOnly(error))) throw error;
    await session.run('ROLLBACK');
    await session.run(statement);
    await session.run('BEGIN');
  }
  await ledger.storeRun(session, mark(entry));
  await session.run('COMMIT');
}

/** A refusal names the parameter and the place in it; the statement itself may hold data and is not shown. */
function explained(error: unknown, phase: keyof typeof PARAMETER, index: number): unknown {
  if (!(error instanceof SyncError) || error.retryable || error.kind === 'conflict') return error;
  const message = `${PARAMETER[phase]}[${index}] failed: ${error.message}`;
  const kind = error.kind === 'data' ? 'config' : error.kind;
  return new SyncError('DST-4029', kind, message, error.detail, { cause: error });
}
