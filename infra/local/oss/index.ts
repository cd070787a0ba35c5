/** The object storage of the embedded cloud: the OSS HTTP protocol on loopback, checked by clients it did not come with. */

import { type LocalClock, type LocalService, type LocalServiceOptions, systemClock } from '../service.ts';
import { newBucket } from './bucket-operations.ts';
import type { Catalog } from './catalog.ts';
import { HashPool } from './hash-pool.ts';
import { listenLoopback } from './listening.ts';
import { checkBucketName } from './object-keys.ts';
import { createOssServer } from './server.ts';
import { type OssCounts, OssStats } from './stats.ts';
import { openStorage, type Storage } from './storage.ts';

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

/** Creates the buckets that are missing. */
async function createBuckets(catalog: Catalog, names: readonly string[], nowMs: number): Promise<void> {
  for (const name of names) {
    if (catalog.buckets.get(name)) continue;
    await catalog.commit({ is: 'bucket', bucket: newBucket(name, nowMs) });
  }
}

/** Starts the service and resolves when it accepts connections. Throws when the port or the folder is in use. */
export async function startOss(options: OssServiceOptions): Promise<OssService> {
  const { buckets = [], clock = systemClock, region = DEFAULT_REGION } = options;
  for (const name of buckets) checkBucketName(name);
  const storage = await openStorage(options.dataDir);
  try {
    await createBuckets(storage.catalog, buckets, clock.now());
    return await serve(storage, { ...options, clock, region });
  } catch (error) {
    await storage.close();
    throw error;
  }
}

type Settings = OssServiceOptions & { readonly clock: LocalClock; readonly region: string };

async function serve(
  storage: Storage,
  { clock, region, keys, faults, port = 0 }: Settings,
): Promise<OssService> {
  const stats = new OssStats();
  const { catalog, blobs } = storage;
  const hashes = new HashPool();
  const onBytes = (count: number): void => stats.addBytes(count);
  const state = { catalog, blobs, hashes, clock, keys, region, onBytes };
  const server = createOssServer({ state, stats, ...(faults ? { faults } : {}) });
  const listener = await listenLoopback(server.http, port);
  const shutDown = async (): Promise<void> => {
    await listener.close();
    await server.settle();
    await hashes.close();
    await storage.close();
  };
  let closing: Promise<void> | undefined;
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
