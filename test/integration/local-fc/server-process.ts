/** Runs a program in a process of its own, so that a test can kill the server in the middle of its work. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { build } from 'esbuild';

/** Bundles TypeScript text (imports relative to the repository's root) into one module and starts it. */
export async function runBundled(source: string): Promise<ChildProcessByStdio<Writable, Readable, null>> {
  const built = await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    packages: 'external',
    logLevel: 'error',
  });
  const args = ['--input-type=module', '-'];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(built.outputFiles[0]!.text);
  return child;
}
