/** The writer of relational tables: what both databases do alike. See docs/mysql-writer.md and docs/postgresql-writer.md. */
import type { ComparedColumn } from '../../canonical/canonical-rows.ts';
import type {
  CommitReceipt,
  ConnectorContext,
  Delivery,
  PlanNote,
  ReadBack,
  Reader,
  RunRef,
  ShardOutput,
  Sink,
  SinkState,
  TargetColumn,
  TaskRef,
  Writer,
} from '../../connectors/contract.ts';
import { SyncError } from '../../errors/index.ts';
import { type RetryPolicy, withRetry } from '../../limits/retry.ts';
import type { Column } from '../../types/index.ts';
import { TableReadBack } from '../read-back/table-read-back.ts';
import { chooseDelivery, type DeliveryChoice } from './delivery.ts';
import type { EncodedColumn } from './encoded-column.ts';
import type { BatchLimits } from './encoded-rows.ts';
import { ledgerKey, rootOf } from './fence.ts';
import { encodedColumns, type FittedLayout, fitLayout, targetNames } from './layout.ts';
import { Ledger, runIsOver } from './ledger.ts';
import { type Phase, runOnce, statementsOf } from './once-statements.ts';
import type { WriteParameters } from './parameters.ts';
import { RowEncoder } from './row-encoder.ts';
import type { WriteSession } from './session.ts';
import { RelationalSink } from './sink.ts';
import { decodeCounts } from './sink-state.ts';
import type { LoadLayout, RelationalTarget, TableDraft } from './target.ts';

/** How patiently the steps around the rows are tried. */
const STEP_RETRY: RetryPolicy = {
  baseMs: 200,
  capMs: 5_000,
  maxAttempts: 4,
  kinds: ['transient', 'throttled', 'unknown'],
};

interface Fitted extends FittedLayout {
  /** The table is still to be created. */
  readonly draft: TableDraft | undefined;
  readonly delivery: DeliveryChoice;
}

/** Opens a reader of the target table with these columns, by their names in the catalogue. */
export type OpenTableReader = (names: readonly string[]) => Reader;

interface Measured extends Fitted {
  readonly maxRowBytes: number;
}

/** Writes one table of one database. */
export class RelationalWriter implements Writer {
  readonly #target: RelationalTarget;
  readonly #parameters: WriteParameters;
  readonly #context: ConnectorContext;
  #measured: { readonly shape: string; readonly measured: Measured } | undefined;
  readonly #openReader: OpenTableReader;

  constructor(
    target: RelationalTarget,
    parameters: WriteParameters,
    context: ConnectorContext,
    openReader: OpenTableReader,
  ) {
    this.#target = target;
    this.#parameters = parameters;
    this.#context = context;
    this.#openReader = openReader;
  }

  async describe(columns: readonly Column[]): Promise<{
    readonly columns: readonly TargetColumn[];
    readonly notes: readonly PlanNote[];
    readonly location: string;
    readonly delivery: Delivery;
  }> {
    const fitted = await this.#step((session) => this.#fit(session, columns));
    const notes: PlanNote[] = [fitted.delivery.note, ...fitted.notes];
    if (fitted.draft) {
      notes.push({ level: 'info', message: `the table will be created: ${fitted.draft.sql}` });
      notes.push(...fitted.draft.notes.map((message): PlanNote => ({ level: 'warning', message })));
    }
    const { delivery } = fitted.delivery;
    return { columns: fitted.columns, notes, location: this.#target.location, delivery };
  }

  /** Refuses a run whose name the ledger knows: its rows are those of another run, and would be taken for its own. */
  async prepare(run: RunRef, columns: readonly Column[]): Promise<void> {
    await this.#step(async (session) => {
      if (!this.#isCounted(await this.#fit(session, columns))) return;
      const ledger = this.#ledger(run);
      await ledger.create(session);
      const { state } = await ledger.runEntry(session);
      if (state !== 'open') throw runIsOver(state, `${run.jobId}/${run.runId}`);
      if (await ledger.hasMarks(session)) throw isKnown(run);
    });
  }

