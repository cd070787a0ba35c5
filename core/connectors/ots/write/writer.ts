/** Writes rows to one wide column table by their primary keys. For users: docs/ots-writer.md. */
import type { ComparedColumn } from '../../../canonical/canonical-rows.ts';
import { createCaster } from '../../../convert/index.ts';
import { SyncError } from '../../../errors/index.ts';
import { TableReadBack } from '../../../relational/read-back/table-read-back.ts';
import type { TableSchema } from '../../../tablestore/index.ts';
import type { Column } from '../../../types/index.ts';
import type {
  CommitReceipt,
  ConnectorContext,
  PlanNote,
  ReadBack,
  RunRef,
  ShardOutput,
  Sink,
  SinkState,
  TargetColumn,
  TaskRef,
  Writer,
} from '../../contract.ts';
import { OtsReader } from '../reader.ts';
import { fitLayout, type WriteLayout } from './layout.ts';
import { RowEncoder } from './row-encoder.ts';
import { OtsSink } from './sink.ts';
import { decodeCounts } from './sink-state.ts';
import { TargetTable } from './target-table.ts';
import type { OtsWriterConfig } from './writer-config.ts';

/** Holds a client of its own. */
export class OtsWriter implements Writer {
  readonly #config: OtsWriterConfig;
  readonly #context: ConnectorContext;
  readonly #table: TargetTable;
  /** The table as the first sink found it: a worker opens many. */
  #schema: Promise<TableSchema> | undefined;

  constructor(config: OtsWriterConfig, context: ConnectorContext) {
    this.#config = config;
    this.#context = context;
    this.#table = new TargetTable(config, context);
  }

  async describe(columns: readonly Column[]): Promise<{
    readonly columns: readonly TargetColumn[];
    readonly notes: readonly PlanNote[];
    readonly location: string;
  }> {
    const { described, notes } = await this.#fit(columns);
    return { columns: described, notes, location: this.#table.location };
  }

  /** Tablestore needs no preparation: it only has to fit. */
  async prepare(_run: RunRef, columns: readonly Column[]): Promise<void> {
    await this.#fit(columns);
  }

  async open(_task: TaskRef, columns: readonly Column[], prior: SinkState | undefined): Promise<Sink> {
    const config = this.#config;
    const { columns: written } = fitLayout(config, await this.#schemaOnce(), columns);
    const encoder = new RowEncoder(written, columns, config, this.#context.timeZone);
    return new OtsSink({ config, context: this.#context, table: this.#table, encoder, prior });
  }

  /** Rows stand since they were written: this only adds up. */
  async commit(_run: RunRef, outputs: readonly ShardOutput[]): Promise<CommitReceipt> {
    const bytes = outputs.reduce((sum, { state }) => sum + decodeCounts(state).bytes, 0);
    return { location: this.#table.location, objects: 0, bytes };
  }

  async readBack(
    _run: RunRef,
    _outputs: readonly ShardOutput[],
    columns: readonly Column[],
  ): Promise<ReadBack> {
    if (this.#config.operation === 'delete') {
      throw new SyncError(
        'RUN-5030',
        'config',
        'rows removed by DeleteRow cannot be compared with their source',
      );
    }
    const { columns: written } = await this.#fit(columns);
    const inSourceOrder = written.toSorted((a, b) => a.source - b.source);
    const { timeZone } = this.#context;
    const { allowLossy } = this.#config;
    return new TableReadBack({
      columns: inSourceOrder.map((column): ComparedColumn => {
        const caster = createCaster(columns[column.source]!, column.target, { timeZone, allowLossy });
        const { name, target } = column;
        return {
          name,
          // Values stand as they were written: no type of the service pads or rewrites them.
          serverType: '',
          target,
          caster,
          ...(column.isKey && { keyOrdinal: written.indexOf(column) + 1 }),
        };
      }),
      oneToOne: false,
      timeZone,
      openReader: () => this.#openReader(inSourceOrder.map(({ name }) => name)),
    });
  }

  /** Rows that were written stay: nobody kept what stood in their place. */
  async discard(run: RunRef): Promise<void> {
    this.#context.log.info('rows that were written to Tablestore stay there', { runId: run.runId });
  }

  async close(): Promise<void> {
    this.#table.close();
  }

  async #fit(columns: readonly Column[]): Promise<WriteLayout> {
    return fitLayout(this.#config, await this.#table.describe(), columns);
  }

  async #schemaOnce(): Promise<TableSchema> {
    this.#schema ??= this.#table.describe();
    try {
      return await this.#schema;
    } catch (error) {
      this.#schema = undefined;
      throw error;
    }
  }

  #openReader(names: readonly string[]): OtsReader {
    const { connection, table, maxRetries, retryPauseMs } = this.#config;
    const columns = names.map((name) => ({ kind: 'name', name }) as const);
    const range = { begin: [], end: [], split: [] };
    return new OtsReader(
      { connection, table, columns, range, includeEmptyRows: true, maxRetries, retryPauseMs },
      this.#context,
    );
  }
}
