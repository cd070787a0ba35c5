/** One service per data folder: a lock file with the id of the process, which a crash leaves and the next start takes over. */

import { open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

/** Folders locked by this process: its own id in a lock file can also stem from a process before it. */
const lockedHere = new Set<string>();

function isAlive(pid: number): boolean {
  if (!(pid > 0) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function writeLock(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Locks a folder and returns how to unlock it. Throws when a running service has it. */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const file = path.resolve(directory, 'lock');
  const refused = new Error(`the folder ${directory} is in use by another service`);
  if (lockedHere.has(file)) throw refused;
  lockedHere.add(file);
  try {
    if (!(await writeLock(file))) {
      if (isAlive(Number(await readFile(file, 'utf8')))) throw refused;
      await rm(file, { force: true });
      if (!(await writeLock(file))) throw refused;
    }
  } catch (error) {
    lockedHere.delete(file);
    throw error;
  }
  return async () => {
    await rm(file, { force: true });
    lockedHere.delete(file);
  };
}
