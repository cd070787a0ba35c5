import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleFunction } from '../../../infra/deploy/bundle.ts';
import { CACHE_ENDING, CODE_ENDING, LOAD } from '../../../infra/deploy/loader-source.ts';
import { type DeployFunction, readDeployModel } from '../../../infra/deploy/model.ts';

const MODULE = 'functions/subject/index';
const SOURCE = `
  const rehearsed = [];
  export const rehearse = async () => { rehearsed.push('once'); };
  export const handler = async (event) => {
    const { gzipSync } = await import('node:zlib');
    const { join } = await import('node:path');
    const parsed = JSON.parse(event.toString());
    return { parsed, gzip: gzipSync('a').length > 0, path: join('a', 'b'), rehearsed, text: 'Ünïcödé 値' };
  };
`;
const ANSWER = { parsed: [1], gzip: true, path: 'a/b', rehearsed: [], text: 'Ünïcödé 値' };

let folder: string;
let definition: DeployFunction;
let base: string;
let cache: string;
let good: Buffer;

async function writeSource(root: string, source: string): Promise<void> {
  await mkdir(path.join(root, path.dirname(MODULE)), { recursive: true });
  await writeFile(path.join(root, `${MODULE}.ts`), source);
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'loader-test-'));
  const { functions } = await readDeployModel('serverless.yml');
  definition = { ...functions[0]!, name: 'subject', handler: `${MODULE}.handler` };
  await writeSource(folder, SOURCE);
  const { zip } = await bundleFunction(definition, { root: folder });
  base = path.join(folder, 'unpacked', MODULE);
  await mkdir(path.dirname(base), { recursive: true });
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    await writeFile(path.join(folder, 'unpacked', name), bytes);
  }
  cache = base + CACHE_ENDING;
  good = await readFile(cache);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function evaluate(code: string, flags: readonly string[] = [], options = ''): string {
  const env = { NODE_OPTIONS: options };
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, '-e', code, base], {
    encoding: 'utf8',
    env,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** Whether V8 refused the cache; `undefined` when it was not even offered. */
const refusal = (flags?: readonly string[], options?: string): string =>
  evaluate(
    `${LOAD}; console.log(compile(process.argv[1], ${JSON.stringify(MODULE + CODE_ENDING)}).cachedDataRejected)`,
    flags,
    options,
  );

const CALL = `require(process.argv[1] + '.js').handler(Buffer.from('[1]')).then((it) => console.log(JSON.stringify(it)))`;
const answer = (flags?: readonly string[]): unknown => JSON.parse(evaluate(CALL, flags));

test('V8 takes the cache, whatever the size of the heap', () => {
  expect(refusal()).toBe('false');
  expect(refusal(['--max-old-space-size=300'])).toBe('false');
  expect(refusal(['--max_old_space_size=300'], '--max-old-space-size=200')).toBe('false');
  expect(answer()).toEqual(ANSWER);
  expect(answer(['--max-old-space-size=300'])).toEqual(ANSWER);
});

test('under other flags the code is compiled and behaves the same', () => {
  expect(refusal(['--no-lazy-feedback-allocation'])).toBe('true');
  expect(answer(['--no-lazy-feedback-allocation'])).toEqual(ANSWER);
});

test('a cache that is damaged, cut short, empty or absent is not offered to V8', async () => {
  const damaged = Buffer.from(good);
  damaged[good.length >> 1]! ^= 1;
  for (const bytes of [damaged, good.subarray(0, good.length - 1), good.subarray(0, 20), Buffer.alloc(0)]) {
    await writeFile(cache, bytes);
    expect(refusal()).toBe('undefined');
    expect(answer()).toEqual(ANSWER);
  }
  await rm(cache);
  expect(refusal()).toBe('undefined');
  expect(answer()).toEqual(ANSWER);
  await writeFile(cache, good);
});

test('a stack trace names the file by its path in the package, with and without the cache', async () => {
  const FAULT = `require(process.argv[1] + '.js').handler('no json').catch((it) => console.log(it.stack))`;
  const place = `${MODULE}${CODE_ENDING}:`;
  const stack = evaluate(FAULT);
  expect(stack).toContain(place);
  await rm(cache);
  const withoutCache = evaluate(FAULT);
  await writeFile(cache, good);
  expect(withoutCache).toBe(stack);
});

test('code that does not start is refused when it is bundled, without the environment of the bundler', async () => {
  const root = path.join(folder, 'broken');
  await writeSource(root, "export const handler = 1; throw new Error('home is ' + process.env.PATH);");
  await expect(bundleFunction(definition, { root })).rejects.toThrow(
    /does not start: [\s\S]*home is undefined/,
  );
});

test('a rehearsal that fails is refused too', async () => {
  const root = path.join(folder, 'unrehearsed');
  await writeSource(root, "export const rehearse = async () => { throw new Error('forgot the words'); };");
  await expect(bundleFunction(definition, { root })).rejects.toThrow('forgot the words');
});
