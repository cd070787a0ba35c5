import { readdir, rm } from 'node:fs/promises';
import { usageFault } from './job-file.ts';

/** Folders that the services of the local cloud make. */
const SERVICES: readonly string[] = ['ots', 'oss', 'fc'];

/** Removes the data of a local cloud; whether there were any. Refuses a folder that holds anything else. */
export async function removeCloudData(dataDir: string): Promise<boolean> {
  const entries = await readdir(dataDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!entries) return false;
  const foreign = entries.find((name) => !SERVICES.includes(name));
  if (foreign !== undefined) {
    throw usageFault(`${dataDir} holds ${foreign}, which is not of a local cloud: it is not removed`);
  }
  await rm(dataDir, { recursive: true, force: true });
  return true;
}
