import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleFunction, type FunctionBundle } from '../../../infra/deploy/bundle.ts';
import { CACHE_ENDING } from '../../../infra/deploy/loader-source.ts';
import { type DeployFunction, readDeployModel } from '../../../infra/deploy/model.ts';

/** A package is uploaded within a request, in base64. */
const MAX_ZIP_BYTES = 3_000_000;
const MODULE = 'functions/worker/index';

let worker: DeployFunction;
let bundle: FunctionBundle;
let files: Record<string, Uint8Array>;
let folder: string;

beforeAll(async () => {
  const { functions } = await readDeployModel('serverless.yml');
  worker = functions.find(({ name }) => name === 'worker')!;
  bundle = await bundleFunction(worker, { root: process.cwd() });
  files = unzipSync(bundle.zip);
  folder = await mkdtemp(path.join(tmpdir(), 'worker-test-'));
  await mkdir(path.dirname(path.join(folder, MODULE)), { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(path.join(folder, name), bytes);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs code beside the unpacked worker and parses what it prints last. */
function evaluate(code: string): unknown {
  const words = ['-e', code, path.join(folder, `${MODULE}.js`)];
  const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: 'utf8', env: {} });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

test('a package holds what its module reads beside itself, and is the same every time', async () => {
  const names = Object.keys(files).filter((name) => !name.endsWith('.json'));
  expect(names.sort()).toEqual([
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

test('every table that the code requires lies beside it', () => {
  const code = Buffer.from(files[`${MODULE}.code.js`]!).toString();
  const wanted = new Set([...code.matchAll(/require\("\.\/([\w.-]+\.json)"\)/g)].map(([, name]) => name));
  const present = Object.keys(files).filter((name) => name.endsWith('.json'));
  expect(present.map((name) => path.basename(name)).sort()).toEqual([...wanted].sort());
  expect(present).toContain('functions/worker/iconv-lite-cp936.json');
});

test('a worker that starts leaves the drivers of connectors, and the rest of an SDK, asleep', () => {
  // The witness: the OSS client, which the client of Function Compute would load too, loads child_process.
  const loaded = evaluate(`
    const before = new Set(process.moduleLoadList);
    const { handler } = require(process.argv[1]);
    console.log(JSON.stringify([typeof handler, process.moduleLoadList.filter((name) => !before.has(name))]));
  `) as [string, string[]];
  expect(loaded[0]).toBe('function');
  expect(loaded[1]).toContain('NativeModule https');
  expect(loaded[1]).not.toContain('NativeModule child_process');
});

test('what sleeps wakes up when it is needed', () => {
  const awake = evaluate(`
    require(process.argv[1]).rehearse().then(() => console.log(JSON.stringify(process.moduleLoadList)));
  `);
  expect(awake).toContain('NativeModule child_process');
});
