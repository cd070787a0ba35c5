/** Flushing a directory, so that new and renamed entries survive a power cut. */

import { open } from 'node:fs/promises';

/** Flushes the entries of a directory. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
