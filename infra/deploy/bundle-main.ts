/** `npm run bundle`: packages of all functions into `dist/functions`, and a table of their sizes. */
import path from 'node:path';
import { bundleFunctions, formatBundles, writeBundles } from './bundle.ts';
import { readDeployModel } from './model.ts';

const root = process.cwd();
const model = await readDeployModel(path.join(root, 'serverless.yml'));
try {
  const bundles = await bundleFunctions(model, { root });
  await writeBundles(bundles, path.join(root, 'dist/functions'));
  console.log(formatBundles(bundles));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
