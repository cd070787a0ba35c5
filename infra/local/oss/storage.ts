/** Opening what the service keeps: in memory, or in a folder with its lock, journal and blobs. */

import { mkdir } from 'node:fs/promises';
import type { BlobStore } from './blobs.ts';
import { Catalog } from './catalog.ts';
import { lockDirectory } from './directory-lock.ts';
import { FileBlobs } from './file-blobs.ts';
import { openJournal, readJournal } from './journal.ts';
import { MemoryBlobs } from './memory-blobs.ts';

/** Open storage. */
export interface Storage {
  readonly catalog: Catalog;
  readonly blobs: BlobStore;
  close(): Promise<void>;
}

/** Opens a folder, or memory when there is none. Throws when the folder is in use or its journal damaged. */
export async function openStorage(dataDir: string | undefined): Promise<Storage> {
  if (dataDir === undefined) {
    const blobs = new MemoryBlobs();
    const catalog = new Catalog(blobs);
    return { catalog, blobs, close: () => catalog.close() };
  }
  await mkdir(dataDir, { recursive: true });
  const unlock = await lockDirectory(dataDir);
  try {
    const { catalog, blobs } = await openFolder(dataDir);
    return { catalog, blobs, close: () => catalog.close().finally(unlock) };
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function openFolder(dataDir: string): Promise<{ catalog: Catalog; blobs: BlobStore }> {
  const blobs = await FileBlobs.open(dataDir);
  const catalog = new Catalog(blobs);
  catalog.replay(await readJournal(dataDir));
  await blobs.keepOnly(catalog.usedBlobs());
  catalog.keepIn(await openJournal(dataDir, catalog.snapshot()));
  return { catalog, blobs };
}
