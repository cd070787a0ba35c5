// Runs one TypeScript entry point of this repository on Node 20: bundles it with esbuild (packages stay
// external) into node_modules/.cache and imports the result. Usage: node infra/scripts/run-ts.mjs FILE [args].
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [entry, ...args] = process.argv.slice(2);
if (!entry) {
  console.error('usage: node infra/scripts/run-ts.mjs FILE [args]');
  process.exit(2);
}
const outDir = path.join(root, 'node_modules/.cache/run-ts');
mkdirSync(outDir, { recursive: true });
// A name of its own: two runs of the same entry never read each other's half-written file.
const outfile = path.join(outDir, `${entry.replaceAll(/[^\w]+/g, '-')}-${process.pid}.mjs`);
process.on('exit', () => rmSync(outfile, { force: true }));
await build({
  entryPoints: [path.resolve(entry)],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
});
process.argv = [process.argv[0], path.resolve(entry), ...args];
await import(pathToFileURL(outfile).href);
