/** The objects of a finished run, as its shards recorded them and as they are now. Never found by listing. */
import pLimit from 'p-limit';
import type { RunRef, ShardOutput } from '../../contract.ts';
import type { OssWriterConfig } from '../config.ts';
import { encodeManifest, manifestOf } from '../manifest.ts';
import type { RunNames } from '../object-name.ts';
import type { ObjectStore } from '../object-store.ts';
import { decodeState, type ExpectedObject, expectedObject } from '../sink-state.ts';

/** Where the objects are and which they are. */
export interface OutputParts {
  readonly config: OssWriterConfig;
  readonly store: ObjectStore;
  readonly names: RunNames;
  readonly run: RunRef;
  readonly outputs: readonly ShardOutput[];
}

/** An object that is there. */
export interface PresentObject {
  readonly key: string;
  /** Bytes as stored. */
  readonly size: number;
}

/** Objects asked for size and checksum at once. */
const LOOKS_AT_ONCE = 8;
/** Name of the manifest in the control folder. */
const MANIFEST = 'manifest.json';

/** Looks at the objects of a run, once. */
export class OutputObjects {
  readonly #parts: OutputParts;
  readonly #objects: ReadonlyMap<string, readonly ExpectedObject[]>;
  /** Sizes as stored, of the objects that are there. */
  readonly #sizes = new Map<string, number>();
  #problems: Promise<readonly string[]> | undefined;

  constructor(parts: OutputParts) {
    this.#parts = parts;
    this.#objects = new Map(
      parts.outputs.map(({ shardId, state }) => [shardId, decodeState(state).map(expectedObject)]),
    );
  }

  /** The objects of a shard that are there, in the order of their rows. Those that are not are told by `problems`. */
  async of(shardId: string | undefined): Promise<readonly PresentObject[]> {
    await this.problems();
    return (this.#objects.get(shardId ?? '') ?? []).flatMap(({ key }) => {
      const size = this.#sizes.get(key);
      return size === undefined ? [] : [{ key, size }];
    });
  }

  /** What is not as it was written: the manifest, and every object by its size and checksum. */
  problems(): Promise<readonly string[]> {
    this.#problems ??= this.#look();
    return this.#problems;
  }

  async #look(): Promise<readonly string[]> {
    const limit = pLimit(LOOKS_AT_ONCE);
    const objects = [...this.#objects.values()].flat();
    const looks = objects.map((object) => limit(() => this.#objectProblems(object)));
    return [...(await this.#manifestProblems()), ...(await Promise.all(looks)).flat()];
  }

  async #manifestProblems(): Promise<readonly string[]> {
    const { config, store, names, run } = this.#parts;
    const key = names.control(MANIFEST);
    const inKeyOrder = [...this.#objects.values()].flat().sort(byKey);
    const stored = await store.read(key);
    if (!stored) return [`the manifest ${key} is missing`];
    const wanted = encodeManifest(manifestOf(run, config, inKeyOrder));
    return stored.equals(wanted) ? [] : [`the manifest ${key} is not the one that the run wrote`];
  }

  async #objectProblems({ key, size, crc64 }: ExpectedObject): Promise<readonly string[]> {
    const stored = await this.#parts.store.head(key);
    if (!stored) return [`the object ${key} is missing`];
    this.#sizes.set(key, stored.size);
    if (stored.size !== size) return [`the object ${key} has ${stored.size} bytes, ${size} were written`];
    if (stored.crc64 === undefined || BigInt(stored.crc64) === crc64) return [];
    return [`the object ${key} has other bytes than were written: its CRC-64 differs`];
  }
}

/** The order in which a commit lists them. */
const byKey = (a: ExpectedObject, b: ExpectedObject): number => (a.key < b.key ? -1 : 1);
