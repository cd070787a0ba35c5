/** `millrace cloud up`: the local cloud in this process, or in one of its own with `--detach`. */
import { mkdir } from 'node:fs/promises';
import { asSyncError, SyncError } from '../../core/errors/index.ts';
import { type Project, resolveSecrets } from '../../core/job/index.ts';
import { openStateStore } from '../../core/stores/index.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION, type LocalCloud, startLocalCloud } from '../../infra/local/cloud.ts';
import { ensureBuckets } from '../cloud-buckets.ts';
import { removeCloudData } from '../cloud-data.ts';
import { CloudFaults, readFaults } from '../cloud-faults.ts';
import { type CloudFile, isAlive, readCloudFile, removeCloudFile, writeCloudFile } from '../cloud-file.ts';
import {
  type CloudPlace,
  type CloudUpOptions,
  cloudLines,
  cloudPlace,
  tryLines,
  withoutKeys,
} from '../cloud-place.ts';
import { type CommandContext, type Outcome, succeeded } from '../context.ts';
import { displayName } from '../files.ts';
import { Interrupts } from '../interrupts.ts';
import { usageFault } from '../job-file.ts';
import { deployLocally, deploymentHash, readLocalModel } from '../local-deployment.ts';
import { readProject } from '../project.ts';
import { bucketsOf, redirectProject } from '../redirect.ts';
import { detachCloud } from './cloud-detach.ts';

/** Starts the local cloud and stays until a signal ends it; with `--detach` returns when it is healthy. */
export async function cloudUpCommand(context: CommandContext, options: CloudUpOptions): Promise<Outcome> {
  const place = cloudPlace(context, options.data);
  const running = await readCloudFile(place.file);
  if (running && (await isAlive(running))) {
    throw new SyncError(
      'CLI-0006',
      'config',
      `the local cloud is running already, process id ${running.pid}`,
    );
  }
  const faults = readFaults(context, place, options);
  if (options.detach) return detachCloud(context, place, options);
  return serve(context, place, options, faults && new CloudFaults(faults, (text) => context.out.note(text)));
}

async function serve(
  context: CommandContext,
  place: CloudPlace,
  options: CloudUpOptions,
  faults: CloudFaults | undefined,
): Promise<Outcome> {
  const interrupts = new Interrupts(context.io);
  let cloud: LocalCloud | undefined;
  try {
    cloud = await start(place, options, faults);
    // A signal need not wait for the functions to be bundled.
    const equipped = await Promise.race([equip(context, place, cloud), interrupts.first]);
    if (typeof equipped === 'string') return succeeded({ ended: true });
    const entry = { ...equipped, ...(await faults?.begin()) };
    await writeCloudFile(place.file, entry);
    announce(context, place, entry);
    const signal = await interrupts.first;
    const dataDir = displayName(place.dataDir, context.io.cwd);
    context.out.line(`${signal}: ending the local cloud; its data stay in ${dataDir}`);
    return succeeded({ ...withoutKeys(entry), ended: true });
  } finally {
    // The file goes last: whoever waits for it to go may then touch the data.
    await Promise.race([cloud?.close(), interrupts.forced]);
    await faults?.close();
    await removeCloudFile(place.file);
    interrupts.close();
  }
}

async function start(
  place: CloudPlace,
  options: CloudUpOptions,
  faults: CloudFaults | undefined,
): Promise<LocalCloud> {
  const ports = portsFrom(options.portBase);
  if (options.fresh) await removeCloudData(place.dataDir);
  try {
    await mkdir(place.dataDir, { recursive: true });
    return await startLocalCloud({
      dataDir: place.dataDir,
      ...(ports === undefined ? {} : { ports }),
      ...(faults === undefined ? {} : { faults: faults.rule }),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SyncError(
      'CLI-0007',
      'transient',
      `the local cloud did not start: ${why}`,
      {},
      { cause: error },
    );
  }
}

const MAX_PORT_BASE = 65_533;

function portsFrom(text: string | undefined): { ots: number; oss: number; fc: number } | undefined {
  if (text === undefined) return undefined;
  const base = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (base < 1 || base > MAX_PORT_BASE)
    throw usageFault(`--port-base ${text}: write a port from 1 to ${MAX_PORT_BASE}`);
  return { ots: base, oss: base + 1, fc: base + 2 };
}

/** Status tables, buckets and functions: after this every command works with `--local`. */
async function equip(context: CommandContext, place: CloudPlace, cloud: LocalCloud): Promise<CloudFile> {
  const model = await readLocalModel();
  const bare: CloudFile = {
    v: 1,
    pid: process.pid,
    startedMs: context.clock.nowMs(),
    dataDir: place.dataDir,
    endpoints: { ots: cloud.ots.endpoint, oss: cloud.oss.endpoint, fc: cloud.fc.endpoint },
    accessKeyId: cloud.accessKeyId,
    accessKeySecret: cloud.accessKeySecret,
    accountId: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    service: model.service,
    deployed: '',
    ...(place.projectFile === undefined ? {} : { projectFile: place.projectFile }),
  };
  const { project: own } = await readProject(context, place.projectFile);
  const project = redirectProject(own, bare);
  const entry = { ...bare, deployed: deploymentHash(project) };
  await createTables(context, entry, project);
  await ensureBuckets(entry, bucketsOf(project));
  await deployLocally(entry, project, model);
  return entry;
}

async function createTables(context: CommandContext, cloud: CloudFile, project: Project): Promise<void> {
  const keys = { accessKeyId: cloud.accessKeyId, accessKeySecret: cloud.accessKeySecret };
  const rest = resolveSecrets(
    { tablePrefix: project.state.tablePrefix, instanceName: project.state.instanceName },
    NO_SECRETS,
  );
  const store = openStateStore({ ...rest, ...keys, endpoint: cloud.endpoints.ots }, context);
  try {
    await store.createTables();
  } catch (error) {
    throw asSyncError(error);
  } finally {
    store.close();
  }
}

const NO_SECRETS = { env: () => undefined, file: () => undefined };

function announce(context: CommandContext, place: CloudPlace, cloud: CloudFile): void {
  const { out, io } = context;
  out.event('cloud', withoutKeys(cloud));
  for (const line of cloudLines(cloud, place.file, io.cwd)) out.line(line);
  for (const line of tryLines(io.cwd)) out.line(line);
  out.line('Ctrl-C ends it.');
}
