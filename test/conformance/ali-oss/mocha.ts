/** Running one test file of ali-oss with mocha in a process of its own, and reading mocha's report. */

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AddressStyle, FileResult, TestFile } from './results.ts';

/** The key pair that the service accepts and the tests use. */
export const ACCESS_KEY = { id: 'conformance-id', secret: 'conformance-secret' };

/** A single test may take this long, ms. */
const TEST_TIMEOUT_MS = 30_000;

/** Runs a program with its output shown; resolves with the exit code. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly quiet?: boolean;
  },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: options.quiet ? 'ignore' : ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

function environment(port: number, style: AddressStyle): Record<string, string> {
  return {
    ALI_SDK_OSS_ID: ACCESS_KEY.id,
    ALI_SDK_OSS_SECRET: ACCESS_KEY.secret,
    ALI_SDK_OSS_REGION: 'oss-cn-hangzhou',
    ALI_CLOUD_ENDPOINT: `http://localhost:${port}`,
    ALI_SDK_STS_ROLE: 'acs:ram::1000000000000001:role/conformance',
    ALI_SDK_STS_ID: ACCESS_KEY.id,
    ALI_SDK_STS_SECRET: ACCESS_KEY.secret,
    ALI_SDK_STS_BUCKET: 'conformance-sts',
    CONFORMANCE_ADDRESS_STYLE: style,
  };
}

interface MochaTest {
  readonly fullTitle: string;
  readonly err: { readonly message?: string };
}

/** `test/x.test.js test x in iterate 0 rest` → `[V4] rest`: iteration 0 signs with V4, 1 with V1. */
function shortTitle(fullTitle: string): string {
  return fullTitle.replace(/^test\/\S+ (?:test \S+ in iterate (\d) )?/, (_all, iteration?: string) =>
    iteration === undefined ? '' : `[${iteration === '0' ? 'V4' : 'V1'}] `,
  );
}

/** Runs one file against the service on a port. */
export async function runFile(run: {
  readonly folder: string;
  readonly file: TestFile;
  readonly style: AddressStyle;
  readonly port: number;
}): Promise<FileResult> {
  const output = path.join(run.folder, `${run.file}-${run.style}.json`);
  const test = path.join('node_modules', 'ali-oss', 'test', 'node', `${run.file}.test.js`);
  const args = ['--exit', '-t', String(TEST_TIMEOUT_MS), '-r', 'should', '-r', './preload.cjs'];
  const report = ['-R', 'json', '--reporter-option', `output=${output}`];
  const mocha = path.join(run.folder, 'node_modules', '.bin', 'mocha');
  const env = environment(run.port, run.style);
  await runProgram(mocha, [...args, ...report, test], { cwd: run.folder, env, quiet: true });
  const { passes, failures } = JSON.parse(await readFile(output, 'utf8')) as {
    passes: MochaTest[];
    failures: MochaTest[];
  };
  return {
    passed: passes.map(({ fullTitle }) => shortTitle(fullTitle)),
    failed: failures.map(({ fullTitle, err }) => ({
      title: shortTitle(fullTitle),
      message: (err.message ?? '').split('\n').slice(0, 4).join(' ').slice(0, 300),
    })),
  };
}
