/** Refused rows as objects: all of them, whole, one object for what was refused between two positions. */

import type { ObjectFolder } from '../ports/index.ts';
import type { CountedShard, DirtySink, DirtyStore } from '../run/dirty-store.ts';
import type { DirtyRow } from '../run/model.ts';
import type { RunRef, TaskRef } from '../types/index.ts';
import {
  type DirtyObjectName,
  decodeName,
  encodeName,
  packRows,
  runFolder,
  unpackRows,
} from './dirty-object.ts';
import { type Extent, extentsOf } from './extents.ts';

/** A folder of objects as a store of refused rows. */
export class ObjectDirtyStore implements DirtyStore {
  readonly maxRowsPerShard = Number.MAX_SAFE_INTEGER;
  readonly #folder: ObjectFolder;

  constructor(folder: ObjectFolder) {
    this.#folder = folder;
  }

  prepare(): Promise<void> {
    return this.#folder.check();
  }

  open(task: TaskRef): DirtySink {
    return new ObjectDirtySink(this.#folder, task);
  }

  /** Holds the names of all objects, and the rows of one. */
  async *rows(runs: readonly RunRef[], shards: readonly CountedShard[]): AsyncGenerator<DirtyRow> {
    const counted = shards.filter(({ counters }) => counters.dirty > 0);
    if (counted.length === 0) return;
    const objects = await this.#objectsOf(runs);
    for (const { shardId, counters } of counted) {
      for (const extent of extentsOf(objects.get(shardId) ?? [], counters.dirty))
        yield* await this.#read(extent);
    }
  }

  close(): Promise<void> {
    return this.#folder.close();
  }

  async #objectsOf(runs: readonly RunRef[]): Promise<ReadonlyMap<string, readonly DirtyObjectName[]>> {
    const objects = new Map<string, DirtyObjectName[]>();
    for (const run of runs) {
      for await (const name of this.#folder.names(runFolder(run))) {
        const object = decodeName(run, name);
        if (!object) continue;
        const others = objects.get(object.shardId);
        if (others) others.push(object);
        else objects.set(object.shardId, [object]);
      }
    }
    return objects;
  }

  /** An object that is gone was removed by its owner since it was listed: its rows are not kept any more. */
  async #read({ object, first, end }: Extent): Promise<readonly DirtyRow[]> {
    const bytes = await this.#folder.get(encodeName(object));
    if (!bytes) return [];
    const rows = await unpackRows(object, bytes);
    return rows.slice(first - object.first, end - object.first);
  }
}

class ObjectDirtySink implements DirtySink {
  readonly #folder: ObjectFolder;
  readonly #task: TaskRef;
  #sequence = 0;

  constructor(folder: ObjectFolder, task: TaskRef) {
    this.#folder = folder;
    this.#task = task;
  }

  async keep(rows: readonly DirtyRow[]): Promise<void> {
    const { jobId, runId, shardId, epoch } = this.#task;
    for await (const { bytes, ...extent } of packRows(rows)) {
      // A name that was tried is never used again: nobody knows whether the object of a failed call will still appear.
      const name = encodeName({ jobId, runId, shardId, epoch, sequence: this.#sequence++, ...extent });
      await this.#folder.put(name, bytes);
    }
  }
}
