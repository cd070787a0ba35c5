import { SyncError } from '../../errors/index.ts';
import type { CommitReceipt, ConnectorContext, RunRef, ShardOutput } from '../contract.ts';
import { CommitObjects } from './commit-objects.ts';
import type { OssWriterConfig } from './config.ts';
import { encodeManifest, manifestOf } from './manifest.ts';
import type { RunNames } from './object-name.ts';
import type { ObjectStore } from './object-store.ts';
import { Truncation } from './truncation.ts';

/** What a commit works with. */
export interface CommitParts {
  readonly config: OssWriterConfig;
  readonly store: ObjectStore;
  readonly names: RunNames;
  readonly context: ConnectorContext;
}

/**
 * Makes the output of a run visible:
 *
 *     1. truncate: note which objects are there       truncate.json, once
 *     2. complete every listed upload                 8 at a time, each checked by size and CRC-64
 *     3. put the manifest                             once; from here on the run is committed
 *     4. truncate: delete the noted objects           then truncated.json, once
 *     5. abort what other attempts of the run left
 *
 * Each step is harmless when repeated or done by two at once, and a step is skipped if its record exists.
 */
export async function commitRun(
  parts: CommitParts,
  run: RunRef,
  outputs: readonly ShardOutput[],
): Promise<CommitReceipt> {
  const { config, names } = parts;
  const objects = new CommitObjects(parts, outputs);
  const manifest = manifestOf(run, config, objects.expected);
  const truncation = config.writeMode === 'truncate' ? new Truncation(parts) : undefined;
  if (!(await isCommitted(parts, encodeManifest(manifest)))) {
    await truncation?.note(new Set(objects.expected.map(({ key }) => key)));
    await objects.complete();
    await putManifest(parts, encodeManifest(manifest));
  }
  await truncation?.remove();
  await abortLeftovers(parts);
  return {
    location: `oss://${config.connection.bucket}/${config.object}`,
    manifest: `oss://${config.connection.bucket}/${names.control(MANIFEST)}`,
    objects: manifest.objects.length,
    bytes: manifest.bytes,
  };
}

const MANIFEST = 'manifest.json';

async function isCommitted({ store, names }: CommitParts, wanted: Buffer): Promise<boolean> {
  const stored = await store.read(names.control(MANIFEST));
  if (!stored) return false;
  if (!stored.equals(wanted)) throw otherManifest();
  return true;
}

async function putManifest({ store, names }: CommitParts, wanted: Buffer): Promise<void> {
  if ((await store.putOnce(names.control(MANIFEST), wanted, {})) === 'stored') return;
  const stored = await store.read(names.control(MANIFEST));
  if (!stored?.equals(wanted)) throw otherManifest();
}

const otherManifest = (): SyncError =>
  new SyncError('DST-4005', 'lost', 'the run was committed before with other objects');

/** Throws away every upload that carries the run's name and was never completed. May be repeated. */
export async function abortUploads(store: ObjectStore, names: RunNames): Promise<void> {
  for (const upload of await store.openUploads(names.runPrefix)) await store.abortUpload(upload);
}

/** Uploads of attempts that were overtaken cost storage; nothing depends on their removal. */
async function abortLeftovers({ store, names, context }: CommitParts): Promise<void> {
  try {
    await abortUploads(store, names);
  } catch (error) {
    const reason = error instanceof SyncError ? error.message : 'unexpected fault';
    context.log.warn('unfinished uploads of earlier attempts were left behind', { reason });
  }
}
