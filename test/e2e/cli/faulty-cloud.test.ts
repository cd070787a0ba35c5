/** `cloud up --faults`: what is injected repeats with its seed, can be seen, and is survived. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../../cli/main.ts';
import { CapturedIo, cli as runToEnd } from '../../unit/cli/captured-io.ts';
import { OrdersProject } from './orders-project.ts';

const SPEC = 'seed=42,rate=0.15,kinds=busy+reset+lost,services=ots+oss,delay=5';

let project: OrdersProject;
let cloud: { io: CapturedIo; ended: Promise<number> };
const cli = (...argv: string[]) => runToEnd(['--local', ...argv], { cwd: project.folder });

interface Recorded {
  readonly service: string;
  readonly operation: string;
  readonly fault: string;
  readonly seed: number;
  readonly ordinal: number;
}
const record = async (): Promise<Recorded[]> =>
  (await readFile(path.join(project.folder, 'injected.jsonl'), 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

beforeAll(async () => {
  project = await OrdersProject.create();
  const io = new CapturedIo({ cwd: project.folder });
  const argv = [
    'cloud',
    'up',
    '--faults',
    SPEC,
    '--faults',
    'seed=7,rate=1,kinds=delay,ops=GetBucketInfo,delay=1',
  ];
  cloud = { io, ended: runCli([...argv, '--faults-log', 'injected.jsonl'], io) };
  await Promise.race([io.shown('Ctrl-C ends it.'), cloud.ended]);
});

afterAll(async () => {
  cloud?.io.signal('SIGTERM');
  expect(await cloud?.ended).toBe(0);
  await project[Symbol.asyncDispose]();
});

test('the faults are shown, by `up` and by `status`', async () => {
  expect(cloud.io.out).toContain(SPEC);
  const { out } = await cli('cloud', 'status');
  expect(out).toMatch(/faults +seed=42.*\n.*faults +seed=7.*\n.*recorded +injected\.jsonl/);
  const status = JSON.parse((await cli('cloud', 'status', '--json')).out);
  expect(status.faults).toEqual({
    specs: [SPEC, expect.stringContaining('seed=7')],
    log: path.join(project.folder, 'injected.jsonl'),
  });
});

test('a run succeeds, and the record tells what it went through', async () => {
  const { code, err } = await cli('run', 'measure.json', '--bizdate', '20250315');
  expect(code, err).toBe(0);
  await expect.poll(async () => (await record()).length).toBeGreaterThan(0);
  for (const one of await record())
    expect(one).toMatchObject({ ordinal: expect.any(Number), key: expect.any(String) });
  expect((await record()).filter(({ service }) => service === 'ots').every(({ seed }) => seed === 42)).toBe(
    true,
  );
});

describe('a wrong spec', () => {
  let empty = '';
  beforeAll(async () => {
    empty = await mkdtemp(path.join(tmpdir(), 'millrace-faulty-'));
  });
  afterAll(() => rm(empty, { recursive: true }));

  test.each([
    [['--faults', 'seed=1,kinds=bussy'], /CLI-0001.*bussy.*did you mean `busy`/],
    [['--faults', 'seed=1,kinds=xyzzyx'], /CLI-0001.*allowed: `busy`, `error`/],
    [['--faults', 'rate=0.5'], /CLI-0001.*seed is missing/],
    [['--faults', 'seed=1,rate=2'], /CLI-0001.*share from 0 to 1/],
    [['--faults-log', 'x'], /CLI-0001.*without --faults/],
    [['--detach', '--faults', 'seed=1,ops=PutRwo'], /CLI-0001.*PutRwo.*did you mean `PutRow`/],
  ])('%j', async (argv, reason) => {
    const { code, err } = await runToEnd(['cloud', 'up', ...argv], { cwd: empty });
    expect(code).toBe(2);
    expect(err.replaceAll(/\s+/g, ' ')).toMatch(reason);
  });
});
