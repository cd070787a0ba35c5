/** Reads tables or queries of one or several databases, in shards that can be resumed after any block. */
import type { Batch, Cursor, Piece, PlanNote, Reader, ReadPlan, Shard } from '../../connectors/contract.ts';
import { asSyncError, ConfigError, SyncError } from '../../errors/index.ts';
import { backoffMs } from '../../limits/backoff.ts';
import { type Column, shardIdOf } from '../../types/index.ts';
import { parseTableName } from '../identifiers.ts';
import { piecesPerTable, splitRange, TablePlanner } from './plan.ts';
import { decodeCursor, decodeRange, encodeCursor, encodeRange, type ShardRange } from './range.ts';
import type { ReadPlace, RelationalReaderConfig } from './reader-config.ts';
import { selectList } from './select-list.ts';
import { type OpenSession, RETRY_CAP_MS, type ReaderPorts, SessionPool } from './session-pool.ts';
import {
  type KeyedBlock,
  namedColumn,
  plainColumns,
  type ReadColumn,
  type ReadSession,
  type StreamQuery,
} from './source.ts';
import { changed, columnsMark, type ReadTable, shardQuery } from './statement.ts';
import { typeNotes } from './type-notes.ts';

/** A table or query of a place, by ordinals. */
interface Unit {
  readonly connection: number;
  readonly table?: string | undefined;
  readonly query?: number | undefined;
}

/** One implementation for both dialects; what differs is behind `ReadSession`. */
export class RelationalReader implements Reader {
  readonly #config: RelationalReaderConfig;
  readonly #ports: ReaderPorts;
  readonly #sessions: SessionPool;
  readonly #tables = new Map<string, ReadTable>();
  readonly #queries = new Map<string, readonly ReadColumn[]>();
  /** Snapshots that this reader holds, by connection. */
  readonly #snapshots = new Map<number, string>();

  constructor(config: RelationalReaderConfig, ports: ReaderPorts, openSession: OpenSession) {
    this.#config = config;
    this.#ports = ports;
    this.#sessions = new SessionPool(config, ports, openSession);
  }

  async columns(): Promise<readonly Column[]> {
    return plainColumns(await this.#allColumns());
  }

  async plan(want: number): Promise<ReadPlan> {
    if (this.#config.consistentSnapshot) await this.#holdSnapshots();
    const columns = await this.#allColumns();
    const notes: PlanNote[] = [];
    const pieces: Piece[] = [];
    for (const unit of this.#units()) {
      const planned = await this.#planUnit(unit, want);
      pieces.push(...planned.pieces);
      notes.push(...planned.notes);
    }
    if (this.#config.consistentSnapshot) notes.push(ONE_SNAPSHOT);
    else if (pieces.length > 1) notes.push(SNAPSHOTS);
    notes.push(...typeNotes(this.#config.dialect, columns, await this.#expressions()));
    for (const key of this.#config.ignored) {
      notes.push({ level: 'warning', message: `${key} has no effect beside querySql` });
    }
    const shards = pieces.map((piece, i) => ({ shardId: shardIdOf(i), ...piece }));
    return {
      columns: plainColumns(columns),
      shards,
      notes: uniqueNotes(notes),
      sourceTypes: columns.map(({ sourceType }) => sourceType),
      ...(this.#config.consistentSnapshot && { held: true }),
    };
  }

  /** One session for each connection does nothing but keep its snapshot, until this reader is closed. */
  async #holdSnapshots(): Promise<void> {
    for (const connection of this.#config.places.keys()) {
      const session = await this.#sessions.take(connection);
      if (session.exportSnapshot) this.#snapshots.set(connection, await session.exportSnapshot());
    }
  }

  async *read(shard: Shard, from: Cursor | undefined): AsyncGenerator<Batch> {
    const range = decodeRange(shard.range);
    let at = from;
    let moved = false;
    for (let attempt = 0; ; attempt++) {
      try {
        for await (const batch of this.#stream(range, at)) {
          yield batch;
          moved = true;
          at = batch.cursor;
          attempt = 0;
        }
        return;
      } catch (error) {
        const fault = asSyncError(error);
        const canGoOn = !moved || at !== undefined;
        if (!canGoOn || !isPassing(fault) || attempt >= this.#config.maxRetries) throw fault;
        await this.#pause(fault, attempt);
      }
    }
  }

  async split(shard: Shard, from: Cursor | undefined, pieces: number): Promise<readonly Piece[]> {
    const range = decodeRange(shard.range);
    if (range.table === undefined) return [];
    return this.#sessions.use(range.connection, async (session) => {
      const { table } = await this.#table(session, range);
      return splitRange(session, table, range, this.#config.where, from, pieces);
    });
  }

  unheld(shard: Shard): Shard {
    const { snapshot: _, ...range } = decodeRange(shard.range);
    return { ...shard, range: encodeRange(range) };
  }

  close(): Promise<void> {
    return this.#sessions.close();
  }

  #units(): readonly Unit[] {
    return this.#config.places.flatMap(({ tables, queries }, connection) => [
      ...tables.map((table) => ({ connection, table })),
      ...queries.map((_, query) => ({ connection, query })),
    ]);
  }

  #place(connection: number): ReadPlace {
    const place = this.#config.places[connection];
    if (!place) throw changed();
    return place;
  }

  /** The columns of the first table or query; all others must have the same. */
  async #allColumns(): Promise<readonly ReadColumn[]> {
    let first: readonly ReadColumn[] | undefined;
    for (const unit of this.#units()) {
      const columns = await this.#sessions.use(unit.connection, (session) => this.#columnsOf(session, unit));
      first ??= columns;
      requireSame(first, columns, this.#nameOf(unit));
    }
    if (!first) throw new SyncError('SRC-2020', 'config', 'there is nothing to read');
    return first;
  }

  #nameOf({ connection, table, query }: Unit): string {
    const place = this.#config.places.length > 1 ? ` of connection ${connection + 1}` : '';
    return `${table ?? `query ${(query ?? 0) + 1}`}${place}`;
  }

