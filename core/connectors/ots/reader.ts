/** Reads key ranges of a wide column table: schema, shards, pages. */
import { ConfigError, SyncError } from '../../errors/index.ts';
import { withRetry } from '../../limits/retry.ts';
import {
  type CallOptions,
  createTablestoreClient,
  type DecodedPage,
  type KeyBound,
  type KeyColumn,
  type TableSchema,
  type TablestoreClient,
} from '../../tablestore/index.ts';
import { type Column, shardIdOf } from '../../types/index.ts';
import type {
  Batch,
  ConnectorContext,
  Cursor,
  PlanNote,
  Reader,
  ReadPlan,
  Shard,
  Piece as ShardPiece,
} from '../contract.ts';
import { READER_CODES } from './codes.ts';
import type { OtsReaderConfig } from './config.ts';
import { type DecodedRows, PageDecoder } from './plain-buffer/page-decoder.ts';
import { decodeCursor, decodeRange, encodeCursor, encodeRange } from './position.ts';
import { type Projection, projectColumns } from './projection.ts';
import { type KeyRange, type ResolvedRange, resolveRange } from './range.ts';
import { joinedPieces, type Piece, piecesAt, piecesBySize } from './split-planner.ts';

/** A rest is cut finer than wanted and joined again: units of stored size alone would be of unequal use. */
const FINER = 4;
/** Longest pause between tries. */
const RETRY_CAP_MS = 30_000;

/** The job against the table as it is now. */
interface Layout {
  readonly schema: TableSchema;
  readonly projection: Projection;
  readonly range: ResolvedRange;
}

type Page = DecodedPage<DecodedRows>;

/** A reader over one table. Holds a client of its own. */
export class OtsReader implements Reader {
  readonly #config: OtsReaderConfig;
  readonly #context: ConnectorContext;
  readonly #client: TablestoreClient;
  #layout: Promise<Layout> | undefined;

  constructor(config: OtsReaderConfig, context: ConnectorContext) {
    this.#config = config;
    this.#context = context;
    this.#client = createTablestoreClient({ ...config.connection, codes: READER_CODES }, context);
  }

