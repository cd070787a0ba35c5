import type { EncodedRow } from '../row/row-encoder.ts';
import { cellNameEnd, cellValueStart, keyCellEnd } from '../row/stored-row.ts';
import { readInteger } from '../row/value.ts';
import { type Change, ChangeLog } from './change-log.ts';
import { OrderedRows } from './ordered-rows.ts';
import type { TableDefinition } from './schema.ts';

const MICROS_PER_MS = 1000;
const MICROS_PER_HOUR = 3_600_000_000;

/** The effect of one accepted write on one row: its key, its new bytes (none = deleted), and the change. */
export interface RowEffect {
  readonly key: Uint8Array;
  readonly row: EncodedRow | undefined;
  readonly change: Change | undefined;
}

/** A table: definition, rows, and the change log while its stream is enabled. */
export class Table {
  definition: TableDefinition;
  readonly rows = new OrderedRows();
  changes: ChangeLog | undefined;
  /** Time of the last change; the next one is later even when the clock stands still. */
  lastMicros = 0;
  /** Highest number in the auto-increment column so far. */
  lastAutoIncrement = 0n;
  readonly #autoIncrementColumn: number;

  constructor(definition: TableDefinition) {
    this.definition = definition;
    this.#autoIncrementColumn = definition.keyColumns.findIndex((column) => column.autoIncrement);
    if (definition.stream.enabled) this.changes = new ChangeLog();
  }

  get keyCount(): number {
    return this.definition.keyColumns.length;
  }

  /** Applies an effect to memory. The same effect applied again (replay) changes nothing but the change log. */
  apply(effect: RowEffect): void {
    const { row, change } = effect;
    if (row) {
      this.rows.put(effect.key, row.bytes, row);
      if (this.#autoIncrementColumn >= 0) this.#noteNumber(row.bytes);
    } else {
      this.rows.remove(effect.key);
    }
    if (change) {
      this.lastMicros = change.micros;
      this.changes?.append(change);
    }
  }

  /** The time of the next change in microseconds: strictly after the last one given out. */
  nextMicros(nowMs: number): number {
    this.lastMicros = Math.max(this.lastMicros + 1, Math.floor(nowMs * MICROS_PER_MS));
    return this.lastMicros;
  }

  /** The next number of the auto-increment column: increasing, not dense. */
  nextAutoIncrement(nowMs: number): bigint {
    const fromClock = BigInt(Math.floor(nowMs)) * 1000n;
    this.lastAutoIncrement = fromClock > this.lastAutoIncrement ? fromClock : this.lastAutoIncrement + 1n;
    return this.lastAutoIncrement;
  }

  /** Takes a new definition; a stream that starts anew begins with an empty log, a stopped one has none. */
  redefine(definition: TableDefinition): void {
    const restarted = definition.stream.streamId !== this.definition.stream.streamId;
    this.definition = definition;
    if (!definition.stream.enabled) this.changes = undefined;
    else if (restarted || !this.changes) this.changes = new ChangeLog();
  }

  /** Forgets changes past the retention of the stream. */
  trimChanges(nowMs: number): void {
    const { stream } = this.definition;
    this.changes?.trim(nowMs * MICROS_PER_MS - stream.expirationHours * MICROS_PER_HOUR);
  }

  #noteNumber(row: Uint8Array): void {
    let at = 1;
    for (let i = 0; i < this.#autoIncrementColumn; i++) at = keyCellEnd(row, at);
    const number = readInteger(row, cellValueStart(cellNameEnd(row, at)));
    if (number > this.lastAutoIncrement) this.lastAutoIncrement = number;
  }
}
