/** Files of the person who calls: job files, the project file, and what belongs to a checkout. */
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SyncError } from '../core/errors/index.ts';

/** A text file with the name under which messages show it. */
export interface TextFile {
  readonly path: string;
  /** Relative to the current folder where that is shorter. */
  readonly name: string;
  readonly text: string;
}

/** Reads a text file; `given` counts from `cwd`. Throws CLI-0002. */
export async function readTextFile(given: string, cwd: string): Promise<TextFile> {
  const file = path.resolve(cwd, given);
  const name = displayName(file, cwd);
  try {
    return { path: file, name, text: await readFile(file, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why =
      { ENOENT: 'does not exist', EISDIR: 'is a folder', EACCES: 'may not be read' }[code] ??
      'cannot be read';
    throw new SyncError('CLI-0002', 'config', `${name} ${why}`, {}, { cause: error });
  }
}

/** The path as messages show it. */
export function displayName(file: string, cwd: string): string {
  const relative = path.relative(cwd, file);
  return relative === '' || relative.length >= file.length ? file : relative;
}

/** The nearest file of this name in `folder` or above it. */
export function findUpwards(name: string, folder: string): string | undefined {
  for (let at = folder; ; at = path.dirname(at)) {
    const candidate = path.join(at, name);
    if (existsSync(candidate)) return candidate;
    if (path.dirname(at) === at) return undefined;
  }
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
}

/** The folder of this program: where its package.json and serverless.yml are. */
export function programRoot(): string {
  let at = path.dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = path.join(at, 'package.json');
    if (existsSync(file) && readManifest(file).name === 'millrace') return at;
    const above = path.dirname(at);
    if (above === at) throw new SyncError('BUG-9001', 'bug', 'the folder of the program was not found');
    at = above;
  }
}

/** Version of this program. */
export const programVersion = (): string =>
  readManifest(path.join(programRoot(), 'package.json')).version ?? 'unknown';

const readManifest = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8')) as Manifest;
