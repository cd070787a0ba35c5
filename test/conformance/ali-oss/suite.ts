/**
 * ali-oss's own tests against the embedded object storage. The npm package comes without them, so the caller names a
 * checkout; it is copied beside a fresh install of the package, never changed, never kept.
 */

import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startOss } from '../../../infra/local/oss/index.ts';
import { judge } from '../ali-oss-exclusions.ts';
import { ACCESS_KEY, runFile, runProgram } from './mocha.ts';
import { PRELOAD } from './preload.ts';
import type { AddressStyle, FileResult, TestFile } from './results.ts';

const FILES: readonly TestFile[] = ['object', 'multipart', 'bucket', 'signature'];
const STYLES: readonly AddressStyle[] = ['path', 'virtual'];

/** A run with fewer passes than this did not really run. */
const LEAST_PASSED: Readonly<Record<TestFile, number>> = {
  object: 270,
  multipart: 72,
  bucket: 80,
  signature: 4,
};

/** The package under test and what its tests require, as in its own package.json. */
const PACKAGES = [
  'ali-oss@6.23.0',
  'mocha@9',
  'mm@2',
  'should@11',
  'sinon@15',
  'dotenv@8',
  'stream-equal@1',
  'timemachine@0.3',
  'axios@0.27',
  'filereader@0.10',
  'form-data@4',
  '@alicloud/resourcemanager20200331@2',
  '@alicloud/openapi-client@0.4',
  '@alicloud/tea-util@1.4',
];

const USAGE = `usage: npm run conformance -- ali-oss --checkout DIR [--file NAME] [--verbose]
  --checkout  a checkout of https://github.com/ali-sdk/ali-oss at v6.23.0 (the npm package has no tests)
  --file      one of ${FILES.join(', ')} instead of all
  --verbose   print the expected failures and their reasons too`;

/** Runs the suite; 0 when nothing failed but what is expected to. */
export async function runAliOss(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { checkout: { type: 'string' }, file: { type: 'string' }, verbose: { type: 'boolean' } },
  });
  const files = FILES.filter((file) => values.file === undefined || values.file === file);
  if (!values.checkout || files.length === 0) {
    console.error(USAGE);
    return 2;
  }
  const tests = path.join(path.resolve(values.checkout), 'test');
  if (!existsSync(path.join(tests, 'node', 'object.test.js'))) {
    console.error(`no test/node/object.test.js in ${values.checkout}`);
    return 2;
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'conformance-ali-oss-'));
  try {
    await install(folder, tests);
    return await runAll(folder, files, values.verbose === true);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function install(folder: string, tests: string): Promise<void> {
  await writeFile(path.join(folder, 'package.json'), '{"name":"conformance","private":true}');
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const code = await runProgram('npm', ['install', ...flags, ...PACKAGES], { cwd: folder });
  if (code !== 0) throw new Error(`npm install ended with ${code}`);
  await cp(tests, path.join(folder, 'node_modules', 'ali-oss', 'test'), { recursive: true });
  await writeFile(path.join(folder, 'preload.cjs'), PRELOAD);
}

async function runAll(folder: string, files: readonly TestFile[], verbose: boolean): Promise<number> {
  let unexpected = 0;
  for (const style of STYLES) {
    for (const file of files) {
      const service = await startOss({ keys: new Map([[ACCESS_KEY.id, ACCESS_KEY.secret]]) });
      try {
        unexpected += report(
          await runFile({ folder, file, style, port: service.port }),
          file,
          style,
          verbose,
        );
      } finally {
        await service.close();
      }
    }
  }
  console.log(unexpected === 0 ? 'as expected' : `${unexpected} unexpected results`);
  return unexpected === 0 ? 0 : 1;
}

/** Prints one file's result and returns the number of surprises. */
function report(result: FileResult, file: TestFile, style: AddressStyle, verbose: boolean): number {
  const { expected, surprises, stale } = judge(file, style, result);
  const counts = `${result.passed.length} passed, ${expected.length} expected failures, ${surprises.length} unexpected`;
  console.log(`${file} (${style} addresses): ${counts}`);
  if (verbose) for (const { title, reason } of expected) console.log(`  expected: ${title} (${reason})`);
  for (const { title, message } of surprises) console.log(`  FAILED: ${title}\n    ${message}`);
  for (const title of stale) console.log(`  PASSED although excluded: ${title}`);
  const missing = result.passed.length < LEAST_PASSED[file] ? 1 : 0;
  if (missing > 0) console.log(`  TOO FEW: at least ${LEAST_PASSED[file]} tests must pass`);
  return surprises.length + stale.length + missing;
}
