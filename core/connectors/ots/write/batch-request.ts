/**
 * The body of BatchWriteRow (Protocol Buffers), for rows of one table that are encoded already:
 *
 *   request := 1: table      table := 1: name, 2: row*
 *   row     := 1: type (1 put, 2 update, 3 delete)  2: PlainBuffer  3: { 1: row existence (0 = not looked at) }
 */
import type { EncodedRows } from './encoded-rows.ts';
import type { WriteOperation } from './writer-config.ts';

const TYPES: Readonly<Record<WriteOperation, number>> = { put: 1, update: 2, delete: 3 };
/** Keys of the fields: number × 8 + wire type. */
const KEY = {
  table: 0x0a,
  name: 0x0a,
  row: 0x12,
  type: 0x08,
  change: 0x12,
  condition: 0x1a,
  existence: 0x08,
};
/** Type, key of the change, and the condition. */
const ROW_FRAME_BYTES = 2 + 1 + 4;

/** Cuts fragments into batches of at most `maxRows` rows and `maxBytes` bytes; a single larger row goes alone. */
export function* batchesOf(
  { sizes }: EncodedRows,
  fragments: readonly number[],
  maxRows: number,
  maxBytes: number,
): Generator<readonly number[]> {
  let from = 0;
  let bytes = 0;
  for (let i = 0; i < fragments.length; i++) {
    const size = sizes[fragments[i]!]!;
    if (i > from && (i - from >= maxRows || bytes + size > maxBytes)) {
      yield fragments.slice(from, i);
      from = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < fragments.length) yield fragments.slice(from);
}

/** The body for these fragments. */
export function batchBody(
  table: string,
  operation: WriteOperation,
  rows: EncodedRows,
  fragments: readonly number[],
): Buffer {
  const name = Buffer.from(table, 'utf8');
  let inner = 1 + varintBytes(name.length) + name.length;
  for (const i of fragments) {
    const row = rowBytes(rows.ends[i]! - rows.starts[i]!);
    inner += 1 + varintBytes(row) + row;
  }
  const body = Buffer.allocUnsafe(1 + varintBytes(inner) + inner);
  let at = putLength(body, 0, KEY.table, inner);
  at = putLength(body, at, KEY.name, name.length);
  at += name.copy(body, at);
  for (const i of fragments) at = putRow(body, at, TYPES[operation], rows, i);
  return body;
}

/** Bytes of the message of a row whose PlainBuffer has `change` bytes. */
const rowBytes = (change: number): number => ROW_FRAME_BYTES + varintBytes(change) + change;

function putRow(body: Buffer, from: number, type: number, rows: EncodedRows, i: number): number {
  const start = rows.starts[i]!;
  const end = rows.ends[i]!;
  let at = putLength(body, from, KEY.row, rowBytes(end - start));
  body[at++] = KEY.type;
  body[at++] = type;
  at = putLength(body, at, KEY.change, end - start);
  at += rows.bytes.copy(body, at, start, end);
  body[at++] = KEY.condition;
  body[at++] = 2;
  body[at++] = KEY.existence;
  body[at++] = 0;
  return at;
}

function putLength(body: Buffer, from: number, key: number, length: number): number {
  let at = from;
  body[at++] = key;
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) body[at++] = (rest & 0x7f) | 0x80;
  body[at++] = rest;
  return at;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest >>>= 7) bytes++;
  return bytes;
}
