/** `.millrace/cloud.json`: where the running local cloud of a folder is. Written by `cloud up`, read by `--local`. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { SyncError } from '../core/errors/index.ts';
import { findUpwards } from './files.ts';

const schema = z.strictObject({
  v: z.literal(1),
  pid: z.int().positive(),
  startedMs: z.number(),
  dataDir: z.string(),
  endpoints: z.strictObject({ ots: z.url(), oss: z.url(), fc: z.url() }),
  accessKeyId: z.string(),
  accessKeySecret: z.string(),
  accountId: z.string(),
  region: z.string(),
  /** Name of the service that holds the functions. */
  service: z.string(),
  /** Hash of the project that the functions were deployed with. */
  deployed: z.string(),
  /** Project that was last run here; meant by commands that are called where there is none. */
  projectFile: z.string().optional(),
  /** Faults on purpose, as they were asked for, and where they are recorded. */
  faults: z.strictObject({ specs: z.array(z.string()), log: z.string() }).optional(),
});

/** A running local cloud. */
export type CloudFile = z.infer<typeof schema>;

/** Folder of everything that the program keeps for a project. */
export const STATE_FOLDER = '.millrace';
const NAME = path.join(STATE_FOLDER, 'cloud.json');

/** Where the file of a folder is. */
export const cloudFilePath = (folder: string): string => path.join(folder, NAME);

/** The nearest cloud file above one of the folders. */
export const findCloudFile = (folders: readonly string[]): string | undefined =>
  folders.map((folder) => findUpwards(NAME, folder)).find((file) => file !== undefined);

/** Reads the file; `undefined` when it is absent or of another version. */
export async function readCloudFile(file: string): Promise<CloudFile | undefined> {
  if (!existsSync(file)) return undefined;
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes the file, readable by its owner only: it holds the keys. */
export async function writeCloudFile(file: string, cloud: CloudFile): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(cloud, null, 2)}\n`, { mode: 0o600 });
}

/** Removes the file; absent is fine. */
export const removeCloudFile = (file: string): Promise<void> => rm(file, { force: true });

/** Whether the process of the file still answers on all of its ports. */
export async function isAlive(cloud: CloudFile): Promise<boolean> {
  if (!processExists(cloud.pid)) return false;
  const answers = await Promise.all(Object.values(cloud.endpoints).map(answersHttp));
  return answers.every(Boolean);
}

/** Whether there is a process of this id. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

const PROBE_TIMEOUT_MS = 2_000;

/** Any HTTP answer will do: an unsigned request is refused by a living service. */
async function answersHttp(endpoint: string): Promise<boolean> {
  try {
    const answer = await fetch(endpoint, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await answer.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** The living local cloud of one of the folders. Throws CLI-0004. */
export async function requireCloud(folders: readonly string[]): Promise<{ file: string; cloud: CloudFile }> {
  const file = findCloudFile(folders);
  const cloud = file === undefined ? undefined : await readCloudFile(file);
  if (file === undefined || !cloud) {
    throw new SyncError('CLI-0004', 'config', 'no local cloud is running for this folder');
  }
  if (await isAlive(cloud)) return { file, cloud };
  throw new SyncError('CLI-0004', 'config', `the local cloud with process id ${cloud.pid} has ended`);
}
