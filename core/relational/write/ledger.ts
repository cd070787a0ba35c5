/**
 * The ledger: a table beside the target table whose rows change in the same transactions as the target's rows.
 *
 *   run_key     SHA-256 of job, root run and target table        ┐ primary key
 *   shard       shard id, or '' for the run itself               ┘
 *   run_name    job/run of whoever wrote last, for people
 *   generation  ┐
 *   epoch       │ the fence: only its holder may commit rows of the shard
 *   nonce       ┘
 *   mark        shard: the engine's position after the last committed block; run: its state as JSON
 *   row_count   ┐
 *   byte_count  │ of the shard, committed so far
 *   block_count ┘
 *   updated     by the database's clock
 *
 * A run that is over keeps its own row, without those of its shards, as a tombstone: whoever comes late finds the
 * run closed. Tombstones go after `TOMBSTONE_DAYS`.
 */
import type { Mark } from '../../connectors/contract.ts';
import { asSyncError, assert, FencedError, SyncError } from '../../errors/index.ts';
import { type Fence, isLater } from './fence.ts';
import type { WriteSession } from './session.ts';

/** Name of the ledger table, in the schema or database of the target table. */
export const LEDGER_TABLE = 'millrace_ledger';

/** How long the row of an ended run is kept. No message or invocation lives that long. */
const TOMBSTONE_DAYS = 30;

/** Name of the run's own row. */
const RUN_ROW = '';

/** What differs between the databases. */
export interface LedgerDialect {
  /** Quoted and qualified. */
  readonly table: string;
  /** Answers with a row if the table is there. */
  readonly exists: string;
  /** Creates the table; harmless if somebody else did so meanwhile. */
  readonly create: string;
  /** Inserts unless the key exists; six values: run_key, shard, run_name, generation, epoch, nonce. */
  readonly insert: string;
  /** A condition on `updated`: more than that many days ago. */
  olderThan(days: number): string;
}

/** What stands in the ledger for a shard. */
export interface ShardEntry {
  readonly mark: Mark | undefined;
  readonly rows: number;
  readonly bytes: number;
}

/** How far a run is, beyond its shards. */
export interface RunEntry {
  readonly v: 1;
  readonly state: 'open' | 'done' | 'discarded';
  /** Statements of `preSql` and `postSql` that were executed. */
  readonly pre: number;
  readonly post: number;
}

/** A fence below every other. */
const NOBODY: Fence = { generation: 0, epoch: 0, nonce: '' };

const NEW_RUN: RunEntry = { v: 1, state: 'open', pre: 0, post: 0 };

/** The ledger rows of one run in one database. Every method is one or more statements on the given session. */
export class Ledger {
  readonly #dialect: LedgerDialect;
  readonly #runKey: string;
  readonly #runName: string;

  constructor(dialect: LedgerDialect, runKey: string, runName: string) {
    this.#dialect = dialect;
    this.#runKey = runKey;
    this.#runName = runName;
  }

