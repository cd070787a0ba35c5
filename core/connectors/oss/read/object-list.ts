import { SyncError } from '../../../errors/index.ts';
import { isControlKey } from '../object-name.ts';
import { objectPattern } from './object-pattern.ts';
import type { SourceBucket, SourceObject } from './source-bucket.ts';

/** Objects of one job at most: a run has no more shards. */
export const MAX_OBJECTS = 10_000;

/**
 * The objects that the entries name, each once, in the order of the entries and then of the names. Wildcards match no
 * folder markers (names that end with a slash) and nothing that a writer of ours keeps about its runs.
 * @throws SyncError SRC-2012, SRC-2014
 */
export async function listObjects(
  bucket: SourceBucket,
  entries: readonly string[],
  mayBeMissing: boolean,
): Promise<readonly SourceObject[]> {
  const found = new Map<string, SourceObject>();
  for (const entry of entries) {
    for await (const object of objectsOf(bucket, entry, mayBeMissing)) {
      if (object.archived) throw archived(object.key);
      found.set(object.key, found.get(object.key) ?? object);
      if (found.size > MAX_OBJECTS) throw tooMany();
    }
  }
  if (found.size === 0 && !mayBeMissing) throw noObject(entries.join(', '));
  return [...found.values()];
}

async function* objectsOf(
  bucket: SourceBucket,
  entry: string,
  mayBeMissing: boolean,
): AsyncGenerator<SourceObject, void, void> {
  const pattern = objectPattern(entry);
  if (!pattern.hasWildcards) {
    const object = await bucket.head(entry);
    if (object) yield object;
    else if (!mayBeMissing) throw noObject(entry);
    return;
  }
  for await (const object of bucket.list(pattern.prefix)) {
    const { key } = object;
    if (pattern.matches(key) && !key.endsWith('/') && !isControlKey(key)) yield object;
  }
}

const noObject = (entry: string): SyncError =>
  new SyncError('SRC-2012', 'config', `no object matches ${entry}`);

const archived = (key: string): SyncError =>
  new SyncError('SRC-2014', 'config', `the object ${key} is archived and not restored`, { key });

const tooMany = (): SyncError =>
  new SyncError('SRC-2012', 'config', `more than ${MAX_OBJECTS} objects match; split the job by prefixes`);
