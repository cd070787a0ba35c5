/** The process that is the whole local cloud of the demo. It ends when the demo does, however that happens. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LOCAL_ACCOUNT, LOCAL_REGION, type LocalCloud, startLocalCloud } from '../../infra/local/cloud.ts';
import { type CloudFile, cloudFilePath, writeCloudFile } from '../cloud-file.ts';
import { readLocalModel } from '../local-deployment.ts';
import type { CloudNews, CloudRequest } from './cloud-protocol.ts';

const tell = (news: CloudNews): void => {
  process.send?.(news);
};

/** A terminal sends these to all of its processes: the demo decides what they mean, and its end is the cloud's. */
const TERMINAL_SIGNALS = ['SIGINT', 'SIGHUP', 'SIGQUIT'] as const;

/** Starts the cloud in memory, with a file in a temporary folder that says where it is, and serves the demo. */
export async function serveCloud(): Promise<void> {
  for (const signal of TERMINAL_SIGNALS) process.on(signal, () => undefined);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'millrace-demo-'));
  let cloud: LocalCloud | undefined;
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => {
    ending ??= endCloud(cloud, folder);
    return ending;
  };
  process.on('disconnect', () => void end());
  process.on('SIGTERM', () => void end());
  try {
    cloud = await startLocalCloud();
    if (!process.connected) return await end();
    process.on('message', (request: CloudRequest) => {
      if (request.ask === 'close') void end();
      else tell({ tell: 'workers', pids: busyWorkers(cloud) });
    });
    tell({ tell: 'ready', folder, cloud: await describe(cloud, folder) });
  } catch (error) {
    tell({ tell: 'failed', why: error instanceof Error ? error.message : String(error) });
    await end();
  }
}

async function endCloud(cloud: LocalCloud | undefined, folder: string): Promise<void> {
  await cloud?.close();
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
}

async function describe(cloud: LocalCloud, folder: string): Promise<CloudFile> {
  const file: CloudFile = {
    v: 1,
    pid: process.pid,
    startedMs: Math.round(performance.timeOrigin),
    dataDir: '',
    endpoints: { ots: cloud.ots.endpoint, oss: cloud.oss.endpoint, fc: cloud.fc.endpoint },
    accessKeyId: cloud.accessKeyId,
    accessKeySecret: cloud.accessKeySecret,
    accountId: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    service: (await readLocalModel()).service,
    deployed: '',
  };
  await writeCloudFile(cloudFilePath(folder), file);
  return file;
}

const busyWorkers = (cloud: LocalCloud | undefined): readonly number[] =>
  (cloud?.fc.instances() ?? [])
    .filter(({ functionName, state }) => functionName === 'worker' && state === 'busy')
    .map(({ pid }) => pid);