  async #columnsOf(session: ReadSession, unit: Unit): Promise<readonly ReadColumn[]> {
    if (unit.table !== undefined) return (await this.#table(session, unit)).list.columns;
    const id = `${unit.connection} ${unit.query}`;
    const known =
      this.#queries.get(id) ??
      (await session.columnsOf(this.#sql(unit))).map((column, i) => namedColumn(column, i));
    this.#queries.set(id, known);
    return known;
  }

  /** Places of columns that the server computes: all of a query. */
  async #expressions(): Promise<(place: number) => boolean> {
    const unit = this.#units().find(({ table }) => table !== undefined);
    if (!unit) return () => true;
    const { list } = await this.#sessions.use(unit.connection, (session) => this.#table(session, unit));
    return (place) => list.names[place] === undefined;
  }

  #sql({ connection, query }: Pick<Unit, 'connection' | 'query'>): string {
    const sql = this.#place(connection).queries[query ?? -1];
    if (sql === undefined) throw changed();
    return sql;
  }

  async #table(session: ReadSession, unit: Pick<Unit, 'connection' | 'table'>): Promise<ReadTable> {
    const name = unit.table ?? '';
    const id = `${unit.connection} ${name}`;
    const known = this.#tables.get(id);
    if (known) return known;
    const table = await session.describe(parseTableName(this.#config.dialect, name));
    const read = { table, list: await selectList(session, table, this.#config.columns) };
    this.#tables.set(id, read);
    return read;
  }

  #planUnit(
    unit: Unit,
    want: number,
  ): Promise<{ readonly pieces: readonly Piece[]; readonly notes: readonly PlanNote[] }> {
    return this.#sessions.use(unit.connection, async (session) => {
      const snapshot = this.#snapshots.get(unit.connection);
      const base = {
        v: 1 as const,
        ...unit,
        ...(snapshot !== undefined && { snapshot }),
        columns: columnsMark(await this.#columnsOf(session, unit)),
      };
      const notes = session.warnings.map((message): PlanNote => ({ level: 'warning', message }));
      if (unit.table === undefined) {
        const range = encodeRange({ ...base, by: [], order: [] });
        return { pieces: [{ range }], notes: [...notes, QUERY_NOTE] };
      }
      const { table } = await this.#table(session, unit);
      const { tables } = this.#place(unit.connection);
      const pieces = piecesPerTable(want, this.#units().length, tables.length, this.#config.splitFactor);
      const planned = await new TablePlanner(session, this.#config, table, base).plan(pieces);
      return { pieces: planned.pieces, notes: [...notes, ...planned.notes] };
    });
  }

  async *#stream(range: ShardRange, from: Cursor | undefined): AsyncGenerator<Batch> {
    const session = await this.#sessions.take(range.connection);
    try {
      const { snapshot } = range;
      const query = {
        ...(await this.#query(session, range, from)),
        ...(snapshot !== undefined && { snapshot }),
      };
      const describe = this.#describer(range, query);
      let row = 0;
      for await (const block of session.stream(query)) {
        yield batchOf(block, query, describe, row);
        row += block.block.rowCount;
      }
    } finally {
      await this.#sessions.putBack(range.connection, session);
    }
  }

  async #query(session: ReadSession, range: ShardRange, from: Cursor | undefined): Promise<StreamQuery> {
    const columns = await this.#columnsOf(session, range);
    if (columnsMark(columns) !== range.columns) throw changed();
    if (range.table === undefined) {
      return { sql: this.#sql(range), columns, keyPlaces: [], hidden: 0, key: [], physical: false };
    }
    const read = await this.#table(session, range);
    const after = from === undefined ? undefined : decodeCursor(from);
    return shardQuery(session, read, range, this.#config.where, after);
  }

  /** A row in plain words. */
  #describer(range: ShardRange, { key }: StreamQuery): (values: readonly string[], row: number) => string {
    const name = this.#nameOf(range);
    if (key.length === 0) return (_values, row) => `row ${row + 1} of ${name}`;
    return (values) => key.map((column, i) => `${column.name}=${values[i]}`).join(', ');
  }

  async #pause(fault: SyncError, attempt: number): Promise<void> {
    const { clock, random, signal } = this.#ports;
    const delayMs = backoffMs(attempt, { baseMs: this.#config.retryPauseMs, capMs: RETRY_CAP_MS }, random);
    this.#sessions.logRetry(fault, attempt + 1, delayMs);
    await clock.sleep(delayMs, signal);
    if (signal.aborted) throw fault;
  }
}

const isPassing = ({ kind }: SyncError): boolean => kind === 'transient' || kind === 'throttled';

function batchOf(
  { block, keyOf, release }: KeyedBlock,
  { key }: StreamQuery,
  describe: (values: readonly string[], row: number) => string,
  firstRow: number,
): Batch {
  const cursor = key.length > 0 ? { cursor: encodeCursor(keyOf(block.rowCount - 1)) } : {};
  return { block, ...cursor, keyOf: (row) => describe(keyOf(row), firstRow + row), release };
}

function requireSame(first: readonly ReadColumn[], columns: readonly ReadColumn[], name: string): void {
  const differs = columns.findIndex(
    (column, i) => column.name !== first[i]?.name || column.type !== first[i]?.type,
  );
  if (differs < 0 && columns.length === first.length) return;
  const column = columns[differs]?.name ?? `column ${columns.length + 1}`;
  const message = `${name} has other columns than the first table: ${column}`;
  throw new ConfigError([{ code: 'SRC-2020', path: 'table', message }]);
}

/** What a plan says about consistency. */
const SNAPSHOTS: PlanNote = {
  level: 'info',
  message:
    'each shard is read in a snapshot of its own, taken when it is read: rows that change while the run lasts are seen as they are then',
};

const ONE_SNAPSHOT: PlanNote = {
  level: 'info',
  message:
    'all shards are read in one snapshot, which the orchestrator holds until they are read: the run ends in time or fails, and cannot be resumed',
};

const QUERY_NOTE: PlanNote = {
  level: 'warning',
  message: 'a query is one shard and starts over after a fault; it must fit into one invocation',
};

const uniqueNotes = (notes: readonly PlanNote[]): readonly PlanNote[] => [
  ...new Map(notes.map((note) => [note.message, note])).values(),
];
