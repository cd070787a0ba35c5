import { unzipSync } from 'fflate';
import { expect, it } from 'vitest';
import { bundleFunction } from '../../../infra/deploy/bundle.ts';
import { CACHE_ENDING } from '../../../infra/deploy/loader-source.ts';
import { readDeployModel } from '../../../infra/deploy/model.ts';

/** A package is uploaded within a request, in base64. */
const MAX_ZIP_BYTES = 3_000_000;

it('a package holds what its module reads beside itself, and is the same every time', async () => {
  const model = await readDeployModel('serverless.yml');
  const worker = model.functions.find(({ name }) => name === 'worker')!;
  const bundle = await bundleFunction(worker, { root: process.cwd() });
  const files = unzipSync(bundle.zip);
  expect(Object.keys(files).sort()).toEqual([
    'functions/worker/index.code.js',
    'functions/worker/index.js',
    `functions/worker/index${CACHE_ENDING}`,
    'functions/worker/zstd.wasm',
  ]);
  expect(bundle.zip.length).toBeLessThan(MAX_ZIP_BYTES);
  expect(Buffer.from(files['functions/worker/zstd.wasm']!.subarray(0, 4))).toEqual(Buffer.from('\0asm'));
  const again = await bundleFunction(worker, { root: process.cwd() });
  expect(Buffer.compare(again.zip, bundle.zip)).toBe(0);
});
