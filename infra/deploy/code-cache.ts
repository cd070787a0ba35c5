/** Makes the code cache of a bundled module, in a process of its own that starts it once. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CACHE_MAKER, CACHE_MAKER_FLAGS, CODE_ENDING } from './loader-source.ts';

/** Files of a package by their path in it. */
export type PackageFiles = Readonly<Record<string, Uint8Array>>;

/** The code of a function throws when it is started where it is bundled; it would do so where it is deployed. */
export class StartError extends Error {
  constructor(module: string, cause: unknown) {
    const text = String((cause as { stderr?: string }).stderr || cause).trim();
    super(`the code of ${module} does not start: ${text}`, { cause });
    this.name = 'StartError';
  }
}

const START_LIMIT_MS = 120_000;

/**
 * The cache of a module, for this version of Node.js, with its digest. The same files give the same cache. The code runs
 * without any variable of the environment, so that it neither depends on nor sees what is set where it is bundled.
 */
export async function makeCodeCache(module: string, files: PackageFiles): Promise<Uint8Array> {
  const folder = await mkdtemp(path.join(tmpdir(), 'millrace-cache-'));
  try {
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), bytes);
    }
    const [maker, cache] = [path.join(folder, 'maker.cjs'), path.join(folder, 'made.cache')];
    await writeFile(maker, CACHE_MAKER);
    const words = [...CACHE_MAKER_FLAGS, maker, path.join(folder, module), module + CODE_ENDING, cache];
    await promisify(execFile)(process.execPath, words, { cwd: folder, env: {}, timeout: START_LIMIT_MS });
    return await readFile(cache);
  } catch (error) {
    throw new StartError(module, error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
