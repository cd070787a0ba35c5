/** Code packages of the functions: bundled from their sources in a checkout, else as they were packed with the program. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SyncError } from '../core/errors/index.ts';
import type { DeployModel } from '../infra/deploy/model.ts';
import type { CodePackages } from '../infra/deploy/provision.ts';
import { programRoot } from './files.ts';

/** What goes into a package and what makes it, relative to the checkout. */
const SOURCES = ['core', 'events', 'functions', 'infra/deploy', 'package-lock.json', 'serverless.yml'];
const CACHE = 'node_modules/.cache/millrace/functions';

/** The package of every function of the model. */
export async function functionPackages(model: DeployModel): Promise<CodePackages> {
  const root = programRoot();
  const names = model.functions.map(({ name }) => name);
  if (!existsSync(path.join(root, 'functions')))
    return readPackages(path.join(root, 'dist/functions'), names);
  const folder = path.join(root, CACHE, await fingerprint(root));
  if (!existsSync(folder)) await bundleInto(folder, root, model);
  return readPackages(folder, names);
}

/** Bundling takes seconds, so the packages of unchanged sources are kept. */
async function bundleInto(folder: string, root: string, model: DeployModel): Promise<void> {
  const { bundleFunctions } = await import('../infra/deploy/bundle.ts');
  const bundles = await bundleFunctions(model, { root });
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  for (const { name, zip } of bundles) await writeFile(path.join(unfinished, `${name}.zip`), zip);
  try {
    await rename(unfinished, folder);
  } catch (error) {
    // Another process was first; its packages are the same.
    if (!existsSync(folder)) throw error;
    await rm(unfinished, { recursive: true, force: true });
  }
  await removeOld(path.dirname(folder));
}

/** Packages of earlier sources are kept this long: another process may be about to read them. */
const KEEP_MS = 3_600_000;

async function removeOld(cache: string): Promise<void> {
  const newest = (await stat(cache)).mtimeMs;
  for (const name of await readdir(cache)) {
    const folder = path.join(cache, name);
    const { mtimeMs } = await stat(folder);
    if (newest - mtimeMs > KEEP_MS) await rm(folder, { recursive: true, force: true });
  }
}

/** Changes whenever a source file does, by names, sizes and times, or the Node.js that code caches are made for. */
async function fingerprint(root: string): Promise<string> {
  const hash = createHash('sha256').update(`${process.version} ${process.arch}\n`);
  for (const source of SOURCES) {
    const at = path.join(root, source);
    const isFolder = (await stat(at)).isDirectory();
    const files = isFolder
      ? (await readdir(at, { recursive: true })).sort().map((name) => path.join(at, name))
      : [at];
    for (const file of files) {
      const { size, mtimeMs } = await stat(file);
      hash.update(`${file} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function readPackages(folder: string, names: readonly string[]): Promise<CodePackages> {
  try {
    const zips = names.map(async (name) => [name, await readFile(path.join(folder, `${name}.zip`))] as const);
    return new Map(await Promise.all(zips));
  } catch (error) {
    throw new SyncError(
      'CLI-0007',
      'config',
      `the packages of the functions are missing in ${folder}`,
      {},
      { cause: error },
    );
  }
}
