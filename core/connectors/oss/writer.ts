import { SyncError } from '../../errors/index.ts';
import type { Column } from '../../types/index.ts';
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
} from '../contract.ts';
import { BufferRing } from './buffer-ring.ts';
import { abortUploads, commitRun } from './commit.ts';
import type { OssWriterConfig } from './config.ts';
import { describeColumn, writerNotes } from './description.ts';
import { RunNames } from './object-name.ts';
import { ObjectStore } from './object-store.ts';
import { describeParquet } from './parquet-format.ts';
import { openParquetSink } from './parquet-sink.ts';
import { ParquetReadBack } from './read-back/parquet-read-back.ts';
import { TextReadBack } from './read-back/text-read-back.ts';
import { OssSink, sinkBufferBytes } from './sink.ts';
import { foreignKeys } from './truncation.ts';

/** Writes objects of text or Parquet to a bucket; see README.md for the protocol. */
export class OssWriter implements Writer {
  readonly #config: OssWriterConfig;
  readonly #context: ConnectorContext;
  readonly #store: ObjectStore;
  readonly #ring: BufferRing;

  constructor(config: OssWriterConfig, context: ConnectorContext) {
    this.#config = config;
    this.#context = context;
    this.#store = new ObjectStore(config.connection, context);
    this.#ring = new BufferRing(sinkBufferBytes(config));
  }

  async describe(columns: readonly Column[]): Promise<{
    readonly columns: readonly TargetColumn[];
    readonly notes: readonly PlanNote[];
    readonly location: string;
  }> {
    const { connection, object, parquet } = this.#config;
    return {
      columns: parquet
        ? describeParquet(columns, parquet)
        : columns.map((column) => describeColumn(column, this.#config)),
      notes: writerNotes(columns, this.#config),
      location: `oss://${connection.bucket}/${object}`,
    };
  }

  async prepare(run: RunRef): Promise<void> {
    await requireUsableBucket(this.#store, this.#context);
    if (this.#config.writeMode !== 'nonConflict') return;
    for await (const key of foreignKeys(this.#store, this.#config.object, this.#names(run))) {
      throw new SyncError('DST-4006', 'config', 'the bucket already holds objects with this prefix', { key });
    }
  }

  async open(task: TaskRef, columns: readonly Column[], prior: SinkState | undefined): Promise<Sink> {
    const names = this.#names(task);
    const parts = { config: this.#config, store: this.#store, names, task, columns, prior, ring: this.#ring };
    const { parquet } = this.#config;
    return parquet ? openParquetSink(parts, parquet, this.#context.timeZone) : new OssSink(parts);
  }

  commit(run: RunRef, outputs: readonly ShardOutput[]): Promise<CommitReceipt> {
    const parts = {
      config: this.#config,
      store: this.#store,
      names: this.#names(run),
      context: this.#context,
    };
    return commitRun(parts, run, outputs);
  }

  async readBack(
    run: RunRef,
    outputs: readonly ShardOutput[],
    columns: readonly Column[],
  ): Promise<ReadBack> {
    const { parquet } = this.#config;
    const parts = { config: this.#config, store: this.#store, names: this.#names(run), run, outputs };
    return parquet
      ? new ParquetReadBack(parts, columns, parquet, this.#context.timeZone)
      : new TextReadBack(parts, columns);
  }

  async discard(run: RunRef): Promise<void> {
    await abortUploads(this.#store, this.#names(run));
  }

  async close(): Promise<void> {
    this.#ring.clear();
    this.#store.close();
  }

  #names(run: RunRef): RunNames {
    return new RunNames(this.#config.object, this.#config.suffix, run);
  }
}

/** Faults unless the bucket exists and keeps no versions; without the right to ask, existence is all we know. */
export async function requireUsableBucket(store: ObjectStore, context: ConnectorContext): Promise<void> {
  let versioning: string | undefined;
  try {
    versioning = await store.versioning();
  } catch (error) {
    if (!(error instanceof SyncError) || error.detail.ossCode !== 'AccessDenied') throw error;
    context.log.warn('the bucket does not let us ask whether it keeps versions; assuming that it does not');
    return;
  }
  if (versioning === 'Enabled' || versioning === 'Suspended') {
    throw new SyncError('DST-4007', 'config', 'the bucket keeps versions of its objects', { versioning });
  }
}
