import { SyncError } from '../../errors/index.ts';
import { datePatternKeeps } from '../../formats/index.ts';
import type { Column } from '../../types/index.ts';
import type {
  CommitReceipt,
  ConnectorContext,
  PlanNote,
  RunRef,
  ShardOutput,
  Sink,
  SinkState,
  TargetColumn,
  TaskRef,
  Writer,
} from '../contract.ts';
import { commitRun } from './commit.ts';
import type { OssWriterConfig } from './config.ts';
import { RunNames } from './object-name.ts';
import { ObjectStore } from './object-store.ts';
import { OssSink } from './sink.ts';
import { decodeState } from './sink-state.ts';
import { foreignKeys } from './truncation.ts';

/** Writes objects of text to a bucket; see README.md for the protocol. */
export class OssWriter implements Writer {
  readonly #config: OssWriterConfig;
  readonly #context: ConnectorContext;
  readonly #store: ObjectStore;

  constructor(config: OssWriterConfig, context: ConnectorContext) {
    this.#config = config;
    this.#context = context;
    this.#store = new ObjectStore(config.connection, context);
  }

  async describe(columns: readonly Column[]): Promise<{
    readonly columns: readonly TargetColumn[];
    readonly notes: readonly PlanNote[];
    readonly location: string;
  }> {
    const { connection, object } = this.#config;
    return {
      columns: columns.map((column) => describeColumn(column, this.#config)),
      notes: formatNotes(columns, this.#config),
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
    return new OssSink({ config: this.#config, store: this.#store, names, task, columns, prior });
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

  async discard(run: RunRef, outputs: readonly ShardOutput[]): Promise<void> {
    const names = this.#names(run);
    const records = outputs.flatMap(({ state }) => decodeState(state));
    const listed = records.flatMap((record) => ('empty' in record ? [] : [record]));
    const found = await this.#store.openUploads(names.runPrefix);
    const uploads = new Map([...listed, ...found].map((upload) => [upload.uploadId, upload]));
    for (const { key, uploadId } of uploads.values()) await this.#store.abortUpload({ key, uploadId });
  }

  async close(): Promise<void> {
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

function describeColumn(column: Column, { format }: OssWriterConfig): TargetColumn {
  const text = { name: column.name, type: 'text', lossy: false };
  if (column.type === 'bytes') {
    if (format.byteEncoding === 'base64') return { ...text, type: 'base64 text' };
    return { ...text, note: 'bytes that are not UTF-8 text are refused; byteEncoding base64 takes all' };
  }
  if (format.dateFormat === undefined) return text;
  const day = ['year', 'month', 'day'] as const;
  const time = ['hour', 'minute', 'second', 'milli'] as const;
  const lossy =
    (column.type === 'date' && !datePatternKeeps(format.dateFormat, day)) ||
    column.type === 'time' ||
    column.type === 'datetime';
  return lossy ? { ...text, lossy, note: lossNote(format.dateFormat, [...day, ...time], column) } : text;
}

function lossNote(pattern: string, parts: Parameters<typeof datePatternKeeps>[1], column: Column): string {
  if (column.type === 'datetime' && datePatternKeeps(pattern, parts))
    return 'digits beyond milliseconds are cut';
  return `dateFormat ${pattern} leaves out parts of a ${column.type}`;
}

function formatNotes(columns: readonly Column[], { format, writeMode, object }: OssWriterConfig): PlanNote[] {
  const notes: PlanNote[] = [];
  const note = (level: PlanNote['level'], message: string): number => notes.push({ level, message });
  if (format.fileFormat === 'text') {
    note(
      'info',
      'fileFormat text escapes nothing: a value that holds a delimiter cannot be told apart; csv quotes it',
    );
  }
  if (format.header && format.header.length !== columns.length) {
    note('warning', `the header has ${format.header.length} names for ${columns.length} columns`);
  }
  if (columns.length === 1 && format.nullFormat === '') {
    note('warning', 'a null in a single column becomes an empty line, which many readers skip');
  }
  if (writeMode === 'truncate') {
    note('info', `after the commit every older object whose name begins with \`${object}\` is deleted`);
  }
  return notes;
}
