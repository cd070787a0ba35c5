/** What a shard and a cursor hold: JSON text with a version. */
import { z } from 'zod';
import { AssertionError } from '../../../errors/index.ts';
import type { Cursor } from '../../contract.ts';

const objectRange = z.strictObject({
  v: z.literal(1),
  key: z.string().min(1),
  /** The content that was planned. */
  etag: z.string(),
  size: z.int().nonnegative(),
  /** Rows that begin at these bytes. */
  from: z.int().nonnegative(),
  to: z.int().nonnegative(),
  /** The layout of the format, as JSON text. */
  layout: z.string(),
});

/** The shard of a source without objects. */
const nothing = z.strictObject({ v: z.literal(1), nothing: z.literal(true) });

const cursor = z.strictObject({ v: z.literal(1), at: z.string() });

/** A part of an object, or nothing at all. */
export type ObjectRange = z.infer<typeof objectRange>;

/** The text of a range. */
export const encodeRange = (range: Omit<ObjectRange, 'v'> | 'nothing'): string =>
  JSON.stringify(range === 'nothing' ? { v: 1, nothing: true } : { v: 1, ...range });

/** The range of a shard; `undefined` for the one without objects. @throws AssertionError */
export function decodeRange(text: string): ObjectRange | undefined {
  const parsed = parse(z.union([objectRange, nothing]), text, 'range');
  return 'nothing' in parsed ? undefined : parsed;
}

/** The cursor of a position that the format gave. */
export const encodeCursor = (at: string): Cursor => JSON.stringify({ v: 1, at }) as Cursor;

/** The position of a cursor, as the format gave it. @throws AssertionError */
export const decodeCursor = (text: Cursor): string => parse(cursor, text, 'cursor').at;

function parse<T>(shape: z.ZodType<T>, text: string, what: string): T {
  try {
    return shape.parse(JSON.parse(text));
  } catch (error) {
    throw new AssertionError(`the ${what} of a shard of objects cannot be read`, {}, { cause: error });
  }
}
