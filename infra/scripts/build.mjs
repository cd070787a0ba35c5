// Bundles the command line into dist/cli/main.mjs (packages stay external, ES module). Runs on `npm run build`
// and on `npm install` in a checkout; where the sources are absent (an installed package) it does nothing.
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const entry = path.join(root, 'cli/main.ts');

if (existsSync(entry)) {
  const { build } = await import('esbuild');
  rmSync(path.join(root, 'dist/cli'), { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: { main: entry },
    outdir: path.join(root, 'dist/cli'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // Commands and their drivers become files of their own, read only when they are called.
    splitting: true,
    chunkNames: 'parts/[name]-[hash]',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: true,
    logLevel: 'warning',
  });
  linkBin();
}

/**
 * npm links the programs of dependencies but not those of the package itself. npx finds `millrace` by package.json;
 * npm scripts and a shell with node_modules/.bin on its path find it by this link.
 */
function linkBin() {
  const folder = path.join(root, 'node_modules/.bin');
  const link = path.join(folder, 'millrace');
  chmodSync(path.join(root, 'cli/bin.js'), 0o755);
  if (process.platform === 'win32') return;
  mkdirSync(folder, { recursive: true });
  rmSync(link, { force: true });
  symlinkSync('../../cli/bin.js', link);
}
