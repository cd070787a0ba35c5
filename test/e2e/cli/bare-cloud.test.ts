/** A local cloud in a folder without a project. */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../../../cli/main.ts';
import { CapturedIo, cli as runToEnd } from '../../unit/cli/captured-io.ts';

let cwd = '';
let cloud: { io: CapturedIo; ended: Promise<number> };
const cli = (...argv: string[]) => runToEnd(['--local', ...argv], { cwd });

beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'millrace-bare-'));
  await copyFile('examples/orders/measure.json', path.join(cwd, 'measure.json'));
  const io = new CapturedIo({ cwd });
  cloud = { io, ended: runCli(['cloud', 'up', '--data', 'data', '--ndjson'], io) };
  await Promise.race([io.shown('"event":"cloud"'), cloud.ended]);
});

afterAll(async () => {
  cloud.io.signal('SIGTERM');
  expect(await cloud.ended).toBe(0);
  await rm(cwd, { recursive: true });
});

test('jobs without data sources need no project', async () => {
  expect(cloud.io.out).not.toContain('local-secret');
  expect((await cli('conn', 'list')).out).toBe('the local cloud has no data sources.\n');
  expect((await cli('run', 'measure.json')).code).toBe(0);
  expect((await cli('runs')).out).toMatch(/measure\/\S+ +SUCCEEDED/);
});

test('the project that was last run here is meant from then on', async () => {
  const folder = path.join(cwd, 'project');
  await mkdir(folder);
  await copyFile('examples/orders/millrace.json', path.join(folder, 'millrace.json'));
  await copyFile('examples/orders/measure.json', path.join(folder, 'inside.json'));
  expect((await cli('run', 'project/inside.json')).code).toBe(0);
  expect((await cli('conn', 'list')).out).toContain('shop_lake');
  expect((await cli('show', 'last')).out).toContain('inside/');
});

test('data that are not of a local cloud are never removed', async () => {
  const precious = path.join(cwd, 'precious');
  await mkdir(precious);
  await writeFile(path.join(precious, 'thesis.txt'), 'x');
  const other = await mkdtemp(path.join(tmpdir(), 'millrace-bare-'));
  const { code, err } = await runToEnd(['cloud', 'up', '--data', precious, '--fresh'], { cwd: other });
  await rm(other, { recursive: true });
  expect(code).not.toBe(0);
  expect(err).toContain('thesis.txt');
});
