import path from 'node:path';
import { type FcService, type FcServiceOptions, startFc } from './fc/index.ts';
import { type OssService, startOss } from './oss/index.ts';
import { type OtsService, startOts } from './ots/index.ts';
import type { FaultRule, LocalClock } from './service.ts';

/** How to start the whole cloud. */
export interface LocalCloudOptions {
  /** Folder for everything that must survive a restart; absent = memory only. */
  readonly dataDir?: string;
  /** Fixed ports; absent or 0 = free ones. */
  readonly ports?: { readonly ots?: number; readonly oss?: number; readonly fc?: number };
  /** Buckets that exist from the start. */
  readonly buckets?: readonly string[];
  readonly accessKeyId?: string;
  readonly accessKeySecret?: string;
  readonly clock?: LocalClock;
  readonly faults?: FaultRule;
  /** Limits and environment of the functions. */
  readonly fc?: Omit<FcServiceOptions, 'port' | 'dataDir' | 'keys' | 'clock' | 'faults'>;
}

/** Key pair of a local cloud when none is given. It opens nothing but loopback services. */
export const LOCAL_KEY = { accessKeyId: 'local-key', accessKeySecret: 'local-secret' } as const;
/** Account of the local Function Compute. */
export const LOCAL_ACCOUNT = '1234567890';
/** Region of the local cloud. */
export const LOCAL_REGION = 'cn-hangzhou';

/** A running cloud. `close` ends all services and every function process. */
export interface LocalCloud {
  readonly ots: OtsService;
  readonly oss: OssService;
  readonly fc: FcService;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  close(): Promise<void>;
}

/** Starts Tablestore, OSS and Function Compute in this process, on loopback. */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const accessKeyId = options.accessKeyId ?? LOCAL_KEY.accessKeyId;
  const accessKeySecret = options.accessKeySecret ?? LOCAL_KEY.accessKeySecret;
  const service = (name: 'ots' | 'oss' | 'fc') => ({
    keys: new Map([[accessKeyId, accessKeySecret]]),
    port: options.ports?.[name] ?? 0,
    ...(options.dataDir === undefined ? {} : { dataDir: path.join(options.dataDir, name) }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.faults === undefined ? {} : { faults: options.faults }),
  });
  const started: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const one of [...started].reverse()) await one.close();
  };
  try {
    const ots = await startOts(service('ots'));
    started.push(ots);
    const oss = await startOss({ ...service('oss'), buckets: options.buckets ?? [] });
    started.push(oss);
    const fc = await startFc({
      ...service('fc'),
      accountId: LOCAL_ACCOUNT,
      region: LOCAL_REGION,
      ...options.fc,
    });
    started.push(fc);
    return { ots, oss, fc, accessKeyId, accessKeySecret, close };
  } catch (error) {
    await close();
    throw error;
  }
}
