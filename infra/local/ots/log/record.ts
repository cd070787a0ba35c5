import type { Change } from '../table/change-log.ts';
import { LEAF_MAX_ROWS, Leaf } from '../table/leaf.ts';
import type { TableDefinition } from '../table/schema.ts';
import type { RowEffect } from '../table/table.ts';
import type { ByteWriter } from '../wire/byte-writer.ts';

/**
 * Records of the log. Text is JSON in UTF-8; `bytes` is u32 length + bytes.
 *
 *     TABLE  1  bytes json                 definition and counters; creates or redefines
 *     DROP   2  u32 table
 *     ROW    3  u32 table  u8 flags  bytes key  [f64 oldestMs  bytes row]  [u8 action  f64 micros
 *               [bytes record]  [bytes origin]]
 *     LEAF   4  u32 table  u8 multi  f64 oldestMs  u32 count  u32 keyEnds{count}  u32 rowEnds{count}
 *               bytes keys  bytes rows     snapshot only
 *     CHANGE 5  u32 table  u8 flags  u8 action  f64 micros  bytes record  [bytes origin]   snapshot only
 */
export const RECORD = { TABLE: 1, DROP: 2, ROW: 3, LEAF: 4, CHANGE: 5 } as const;

const HAS_ROW = 1;
const MULTI_VERSION = 2;
const HAS_CHANGE = 4;
/** The change record is the row itself, as after every put: it is not written twice. */
const RECORD_IS_ROW = 8;
const HAS_ORIGIN = 16;

/** A table as the log keeps it. */
export interface TableRecord {
  readonly definition: TableDefinition;
  readonly lastMicros: number;
  readonly lastAutoIncrement: bigint;
  /** Sequence of the first retained change. */
  readonly firstChange: number;
}

const writeBytes = (out: ByteWriter, bytes: Uint8Array): void => {
  out.u32(bytes.length);
  out.copy(bytes);
};

/** JSON keeps no bigint, so the two that exist are written as decimal text. */
export function writeTable(out: ByteWriter, { definition, lastAutoIncrement, ...rest }: TableRecord): void {
  out.u8(RECORD.TABLE);
  const options = { ...definition.options, deviationSeconds: String(definition.options.deviationSeconds) };
  const json = {
    ...rest,
    lastAutoIncrement: String(lastAutoIncrement),
    definition: { ...definition, options },
  };
  writeBytes(out, Buffer.from(JSON.stringify(json), 'utf8'));
}

/** Writes a DROP record. */
export function writeDrop(out: ByteWriter, tableId: number): void {
  out.u8(RECORD.DROP);
  out.u32(tableId);
}

/** Writes a ROW record. */
export function writeRow(out: ByteWriter, tableId: number, { key, row, change }: RowEffect): void {
  const recordIsRow = change !== undefined && row !== undefined && change.record === row.bytes;
  out.u8(RECORD.ROW);
  out.u32(tableId);
  out.u8(
    (row ? HAS_ROW : 0) |
      (row?.multiVersion ? MULTI_VERSION : 0) |
      (change ? HAS_CHANGE : 0) |
      (recordIsRow ? RECORD_IS_ROW : 0) |
      (change?.origin ? HAS_ORIGIN : 0),
  );
  writeBytes(out, key);
  if (row) {
    out.f64(row.oldestMs);
    writeBytes(out, row.bytes);
  }
  if (!change) return;
  out.u8(change.action);
  out.f64(change.micros);
  if (!recordIsRow) writeBytes(out, change.record);
  if (change.origin) writeBytes(out, change.origin);
}

/** Writes a LEAF record. */
export function writeLeaf(out: ByteWriter, tableId: number, leaf: Leaf): void {
  out.u8(RECORD.LEAF);
  out.u32(tableId);
  out.u8(leaf.multiVersion ? 1 : 0);
  out.f64(leaf.oldestMs);
  out.u32(leaf.count);
  for (let i = 1; i <= leaf.count; i++) out.u32(leaf.keyEnds[i] as number);
  for (let i = 1; i <= leaf.count; i++) out.u32(leaf.rowEnds[i] as number);
  writeBytes(out, leaf.keys.subarray(0, leaf.keyEnds[leaf.count]));
  writeBytes(out, leaf.rows.subarray(0, leaf.rowEnds[leaf.count]));
}

/** Writes a CHANGE record. */
export function writeChange(out: ByteWriter, tableId: number, change: Change): void {
  out.u8(RECORD.CHANGE);
  out.u32(tableId);
  out.u8(change.origin ? HAS_ORIGIN : 0);
  out.u8(change.action);
  out.f64(change.micros);
  writeBytes(out, change.record);
  if (change.origin) writeBytes(out, change.origin);
}

/** Reads the fields of one record in the order they were written. Frames are checksummed, so it trusts them. */
export class RecordReader {
  readonly kind: number;
  readonly #record: Buffer;
  #at = 1;

  constructor(record: Buffer) {
    this.#record = record;
    this.kind = record.readUInt8(0);
  }

  tableId(): number {
    return this.#u32();
  }

  table(): TableRecord {
    const json = JSON.parse(this.#bytes().toString('utf8'));
    const options = {
      ...json.definition.options,
      deviationSeconds: BigInt(json.definition.options.deviationSeconds),
    };
    return {
      ...json,
      lastAutoIncrement: BigInt(json.lastAutoIncrement),
      definition: { ...json.definition, options },
    };
  }

  row(): RowEffect {
    const flags = this.#u8();
    const key = this.#bytes();
    const multiVersion = (flags & MULTI_VERSION) !== 0;
    const row = flags & HAS_ROW ? { oldestMs: this.#f64(), bytes: this.#bytes(), multiVersion } : undefined;
    if (!(flags & HAS_CHANGE)) return { key, row, change: undefined };
    const action = this.#u8();
    const micros = this.#f64();
    const record = flags & RECORD_IS_ROW ? (row?.bytes as Buffer) : this.#bytes();
    const origin = flags & HAS_ORIGIN ? this.#bytes() : undefined;
    return { key, row, change: { action, micros, record, origin } };
  }

  leaf(): Leaf {
    const leaf = new Leaf();
    leaf.multiVersion = this.#u8() === 1;
    leaf.oldestMs = this.#f64();
    leaf.count = this.#u32();
    if (leaf.count > LEAF_MAX_ROWS + 1) throw new Error(`a leaf of ${leaf.count} rows in the log`);
    for (let i = 1; i <= leaf.count; i++) leaf.keyEnds[i] = this.#u32();
    for (let i = 1; i <= leaf.count; i++) leaf.rowEnds[i] = this.#u32();
    leaf.keys = new Uint8Array(this.#bytes());
    leaf.rows = new Uint8Array(this.#bytes());
    return leaf;
  }

  change(): Change {
    const flags = this.#u8();
    const action = this.#u8();
    const micros = this.#f64();
    const record = this.#bytes();
    return { action, micros, record, origin: flags & HAS_ORIGIN ? this.#bytes() : undefined };
  }

  #u8(): number {
    return this.#record.readUInt8(this.#at++);
  }

  #u32(): number {
    this.#at += 4;
    return this.#record.readUInt32LE(this.#at - 4);
  }

  #f64(): number {
    this.#at += 8;
    return this.#record.readDoubleLE(this.#at - 8);
  }

  #bytes(): Buffer {
    const length = this.#u32();
    this.#at += length;
    return this.#record.subarray(this.#at - length, this.#at);
  }
}