  /** Whether the table is there. */
  async exists(session: WriteSession): Promise<boolean> {
    return (await session.run(this.#dialect.exists)).rows.length > 0;
  }

  /** Creates the table unless it is there, so that the right to create is needed only once. Throws DST-4025. */
  async create(session: WriteSession): Promise<void> {
    if (await this.exists(session)) return;
    try {
      await session.run(this.#dialect.create);
    } catch (error) {
      if (error instanceof SyncError && error.retryable) throw error;
      // Two who create it at once can both be refused although it is there afterwards.
      if (!(await this.exists(session))) throw cannotCreate(this.#table, asSyncError(error));
    }
  }

  /** Whether this run ever used the ledger. */
  async isKnown(session: WriteSession): Promise<boolean> {
    const { rows } = await session.run(`SELECT 1 FROM ${this.#table} WHERE run_key = ? LIMIT 1`, [
      this.#runKey,
    ]);
    return rows.length > 0;
  }

  /** Whether any row of this run was committed. */
  async hasMarks(session: WriteSession): Promise<boolean> {
    const { rows } = await session.run(
      `SELECT 1 FROM ${this.#table} WHERE run_key = ? AND shard <> ? AND mark IS NOT NULL LIMIT 1`,
      [this.#runKey, RUN_ROW],
    );
    return rows.length > 0;
  }

  /** The nonce of whoever holds the shard now, if that is not somebody later; without waiting for a lock. */
  async holder(session: WriteSession, shard: string, own: Omit<Fence, 'nonce'>): Promise<string | undefined> {
    const { rows } = await session.run(
      `SELECT generation, epoch, nonce FROM ${this.#table} WHERE run_key = ? AND shard = ?`,
      [this.#runKey, shard],
    );
    const [row] = rows;
    if (!row || isLater({ generation: Number(row[0]), epoch: Number(row[1]) }, own)) return undefined;
    return row[2] ?? undefined;
  }

  /**
   * Makes `fence` the holder of the shard and returns what its predecessors committed. Waits for a transaction of a
   * predecessor that is still in doubt: afterwards none of them can commit. Throws FencedError for a stale fence.
   */
  async take(session: WriteSession, shard: string, fence: Fence): Promise<ShardEntry> {
    await this.ensureRun(session);
    await session.run('BEGIN');
    await this.#requireOpen(session);
    // Under the lock of the run: two who insert the same row at once would wait for each other.
    await this.#ensure(session, shard);
    const { rows } = await session.run(
      `SELECT generation, epoch, mark, row_count, byte_count FROM ${this.#table}` +
        ' WHERE run_key = ? AND shard = ? FOR UPDATE',
      [this.#runKey, shard],
    );
    const [row] = rows;
    assert(row, 'a ledger row is gone that was just made');
    if (isLater({ generation: Number(row[0]), epoch: Number(row[1]) }, fence)) {
      await session.run('ROLLBACK');
      throw fenced(shard);
    }
    await session.run(
      `UPDATE ${this.#table} SET generation = ?, epoch = ?, nonce = ?, run_name = ?, updated = CURRENT_TIMESTAMP` +
        ' WHERE run_key = ? AND shard = ?',
      [fence.generation, fence.epoch, fence.nonce, this.#runName, this.#runKey, shard],
    );
    await session.run('COMMIT');
    return { mark: (row[2] ?? undefined) as Mark | undefined, rows: Number(row[3]), bytes: Number(row[4]) };
  }

  /** Writes the mark of a block in its open transaction. Throws FencedError if the shard has another holder. */
  async advance(
    session: WriteSession,
    shard: string,
    fence: Fence,
    entry: Required<ShardEntry>,
  ): Promise<void> {
    const { affected } = await session.run(
      `UPDATE ${this.#table} SET mark = ?, row_count = ?, byte_count = ?, block_count = block_count + 1,` +
        ' updated = CURRENT_TIMESTAMP' +
        ' WHERE run_key = ? AND shard = ? AND generation = ? AND epoch = ? AND nonce = ?',
      [
        entry.mark ?? null,
        entry.rows,
        entry.bytes,
        this.#runKey,
        shard,
        fence.generation,
        fence.epoch,
        fence.nonce,
      ],
    );
    if (affected === 0) throw fenced(shard);
  }

  /** The run's own state; a new one if the run is unknown. */
  async runEntry(session: WriteSession): Promise<RunEntry> {
    const { rows } = await session.run(`SELECT mark FROM ${this.#table} WHERE run_key = ? AND shard = ?`, [
      this.#runKey,
      RUN_ROW,
    ]);
    return parseRun(rows[0]?.[0] ?? null);
  }

  /** Makes the run's own row. Outside a transaction: a lock for an insert that was not needed would stay. */
  ensureRun(session: WriteSession): Promise<void> {
    return this.#ensure(session, RUN_ROW);
  }

  /** The run's own state, locked until the open transaction ends. */
  async lockRun(session: WriteSession): Promise<RunEntry> {
    const { rows } = await session.run(
      `SELECT mark FROM ${this.#table} WHERE run_key = ? AND shard = ? FOR UPDATE`,
      [this.#runKey, RUN_ROW],
    );
    return parseRun(rows[0]?.[0] ?? null);
  }

  /** Stores the run's own state. */
  async storeRun(session: WriteSession, entry: RunEntry): Promise<void> {
    await session.run(
      `UPDATE ${this.#table} SET mark = ?, run_name = ?, updated = CURRENT_TIMESTAMP WHERE run_key = ? AND shard = ?`,
      [JSON.stringify(entry), this.#runName, this.#runKey, RUN_ROW],
    );
  }

  /** Ends the run: its tombstone stays, its shards' rows go, and so do tombstones of long ago. */
  async close(session: WriteSession, state: 'done' | 'discarded'): Promise<void> {
    await this.ensureRun(session);
    await session.run('BEGIN');
    const entry = await this.lockRun(session);
    // Which of the two came first stands: a run that is done cannot be discarded any more, nor the other way round.
    if (entry.state === 'open') await this.storeRun(session, { ...entry, state });
    await session.run(`DELETE FROM ${this.#table} WHERE run_key = ? AND shard <> ?`, [this.#runKey, RUN_ROW]);
    await session.run('COMMIT');
    await this.#sweepTombstones(session);
  }

  /** Refuses, inside the transaction that takes a shard, a run that is over. Keeps it from ending meanwhile. */
  async #requireOpen(session: WriteSession): Promise<void> {
    const { state } = await this.lockRun(session);
    if (state === 'open') return;
    await session.run('ROLLBACK');
    throw runIsOver(state, this.#runName);
  }

  async #ensure(session: WriteSession, shard: string): Promise<void> {
    const key = [this.#runKey, shard];
    const { rows } = await session.run(`SELECT 1 FROM ${this.#table} WHERE run_key = ? AND shard = ?`, key);
    if (rows.length > 0) return;
    await session.run(this.#dialect.insert, [
      this.#runKey,
      shard,
      this.#runName,
      NOBODY.generation,
      NOBODY.epoch,
      NOBODY.nonce,
    ]);
  }

  async #sweepTombstones(session: WriteSession): Promise<void> {
    await session.run(
      `DELETE FROM ${this.#table} WHERE shard = ? AND mark NOT LIKE ? AND ${this.#dialect.olderThan(TOMBSTONE_DAYS)}`,
      [RUN_ROW, '%"state":"open"%'],
    );
  }

  get #table(): string {
    return this.#dialect.table;
  }
}

/** The fault of whoever finds that the run has ended already. */
export const runIsOver = (state: 'done' | 'discarded', runName: string): SyncError =>
  new SyncError('DST-4024', 'config', `the ledger of the target says that run ${runName} is ${state}`, {
    run: runName,
  });

const cannotCreate = (table: string, fault: SyncError): SyncError =>
  new SyncError(
    'DST-4025',
    fault.kind,
    `the ledger ${table} cannot be created: ${fault.message}`,
    fault.detail,
  );

const fenced = (shard: string): FencedError =>
  new FencedError('the ledger of the target names a later holder of the shard', { shard });

function parseRun(text: string | null): RunEntry {
  if (text === null) return NEW_RUN;
  const entry = JSON.parse(text) as Partial<RunEntry>;
  assert(entry.v === 1 && entry.state !== undefined, 'the row of the run in the ledger cannot be read');
  return entry as RunEntry;
}
