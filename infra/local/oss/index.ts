/** The object storage of the embedded cloud: the OSS HTTP protocol on loopback, checked by clients it did not come with. */

import { mkdir } from 'node:fs/promises';
import { type LocalService, type LocalServiceOptions, systemClock } from '../service.ts';
import type { BlobStore } from './blobs.ts';
import { newBucket } from './bucket-operations.ts';
import { Catalog } from './catalog.ts';
import { FileBlobs } from './file-blobs.ts';
import { openJournal, readJournal } from './journal.ts';
import { listenLoopback } from './listening.ts';
import { MemoryBlobs } from './memory-blobs.ts';
import { checkBucketName } from './object-keys.ts';
import { createOssServer } from './server.ts';
import { type OssCounts, OssStats } from './stats.ts';

export type { OssCounts } from './stats.ts';

/** How to start the service. */
export interface OssServiceOptions extends LocalServiceOptions {
  /** With the prefix `oss-`; default `oss-cn-hangzhou`. */
  readonly region?: string;
  /** Buckets to create when they are missing. */
  readonly buckets?: readonly string[];
}

/** The running service. Clients use `http://localhost:PORT` with path-style addresses. */
export interface OssService extends LocalService {
  /** Calls per operation and bytes received since the start. */
  stats(): OssCounts;
}

const DEFAULT_REGION = 'oss-cn-hangzhou';

async function openCatalog(dataDir: string | undefined): Promise<{ catalog: Catalog; blobs: BlobStore }> {
  if (dataDir === undefined) {
    const memory = new MemoryBlobs();
    return { catalog: new Catalog(memory), blobs: memory };
  }
  await mkdir(dataDir, { recursive: true });
  const blobs = await FileBlobs.open(dataDir);
  const catalog = new Catalog(blobs);
  catalog.replay(await readJournal(dataDir));
  await blobs.keepOnly(catalog.usedBlobs());
  catalog.keepIn(await openJournal(dataDir, catalog.snapshot()));
  return { catalog, blobs };
}

/** Starts the service and resolves when it accepts connections. */
export async function startOss(options: OssServiceOptions): Promise<OssService> {
  const clock = options.clock ?? systemClock;
  for (const name of options.buckets ?? []) checkBucketName(name);
  const { catalog, blobs } = await openCatalog(options.dataDir);
  for (const name of options.buckets ?? []) {
    if (catalog.buckets.get(name)) continue;
    await catalog.commit({ is: 'bucket', bucket: newBucket(name, clock.now()) });
  }
  const stats = new OssStats();
  const region = options.region ?? DEFAULT_REGION;
  const { keys, faults } = options;
  const state = { catalog, blobs, clock, keys, region, onBytes: (count: number) => stats.addBytes(count) };
  const server = createOssServer({ state, stats, ...(faults ? { faults } : {}) });
  const listener = await listenLoopback(server, options.port ?? 0);
  let closing: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    await listener.close();
    await catalog.close();
  };
  return {
    endpoint: `http://127.0.0.1:${listener.port}`,
    port: listener.port,
    stats: () => stats.snapshot(),
    close: () => {
      closing ??= shutDown();
      return closing;
    },
  };
}
