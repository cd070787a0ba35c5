import pLimit from 'p-limit';
import { assert, SyncError } from '../../errors/index.ts';
import type { ShardOutput } from '../contract.ts';
import type { OssWriterConfig } from './config.ts';
import { hasOssCode } from './errors.ts';
import type { RunNames } from './object-name.ts';
import type { ObjectStore } from './object-store.ts';
import {
  decodeState,
  type ExpectedObject,
  expectedObject,
  type ObjectRecord,
  type UploadRecord,
} from './sink-state.ts';

/** Objects completed at once. */
const COMPLETIONS_AT_ONCE = 8;

/** The objects of a run, from unfinished uploads to checked objects. */
export class CommitObjects {
  readonly #store: ObjectStore;
  readonly #config: OssWriterConfig;
  readonly #records: readonly ObjectRecord[];
  /** What each object must be, in key order. */
  readonly expected: readonly ExpectedObject[];

  constructor(
    parts: { readonly store: ObjectStore; readonly names: RunNames; readonly config: OssWriterConfig },
    outputs: readonly ShardOutput[],
  ) {
    this.#store = parts.store;
    this.#config = parts.config;
    const records = outputs.flatMap(({ state }) => decodeState(state));
    this.#records = records.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    this.expected = this.#records.map(expectedObject);
    for (const { key } of records)
      assert(parts.names.isOutput(key), 'the state names an object of another job');
    assert(new Set(records.map(({ key }) => key)).size === records.length, 'two shards name the same object');
  }

  /** Completes every upload. Objects that an earlier commit completed are recognized by size and checksum. */
  async complete(): Promise<void> {
    const limit = pLimit(COMPLETIONS_AT_ONCE);
    const work = this.#records.map((record, i) => limit(() => this.#make(record, this.expected[i]!)));
    const results = await Promise.allSettled(work);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #make(record: ObjectRecord, expected: ExpectedObject): Promise<void> {
    if ('empty' in record) {
      await this.#store.putOnce(record.key, Buffer.alloc(0), this.#config.objectHeaders);
      return this.#check(expected);
    }
    const crc64 = await this.#completeOnce(record);
    if (crc64 !== String(expected.crc64)) await this.#check(expected);
  }

  /** The checksum that OSS answered, or `undefined` if the upload is gone: then somebody completed it. */
  async #completeOnce(record: UploadRecord): Promise<string | undefined> {
    try {
      return await this.#store.completeUpload(record, record.parts);
    } catch (error) {
      if (hasOssCode(error, 'NoSuchUpload')) return undefined;
      throw error;
    }
  }

  async #check(expected: ExpectedObject): Promise<void> {
    const stored = await this.#store.head(expected.key);
    if (stored?.size === expected.size && stored.crc64 === String(expected.crc64)) return;
    const what = stored ? 'has another size or checksum than was sent' : 'is missing and its upload is gone';
    throw new SyncError('DST-4005', 'lost', `an output object ${what}`, { key: expected.key });
  }
}
