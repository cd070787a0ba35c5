import type { LocalClock } from '../../service.ts';
import type { Durability } from '../log/append-log.ts';
import { Journal } from '../log/journal.ts';
import { RECORD, RecordReader, type TableRecord, writeDrop, writeRow, writeTable } from '../log/record.ts';
import { snapshotFrames } from '../log/snapshot.ts';
import { OtsError, tableNotFound } from '../ots-error.ts';
import type { ByteWriter } from '../wire/byte-writer.ts';
import { ChangeLog } from './change-log.ts';
import type { TableDefinition } from './schema.ts';
import { type RowEffect, Table } from './table.ts';

/** A change log forgets what is past its retention whenever it has grown by this many changes. */
const TRIM_INTERVAL_CHANGES = 1024;

/** All tables of the service, in memory and, when a folder is given, in a journal. One writer: the event loop. */
export class Instance {
  readonly clock: LocalClock;
  readonly #tables = new Map<string, Table>();
  readonly #byId = new Map<number, Table>();
  readonly #journal: Journal | undefined;
  #nextId = 1;

  constructor(clock: LocalClock, dataDir: string | undefined, durability: Durability) {
    this.clock = clock;
    if (dataDir === undefined) return;
    this.#journal = Journal.open(
      dataDir,
      durability,
      (record) => this.#replay(new RecordReader(record)),
      () => this.#snapshot(),
    );
  }

  /** Names of all tables in byte order. */
  tableNames(): string[] {
    return [...this.#tables.keys()].sort();
  }

  get tableCount(): number {
    return this.#tables.size;
  }

  has(name: string): boolean {
    return this.#tables.has(name);
  }

  /** The table of that name. Throws OTSObjectNotExist. */
  table(name: string): Table {
    const table = this.#tables.get(name);
    if (!table) throw tableNotFound();
    return table;
  }

  create(definition: Omit<TableDefinition, 'id'>): Table {
    const table = new Table({ ...definition, id: this.#nextId });
    this.#journalTable(table, table.definition);
    this.#add(table);
    return table;
  }

  redefine(table: Table, change: Partial<TableDefinition>): void {
    const definition = { ...table.definition, ...change };
    this.#journalTable(table, definition);
    table.redefine(definition);
  }

  drop(table: Table): void {
    this.#append((out) => writeDrop(out, table.definition.id));
    this.#remove(table);
  }

  /** Applies an effect. */
  apply(table: Table, effect: RowEffect): void {
    this.#append((out) => writeRow(out, table.definition.id, effect));
    table.apply(effect);
    if (table.changes && table.changes.next % TRIM_INTERVAL_CHANGES === 0)
      table.trimChanges(this.clock.now());
  }

  /** Resolves when every change so far is as durable as configured. */
  async durable(): Promise<void> {
    try {
      await this.#journal?.flushed();
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** For in-process loading: keeps the gathered records bounded; `flushSync` makes them durable. */
  flushIfLarge(): void {
    this.#journal?.flushIfLarge();
  }

  flushSync(): void {
    this.#journal?.flushSync();
  }

  /** Rewrites the journal as a snapshot of the present state. */
  async compact(): Promise<void> {
    await this.#journal?.compact();
  }

  async close(): Promise<void> {
    await this.#journal?.close();
  }

  #snapshot(): Iterable<Buffer> {
    for (const table of this.#tables.values()) table.trimChanges(this.clock.now());
    return snapshotFrames(this.#tables.values());
  }

  #journalTable(table: Table, definition: TableDefinition): void {
    const { lastMicros, lastAutoIncrement } = table;
    const firstChange = table.changes?.first ?? 0;
    const record: TableRecord = { definition, lastMicros, lastAutoIncrement, firstChange };
    this.#append((out) => writeTable(out, record));
  }

  /** Journals before memory changes, so that a record that is not accepted changes nothing. */
  #append(encode: (out: ByteWriter) => void): void {
    try {
      this.#journal?.append(encode);
    } catch (error) {
      throw unavailable(error);
    }
  }

  #add(table: Table): void {
    this.#tables.set(table.definition.name, table);
    this.#byId.set(table.definition.id, table);
    this.#nextId = Math.max(this.#nextId, table.definition.id + 1);
  }

  #remove(table: Table): void {
    this.#tables.delete(table.definition.name);
    this.#byId.delete(table.definition.id);
  }

  #replay(record: RecordReader): void {
    if (record.kind === RECORD.TABLE) {
      this.#replayTable(record.table());
      return;
    }
    const table = this.#byId.get(record.tableId());
    if (!table) throw new Error('the log names a table that it never defined');
    if (record.kind === RECORD.ROW) table.apply(record.row());
    else if (record.kind === RECORD.LEAF) table.rows.appendLeaf(record.leaf());
    else if (record.kind === RECORD.CHANGE) table.changes?.append(record.change());
    else if (record.kind === RECORD.DROP) this.#remove(table);
    else throw new Error(`unknown log record ${record.kind}`);
  }

  #replayTable(record: TableRecord): void {
    const known = this.#byId.get(record.definition.id);
    if (known) {
      known.redefine(record.definition);
      return;
    }
    const table = new Table(record.definition);
    table.lastMicros = record.lastMicros;
    table.lastAutoIncrement = record.lastAutoIncrement;
    if (table.changes) table.changes = new ChangeLog(record.firstChange);
    this.#add(table);
  }
}

const unavailable = (cause: unknown): OtsError =>
  Object.assign(new OtsError(503, 'OTSServerUnavailable', 'Server is not available.'), { cause });
