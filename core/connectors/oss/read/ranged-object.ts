import { SyncError } from '../../../errors/index.ts';
import { Crc64 } from '../../../formats/index.ts';
import type { ObjectBytes } from '../../../formats/read/format-reader.ts';
import type { RangeAnswer, SourceBucket, SourceObject } from './source-bucket.ts';

/** The first request of a long stream, bytes: a header needs no more. Doubled up to the largest. */
const FIRST_RANGE_BYTES = 256 * 1024;
/** One request, bytes. One is read while the next is on its way: a reader holds two of them. */
const LARGEST_RANGE_BYTES = 4 * 1024 * 1024;

/** An object read by ranges, each on its way while the one before is worked on. */
export class RangedObject implements ObjectBytes {
  readonly name: string;
  readonly size: number;
  readonly #bucket: SourceBucket;
  readonly #object: SourceObject;

  constructor(bucket: SourceBucket, object: SourceObject) {
    this.#bucket = bucket;
    this.#object = object;
    this.name = `oss://${bucket.name}/${object.key}`;
    this.size = object.size;
  }

  /** Bytes read from the first to the last are checked against the object's checksum, if OSS tells one. */
  async *stream(from: number, to: number): AsyncGenerator<Buffer, void, void> {
    const isWhole = from === 0 && to === this.size;
    const sum = isWhole ? new Crc64() : undefined;
    let expected: string | undefined;
    let at = from;
    let size = to - from <= LARGEST_RANGE_BYTES ? LARGEST_RANGE_BYTES : FIRST_RANGE_BYTES;
    const fetchNext = (): Promise<RangeAnswer> | undefined => {
      if (at >= to) return undefined;
      const answer = this.#bucket.range(this.#object, at, Math.min(to, at + size));
      // Awaited only when its turn comes: until then a failure is nobody's, but not unhandled.
      answer.catch(() => undefined);
      at = Math.min(to, at + size);
      size = Math.min(LARGEST_RANGE_BYTES, 2 * size);
      return answer;
    };
    for (let coming = fetchNext(); coming; ) {
      const { bytes, crc64 }: RangeAnswer = await coming;
      coming = fetchNext();
      sum?.update(bytes);
      expected ??= crc64;
      yield bytes;
    }
    if (sum && expected !== undefined && String(sum.digest()) !== expected) throw this.#damaged();
  }

  #damaged(): SyncError {
    const message = 'the bytes read do not have the checksum of the object';
    return new SyncError('SRC-2015', 'lost', message, { object: this.name });
  }
}
