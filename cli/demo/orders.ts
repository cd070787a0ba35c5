/**
 * The orders of the demo: row `i` is known from `i` alone, so the export can be compared row by row without
 * keeping the source. Every column type of Tablestore occurs, and every text that breaks careless CSV.
 */

/** A value of a Tablestore column; bigint is INTEGER, number is DOUBLE. */
export type ColumnValue = bigint | number | boolean | string | Uint8Array;

/** A row; attributes that are absent are nulls in the export. */
export interface Order {
  readonly customer: string;
  readonly orderId: bigint;
  readonly attributes: readonly (readonly [string, ColumnValue])[];
}

/** Columns that the example job exports, in its order. */
export const EXPORTED = ['customer', 'order_id', 'status', 'amount', 'created'] as const;

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

const CUSTOMERS = 997;
/** Prime to `CUSTOMERS`: spreads neighbouring orders over the whole key space, as real orders are. */
const STRIDE = 7919;

const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** A column has no type of its own in Tablestore: each row brings one. Absent is null. */
const STATUSES: readonly (ColumnValue | undefined)[] = [
  'new',
  'sent "express", fragile',
  'paid 🧵 数据',
  utf8('written as bytes'),
  undefined,
  'returned\nsee the note',
  '',
  'null',
  true,
  ' #1, "quoted"\r\n',
];

/** Row `i`. `photoBytes` is the size of the binary column, which fills the table. */
export function order(i: number, photoBytes: number): Order {
  const status = STATUSES[i % STATUSES.length];
  return {
    customer: `c${String((i * STRIDE) % CUSTOMERS).padStart(4, '0')}`,
    orderId: orderIdOf(i),
    attributes: [
      ...(status === undefined ? [] : [['status', status] as const]),
      ...(i % 11 === 3 ? [] : [['amount', amountOf(i)] as const]),
      ['created', createdOf(i)],
      ['photo', Buffer.alloc(photoBytes, i & 0xff)],
    ],
  };
}

/** Both ends of the 64-bit integers are order numbers too. */
function orderIdOf(i: number): bigint {
  if (i === 0) return MIN_INT64;
  return i === 1 ? MAX_INT64 : BigInt(i);
}

/** The row of an order number; -1 for one that was never written. */
export function rowOf(orderId: string | null | undefined): number {
  if (orderId === String(MIN_INT64)) return 0;
  if (orderId === String(MAX_INT64)) return 1;
  const i = /^\d{1,15}$/.test(orderId ?? '') ? Number(orderId) : -1;
  return i >= 2 ? i : -1;
}

/** DOUBLE for most, INTEGER for some, up to the extremes, which no JavaScript number holds. */
function amountOf(i: number): ColumnValue {
  if (i % 1009 === 0) return i % 2 === 0 ? MAX_INT64 : MIN_INT64;
  return i % 5 === 0 ? BigInt(i) - 100_000n : (i % 1000) / 100;
}

const FIRST_ORDER_MS = Date.UTC(2025, 0, 1);
const MINUTE_MS = 60_000;

const createdOf = (i: number): string =>
  new Date(FIRST_ORDER_MS + i * MINUTE_MS).toISOString().slice(0, 19).replace('T', ' ');

/** What row `i` must read as in the file; null is null. */
export function expectedFields(i: number): readonly (string | null)[] {
  const { customer, orderId, attributes } = order(i, 0);
  const values = new Map(attributes);
  return [customer, String(orderId), ...EXPORTED.slice(2).map((name) => textOf(values.get(name)))];
}

function textOf(value: ColumnValue | undefined): string | null {
  if (value === undefined) return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  // A double shows that it is one; those of the orders have at most two decimals.
  if (typeof value === 'number' && Number.isInteger(value)) return `${value}.0`;
  return String(value);
}
