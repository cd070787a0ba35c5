/** What a shard and a cursor hold: JSON text with a version, exact for every key value. */
import { z } from 'zod';
import { AssertionError } from '../../errors/index.ts';
import type { KeyBound } from '../../tablestore/index.ts';
import type { Cursor } from '../contract.ts';
import { type KeyJson, keyFromJson, keyToJson } from './key.ts';
import type { KeyRange } from './range.ts';

const keyJson = z.array(
  z.object({ type: z.enum(['INT', 'STRING', 'BINARY', 'INF_MIN', 'INF_MAX']), value: z.string().optional() }),
);

const rangeJson = z.object({
  v: z.literal(1),
  direction: z.enum(['FORWARD', 'BACKWARD']),
  begin: keyJson,
  end: keyJson,
});

const cursorJson = z.object({ v: z.literal(1), next: keyJson.nullable() });

/** The text of a shard's range. */
export function encodeRange({ direction, begin, end }: KeyRange): string {
  return JSON.stringify({ v: 1, direction, begin: begin.map(keyToJson), end: end.map(keyToJson) });
}

/** The range of a shard that this reader planned. */
export function decodeRange(text: string): KeyRange {
  const { direction, begin, end } = parsed(rangeJson, text, 'shard range');
  return { direction, begin: keyOf(begin), end: keyOf(end) };
}

/** The position before `next`; without one the shard is finished. */
export function encodeCursor(next: readonly KeyBound[] | undefined): Cursor {
  return JSON.stringify({ v: 1, next: next?.map(keyToJson) ?? null }) as Cursor;
}

/** Where a cursor continues; `undefined` when nothing is left. */
export function decodeCursor(cursor: Cursor): KeyBound[] | undefined {
  const { next } = parsed(cursorJson, cursor, 'cursor');
  return next === null ? undefined : keyOf(next);
}

const keyOf = (json: z.output<typeof keyJson>): KeyBound[] =>
  json.map(({ type, value }): KeyBound => {
    const stored: KeyJson = value === undefined ? { type } : { type, value };
    return keyFromJson(stored);
  });

function parsed<T>(schema: z.ZodType<T>, text: string, what: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new AssertionError(`a stored ${what} cannot be read`, {}, { cause: error });
  }
}
