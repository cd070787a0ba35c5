// Bundles the command line into dist/cli/main.mjs (packages stay external, ES module). Runs on `npm run build`
// and on `npm install` in a checkout; where the sources are absent (an installed package) it does nothing.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const entry = path.join(root, 'cli/main.ts');

if (existsSync(entry)) {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: path.join(root, 'dist/cli/main.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
  });
}
