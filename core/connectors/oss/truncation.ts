import { z } from 'zod';
import { SyncError } from '../../errors/index.ts';
import type { OssWriterConfig } from './config.ts';
import { isControlKey, type RunNames } from './object-name.ts';
import type { ObjectStore } from './object-store.ts';

/** Objects that one run may replace; the list is held in memory. */
const MAX_KEYS = 1_000_000;
const LIST = 'truncate.json';
const DONE = 'truncated.json';

const noted = z.strictObject({ v: z.literal(1), keys: z.array(z.string()) });

/**
 * What `writeMode: truncate` removes: the objects under the prefix at the time of the first commit. The list is
 * stored before anything becomes visible and never made again, so that a repeated or belated commit cannot
 * remove what came later.
 */
export class Truncation {
  readonly #store: ObjectStore;
  readonly #config: OssWriterConfig;
  readonly #names: RunNames;

  constructor(parts: {
    readonly store: ObjectStore;
    readonly config: OssWriterConfig;
    readonly names: RunNames;
  }) {
    this.#store = parts.store;
    this.#config = parts.config;
    this.#names = parts.names;
  }

  /**
   * Stores the list unless an earlier commit did. `kept` are the run's outputs: some may be visible already under
   * the name of a run that it took over, whose commit failed half-way.
   */
  async note(kept: ReadonlySet<string>): Promise<void> {
    if (await this.#store.head(this.#names.control(LIST))) return;
    const keys: string[] = [];
    for await (const key of foreignKeys(this.#store, this.#config.object, this.#names)) {
      if (!kept.has(key) && keys.push(key) > MAX_KEYS) {
        throw new SyncError('DST-4004', 'config', `more than ${MAX_KEYS} objects begin with this prefix`);
      }
    }
    const body = Buffer.from(JSON.stringify({ v: 1, keys }));
    await this.#store.putOnce(this.#names.control(LIST), body, {});
  }

  /** Removes the objects of the list, once. */
  async remove(): Promise<void> {
    if (await this.#store.head(this.#names.control(DONE))) return;
    const stored = await this.#store.read(this.#names.control(LIST));
    if (!stored) throw new SyncError('DST-4005', 'lost', 'the list of objects to replace is missing');
    const { keys } = noted.parse(JSON.parse(stored.toString('utf8')));
    await this.#store.remove(keys);
    const body = Buffer.from(JSON.stringify({ v: 1, removed: keys.length }));
    await this.#store.putOnce(this.#names.control(DONE), body, {});
  }
}

/** Keys that begin with the prefix and are neither this run's own nor about runs. */
export async function* foreignKeys(
  store: ObjectStore,
  object: string,
  names: RunNames,
): AsyncGenerator<string> {
  for await (const key of store.keys(object)) if (!isControlKey(key) && !names.isOwn(key)) yield key;
}
