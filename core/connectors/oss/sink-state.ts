/**
 * What a shard has made durable so far, as stored with the shard: uploads not yet completed and the parts that
 * belong to them. A part that is not listed does not exist for the commit.
 */
import { z } from 'zod';
import { AssertionError } from '../../errors/index.ts';
import { crc64Combine } from '../../formats/index.ts';
import type { SinkState } from '../contract.ts';

const part = z.tuple([
  z.int().min(1).max(10_000),
  z.string(),
  z.int().nonnegative(),
  z.string().regex(/^\d+$/),
]);

const uploaded = z.strictObject({
  key: z.string(),
  uploadId: z.string(),
  /** [number, ETag without quotes, bytes, CRC-64 in decimal], ascending. */
  parts: z.array(part).min(1).readonly(),
  bytes: z.int().nonnegative(),
  rows: z.int().nonnegative(),
});

/** An object without content: it is put at commit. */
const empty = z.strictObject({ key: z.string(), empty: z.literal(true) });

const state = z.strictObject({ v: z.literal(1), objects: z.array(z.union([uploaded, empty])).readonly() });

/** One part: number, ETag without quotes, bytes, CRC-64 in decimal. */
export type PartRecord = z.infer<typeof part>;
/** An upload with the parts that count. */
export type UploadRecord = z.infer<typeof uploaded>;
/** One object of a shard. */
export type ObjectRecord = z.infer<typeof state>['objects'][number];

/** The state that stands for these objects. */
export const encodeState = (objects: readonly ObjectRecord[]): SinkState =>
  JSON.stringify({ v: 1, objects }) as SinkState;

/** @throws AssertionError for text that no sink of this version wrote. */
export function decodeState(text: SinkState): readonly ObjectRecord[] {
  try {
    return state.parse(JSON.parse(text)).objects;
  } catch (error) {
    throw new AssertionError('the stored state of a shard cannot be read', {}, { cause: error });
  }
}

/** What the finished object must be. */
export interface ExpectedObject {
  readonly key: string;
  readonly size: number;
  readonly crc64: bigint;
  readonly rows: number;
}

/** Size and checksum of the object that a record becomes. */
export function expectedObject(record: ObjectRecord): ExpectedObject {
  if ('empty' in record) return { key: record.key, size: 0, crc64: 0n, rows: 0 };
  let size = 0;
  let crc64 = 0n;
  for (const [, , bytes, crc] of record.parts) {
    crc64 = crc64Combine(crc64, BigInt(crc), bytes);
    size += bytes;
  }
  return { key: record.key, size, crc64, rows: record.rows };
}