  async begin(run: RunRef, columns: readonly Column[]): Promise<void> {
    await this.#step(async (session) => {
      await this.#lockRun(session, run);
      const fitted = await this.#fit(session, columns);
      if (fitted.draft) await session.run(fitted.draft.sql);
      await this.#once(session, 'pre', this.#isCounted(fitted) ? this.#ledger(run) : undefined);
    });
  }

  async open(task: TaskRef, columns: readonly Column[], prior: SinkState | undefined): Promise<Sink> {
    const target = this.#target;
    const { layout, delivery, maxRowBytes } = await this.#ready(columns);
    const encoded = encodedColumns(target, columns, layout, this.#parameters, this.#context.timeZone);
    return RelationalSink.open({
      task,
      prior,
      context: this.#context,
      columns: encoded,
      encoder: new RowEncoder(encoded, target.notation(layout), maxRowBytes),
      limits: limitsOf(target, layout, maxRowBytes),
      rollsBack: layout.table.engineWithoutTransactions === undefined,
      ledger: delivery.ledger ? this.#ledger(task) : undefined,
      connect: (name) => target.connect(name),
      loader: (session) => target.loader(session, encoded, layout),
      evict: (session, name) => target.evict(session, name),
    });
  }

  async commit(run: RunRef, outputs: readonly ShardOutput[]): Promise<CommitReceipt> {
    await this.#step(async (session) => {
      const ledger = await this.#standingLedger(session, run);
      if (!ledger && statementsOf(this.#parameters.postSql, '').length === 0) return;
      await this.#lockRun(session, run);
      if (ledger) {
        const { state } = await ledger.runEntry(session);
        if (state === 'discarded') throw runIsOver(state, `${run.jobId}/${run.runId}`);
      }
      await this.#once(session, 'post', ledger);
      await ledger?.close(session, 'done');
    });
    const bytes = outputs.reduce((sum, { state }) => sum + decodeCounts(state).bytes, 0);
    return { location: this.#target.location, objects: 0, bytes };
  }

  async readBack(
    _run: RunRef,
    _outputs: readonly ShardOutput[],
    columns: readonly Column[],
  ): Promise<ReadBack> {
    const target = this.#target;
    const { layout, draft } = await this.#step((session) => this.#fit(session, columns));
    if (draft) throw missing(target);
    const { timeZone } = this.#context;
    const encoded = encodedColumns(target, columns, layout, this.#parameters, timeZone);
    return new TableReadBack({
      columns: encoded.map((column, i) => comparedColumn(column, layout, i)),
      oneToOne: layout.rule === 'fail',
      timeZone,
      openReader: () => this.#openReader(layout.fields.map(({ name }) => name)),
    });
  }

  /** Rows that were committed stay: only the run's right to write more ends. */
  async discard(run: RunRef): Promise<void> {
    await this.#step(async (session) => {
      const ledger = await this.#standingLedger(session, run);
      await ledger?.close(session, 'discarded');
    });
  }

  async close(): Promise<void> {}

  /** What every shard needs to know, asked once: a worker moves many. */
  async #ready(columns: readonly Column[]): Promise<Measured> {
    const shape = JSON.stringify(columns);
    if (this.#measured?.shape !== shape) {
      const measured = await this.#step(async (session) => {
        const fitted = await this.#fit(session, columns);
        if (fitted.draft) throw missing(this.#target);
        return { ...fitted, maxRowBytes: await this.#target.measure(session) };
      });
      this.#measured = { shape, measured };
    }
    return this.#measured.measured;
  }

  async #fit(session: WriteSession, columns: readonly Column[]): Promise<Fitted> {
    const target = this.#target;
    const existing = await target.readTable(session);
    if (!existing && !this.#parameters.createTable) throw missing(target);
    const names = targetNames(this.#parameters, existing, columns, (name) => target.unquote(name));
    const draft = existing ? undefined : target.draftTable(columns, names);
    const table = existing ?? draft!.table;
    const fitted = fitLayout(target, table, names, columns, this.#parameters);
    return { ...fitted, draft, delivery: chooseDelivery(this.#parameters, table) };
  }

  /** Only one session at a time executes the statements of a run: what the database commits by itself has no other guard. */
  #lockRun(session: WriteSession, run: RunRef): Promise<void> {
    return this.#target.lock(session, `millrace:${this.#runKey(run).slice(0, 40)}`);
  }

  /**
   * Whether the ledger table is needed: for the rows, or to count statements. Without the count a process that comes
   * late could repeat a `truncate` over rows that were written meanwhile.
   */
  #isCounted({ delivery, layout }: Fitted): boolean {
    const { preSql, postSql, ledger } = this.#parameters;
    if (delivery.ledger) return true;
    const hasStatements = statementsOf([...preSql, ...postSql], '').length > 0;
    return hasStatements && ledger !== false && layout.table.engineWithoutTransactions === undefined;
  }

  #once(session: WriteSession, phase: Phase, ledger: Ledger | undefined): Promise<void> {
    const list = phase === 'pre' ? this.#parameters.preSql : this.#parameters.postSql;
    return runOnce(session, statementsOf(list, this.#target.tableSql), phase, {
      ledger,
      isOutsideOnly: (fault) => this.#target.isOutsideOnly(fault),
    });
  }

  /** The ledger if the run has rows in it. The table is not asked: `postSql` may have renamed it. */
  async #standingLedger(session: WriteSession, run: RunRef): Promise<Ledger | undefined> {
    if (this.#parameters.ledger === false) return undefined;
    const ledger = this.#ledger(run);
    return (await ledger.exists(session)) && (await ledger.isKnown(session)) ? ledger : undefined;
  }

  #ledger(run: RunRef): Ledger {
    return new Ledger(this.#target.ledger, this.#runKey(run), `${run.jobId}/${run.runId}`);
  }

  #runKey(run: RunRef): string {
    return ledgerKey(rootOf(run), this.#target.tableSql);
  }

  /** A step of its own on a connection of its own, repeated when the connection was lost. */
  #step<T>(use: (session: WriteSession) => Promise<T>): Promise<T> {
    return withRetry(
      async () => {
        const session = await this.#target.connect('');
        const close = (): void => session.close();
        this.#context.signal.addEventListener('abort', close, { once: true });
        try {
          return await use(session);
        } finally {
          this.#context.signal.removeEventListener('abort', close);
          session.close();
        }
      },
      STEP_RETRY,
      this.#context,
    );
  }
}

function comparedColumn(column: EncodedColumn, { fields, table }: LoadLayout, i: number): ComparedColumn {
  const { serverType } = fields[i]!;
  const place = table.primaryKey.indexOf(column.name);
  return { ...column, serverType, ...(place >= 0 && { keyOrdinal: place + 1 }) };
}

/**
 * Without transactions a statement that fails half-way leaves rows behind, and its other half could be written twice:
 * there plain inserts go row by row.
 */
function limitsOf(target: RelationalTarget, layout: LoadLayout, maxRowBytes: number): BatchLimits {
  const limits = target.limits(layout, maxRowBytes);
  const bare = layout.table.engineWithoutTransactions !== undefined && layout.rule === 'fail';
  return bare ? { ...limits, rows: 1 } : limits;
}

const missing = (target: RelationalTarget): SyncError =>
  new SyncError('DST-4020', 'config', `the target has no table ${target.tableSql}`, {
    location: target.location,
  });

const isKnown = (run: RunRef): SyncError =>
  new SyncError(
    'DST-4024',
    'config',
    `the ledger of the target already has rows of a run named ${run.jobId}/${run.runId}`,
  );