  async columns(): Promise<readonly Column[]> {
    return (await this.#describe()).projection.columns;
  }

  async plan(want: number): Promise<ReadPlan> {
    const layout = await this.#describe();
    const notes: PlanNote[] = [];
    const pieces = await this.#pieces(layout, want, notes);
    return {
      columns: layout.projection.columns,
      sourceTypes: layout.projection.sourceTypes,
      shards: pieces.map(shardOf),
      notes: [...notes, ...layoutNotes(layout, this.#config)],
    };
  }

  async *read(shard: Shard, from: Cursor | undefined): AsyncGenerator<Batch, void, void> {
    const { schema, projection } = await this.#describe();
    const range = decodeRange(shard.range);
    const start = from === undefined ? range.begin : decodeCursor(from);
    if (start === undefined) return;
    const decoder = new PageDecoder(schema, projection);
    const stop = new AbortController();
    const end = (): void => stop.abort();
    this.#context.signal.addEventListener('abort', end, { once: true });
    if (this.#context.signal.aborted) end();
    const fetch = (begin: readonly KeyBound[]): Promise<Page> => {
      const page = this.#page(schema, projection, { ...range, begin }, decoder, stop.signal);
      // Awaited only when its turn comes: until then a failure is nobody's, but not unhandled.
      page.catch(() => undefined);
      return page;
    };
    try {
      for (let coming: Promise<Page> | undefined = fetch(start); coming; ) {
        const page: Page = await coming;
        const next = page.next?.map((column) => column.value);
        coming = next ? fetch(next) : undefined;
        // An empty page in the middle is progress too: without it a long empty stretch could not be resumed.
        if (page.rows.block.rowCount > 0 || next) yield batchOf(page.rows, next);
      }
    } finally {
      this.#context.signal.removeEventListener('abort', end);
      end();
    }
  }

  /** Cut by stored size, like the plan; a rest of less than two pieces of the least size stays whole. */
  async split(shard: Shard, from: Cursor | undefined, pieces: number): Promise<readonly ShardPiece[]> {
    const range = decodeRange(shard.range);
    const begin = from === undefined ? range.begin : decodeCursor(from);
    if (begin === undefined || pieces < 2) return [];
    const { schema } = await this.#describe();
    try {
      const ask = (bytes: number) => this.#splitPoints(bytes);
      const cut = await piecesBySize({ ...range, begin }, schema.key, pieces * FINER, ask);
      return joinedPieces(cut, pieces).map((piece, i) =>
        pieceOf(i === 0 ? { ...piece, range: { ...piece.range, begin: range.begin } } : piece),
      );
    } catch (error) {
      if (isNotAllowed(error)) return [];
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  #describe(): Promise<Layout> {
    this.#layout ??= this.#loadLayout();
    return this.#layout;
  }

  async #loadLayout(): Promise<Layout> {
    try {
      const { table, columns, includeEmptyRows, range } = this.#config;
      const schema = await this.#retried((options) => this.#client.describeTable(table, options));
      const resolved = resolveRange(range, schema.key);
      if (!('direction' in resolved)) throw new ConfigError([resolved[0]!, ...resolved.slice(1)]);
      return { schema, projection: projectColumns(columns, schema, includeEmptyRows), range: resolved };
    } catch (error) {
      this.#layout = undefined;
      throw error;
    }
  }

  async #pieces({ range, schema }: Layout, want: number, notes: PlanNote[]): Promise<readonly Piece[]> {
    if (range.cuts.length > 0) return piecesAt(range, range.cuts);
    if (want <= 1) return piecesAt(range, []);
    try {
      const pieces = await piecesBySize(range, schema.key, want, (bytes) => this.#splitPoints(bytes));
      if (pieces.length < want) notes.push(fewPieces(pieces.length, want));
      return pieces;
    } catch (error) {
      if (!isNotAllowed(error)) throw error;
      notes.push({
        level: 'warning',
        message: `one shard only: ${error.message}; give range.split to cut it`,
      });
      return piecesAt(range, []);
    }
  }

  #splitPoints(unitBytes: number): Promise<KeyColumn<KeyBound>[][]> {
    const request = { table: this.#config.table, units: 1n, unitBytes: BigInt(unitBytes) };
    return this.#retried((options) => this.#client.computeSplitPointsBySize(request, options));
  }

  #page(
    schema: TableSchema,
    projection: Projection,
    range: KeyRange,
    decoder: PageDecoder,
    signal: AbortSignal,
  ): Promise<Page> {
    const named = (key: readonly KeyBound[]): KeyColumn<KeyBound>[] =>
      schema.key.map(({ name }, i) => ({ name, value: key[i]! }));
    const request = {
      table: this.#config.table,
      direction: range.direction,
      begin: named(range.begin),
      end: named(range.end),
      ...(projection.fetch ? { columns: projection.fetch } : {}),
    };
    const decode = (bytes: Buffer): DecodedRows => decoder.decode(bytes);
    return this.#retried(
      (options) =>
        this.#client.getRangeAs(request, decode, options).then((page) => checkedNext(page, schema)),
      signal,
    );
  }

  /** A call that is tried again as the job configures. */
  #retried<T>(call: (options: CallOptions) => Promise<T>, signal = this.#context.signal): Promise<T> {
    const { clock, random, log } = this.#context;
    const policy = {
      maxAttempts: this.#config.maxRetries + 1,
      baseMs: this.#config.retryPauseMs,
      capMs: RETRY_CAP_MS,
    };
    return withRetry(() => call({ signal }), policy, {
      clock,
      random,
      signal,
      onRetry: (error, attempt, delayMs) =>
        log.warn('reading again after a fault', { code: error.code, attempt, delayMs: Math.round(delayMs) }),
    });
  }
}

function batchOf({ block, keys }: DecodedRows, next: readonly KeyBound[] | undefined): Batch {
  return { block, cursor: encodeCursor(next), keyOf: (row) => keys.describe(row) };
}

/** The continuation is what the next request starts from: it has to be a key of this table. */
function checkedNext(page: Page, { key }: TableSchema): Page {
  const { next } = page;
  if (next && (next.length !== key.length || next.some((column, i) => column.name !== key[i]!.name))) {
    throw new SyncError('SRC-2005', 'transient', 'the continuation of a page is not a key of the table');
  }
  return page;
}

/** Reading may be allowed where cutting is not, and old services do not know the operation. */
const isNotAllowed = (error: unknown): error is SyncError =>
  error instanceof SyncError && (error.kind === 'auth' || error.kind === 'config');

const pieceOf = ({ range, estimatedBytes }: Piece): ShardPiece => ({
  range: encodeRange(range),
  ...(estimatedBytes === undefined ? {} : { estimatedBytes }),
});

const shardOf = (piece: Piece, index: number): Shard => ({
  shardId: shardIdOf(index),
  ...pieceOf(piece),
});

function fewPieces(pieces: number, want: number): PlanNote {
  const message = `${pieces} shards instead of ${want}: the range is small, or the service cuts in units of 100 MiB; give range.split to cut it finer`;
  return { level: 'info', message };
}

function layoutNotes({ range, projection }: Layout, config: OtsReaderConfig): PlanNote[] {
  const notes: PlanNote[] = [];
  if (range.direction === 'BACKWARD') {
    notes.push({ level: 'info', message: 'begin comes after end: rows are read in descending key order' });
  }
  if (!projection.fetch) {
    notes.push({ level: 'info', message: 'more than 127 attributes: whole rows are fetched' });
  }
  if (!config.includeEmptyRows && projection.sources.some((source) => source.kind === 'attribute')) {
    notes.push({ level: 'warning', message: 'rows without any of the configured attributes are left out' });
  }
  return notes;
}
