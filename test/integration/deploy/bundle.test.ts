import { unzipSync } from 'fflate';
import { expect, it } from 'vitest';
import { bundleFunction } from '../../../infra/deploy/bundle.ts';
import { readDeployModel } from '../../../infra/deploy/model.ts';

it('a package holds what its module reads beside itself, and is the same every time', async () => {
  const model = await readDeployModel('serverless.yml');
  const worker = model.functions.find(({ name }) => name === 'worker')!;
  const bundle = await bundleFunction(worker, { root: process.cwd() });
  const files = unzipSync(bundle.zip);
  expect(Object.keys(files).sort()).toEqual(['functions/worker/index.js', 'functions/worker/zstd.wasm']);
  expect(Buffer.from(files['functions/worker/zstd.wasm']!.subarray(0, 4))).toEqual(Buffer.from('\0asm'));
  const again = await bundleFunction(worker, { root: process.cwd() });
  expect(Buffer.compare(again.zip, bundle.zip)).toBe(0);
});
