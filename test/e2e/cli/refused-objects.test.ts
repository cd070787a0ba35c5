/**
 * More refused rows in one shard than the status table keeps, kept as objects: through a killed process, exported, and
 * replayed, each once.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import TableStore from 'tablestore';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../../cli/main.ts';
import { CapturedIo, cli as runToEnd } from '../../unit/cli/captured-io.ts';
import { OrdersProject } from './orders-project.ts';

/** Every other row of a customer is refused: its status is bytes that no text has. */
const ROWS = 3_200;
const BAD = ROWS / 2;
/** So that moving them at 1 MiB/s takes longer than a checkpoint. */
const CELL_BYTES = 4_000;
const BATCH_ROWS = 100;

let project: OrdersProject;
let cloud: { io: CapturedIo; ended: Promise<number> };
let run: string;

const cli = (...argv: string[]) => runToEnd(argv, { cwd: project.folder, env: { MILLRACE_LOCAL: '1' } });
const json = async (...argv: string[]) => {
  const { code, out, err } = await cli(...argv, '--json');
  return { code, err, data: JSON.parse(out) };
};

async function putRows(): Promise<void> {
  const { endpoints, accessKeyId, accessKeySecret } = await project.cloudFile();
  const client = new TableStore.Client({
    endpoint: endpoints.ots,
    instancename: 'shop',
    accessKeyId,
    secretAccessKey: accessKeySecret,
  });
  const rowOf = (id: number) => ({
    type: 'PUT' as const,
    condition: new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null),
    primaryKey: [{ customer: 'zz' }, { order_id: TableStore.Long.fromNumber(id) }],
    attributeColumns: [
      { status: id % 2 === 0 ? 'x'.repeat(CELL_BYTES) : Buffer.alloc(CELL_BYTES, 0xff) },
      { amount: 0.1 },
      { created: '2025-01-01 00:00:00' },
    ],
  });
  for (let from = 0; from < ROWS; from += BATCH_ROWS) {
    const rows = Array.from({ length: BATCH_ROWS }, (_, i) => rowOf(from + i));
    await client.batchWriteRow({ tables: [{ tableName: 'orders', rows }] });
  }
}

/** Starts the job in a process of its own and kills that once refused rows are counted. */
async function killedRun(): Promise<string> {
  const program = ['infra/scripts/run-ts.mjs', 'test/e2e/cli/program.ts'].map((file) => path.resolve(file));
  const child = spawn(process.execPath, [program[0]!, program[1]!, 'run', 'all.json'], {
    cwd: project.folder,
    env: { ...process.env, MILLRACE_LOCAL: '1' },
  });
  let out = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (out += String(chunk)));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  await expect.poll(() => out, { timeout: 60_000 }).toMatch(/Run all\S*/);
  const name = /Run (all\S+)/.exec(out)?.[1] ?? '';
  await expect
    .poll(async () => (await json('show', name)).data.counters.dirty, { timeout: 60_000 })
    .toBeGreaterThan(0);
  child.kill('SIGKILL');
  await ended;
  return name;
}

const written = async (): Promise<string[]> =>
  (await project.lines('orders/'))
    .flatMap((lines) => lines.slice(1))
    .filter((line) => line.startsWith('zz,'))
    .map((line) => line.split(',').slice(1, 3).join(' '));

beforeAll(async () => {
  project = await OrdersProject.create();
  await project.variant('millrace.json', 'millrace.json', (text) =>
    text.replace(
      '"timeZone": "Asia/Shanghai"',
      '"timeZone": "Asia/Shanghai", "dirtyRows": { "datasource": "shop_lake", "prefix": "refused/" }',
    ),
  );
  await project.variant('orders-to-oss.json', 'all.json', (text) =>
    text
      .replace('"record": "0"', '"record": "1000000"')
      .replace('"concurrent": 4, "throttle": false', '"concurrent": 1, "throttle": true, "mbps": 1'),
  );
  await project.variant('orders-to-oss.json', 'deployed.json', (text) =>
    text.replace('"record": "0"', '"record": "1000000"'),
  );
  const io = new CapturedIo({ cwd: project.folder });
  cloud = { io, ended: runCli(['cloud', 'up'], io) };
  await Promise.race([io.shown('Ctrl-C ends it.'), cloud.ended]);
  await project.seed(10);
  await putRows();
});

afterAll(async () => {
  cloud?.io.signal('SIGINT');
  await cloud?.ended;
  await project[Symbol.asyncDispose]();
});

describe('rows refused by a run whose process was killed', () => {
  test('are all kept when it is resumed, and shown with the place where they are', async () => {
    run = await killedRun();
    const half = await json('show', run);
    expect(half.data.counters.dirty).toBeLessThan(BAD);
    const { code, data } = await json('resume', run);
    expect({ code, data }).toMatchObject({ code: 0, data: { receipt: { counters: { dirty: BAD } } } });
    const place = `all in data source shop_lake, refused/${run}/`;
    expect((await cli('show', run)).out).toContain(place);
    const { out } = await cli('dirty', 'show', run, '--limit', '3');
    expect(out).toContain('1,600 dirty rows');
    expect(out).toContain(`kept: ${place}`);
    expect(out).toMatch(/1,600 +1,600 +CNV-3001 +status +bytes → text/);
    expect(out).toContain('and 1,597 more rows');
    expect(out).not.toContain('not kept');
    const shown = await json('dirty', 'show', run);
    expect(shown.data).toMatchObject({ dirty: BAD, stored: BAD, notKept: 0, open: BAD, kept: place });
    expect(shown.data.rows).toHaveLength(BAD);
    expect((await project.lines(`refused/${run}/`)).length).toBeGreaterThan(1);
  });

  test('are all exported', async () => {
    expect((await cli('dirty', 'show', run, '--export', 'rows.jsonl')).code).toBe(0);
    const text = await readFile(path.join(project.folder, 'rows.jsonl'), 'utf8');
    const lines = text.trimEnd().split('\n');
    const ids = lines.map((line) => Number(JSON.parse(line).row.order_id.long));
    expect(ids).toEqual(Array.from({ length: BAD }, (_, i) => 2 * i + 1));
    expect(JSON.parse(lines[7]!).row.status.bytes).toBe(Buffer.alloc(CELL_BYTES, 0xff).toString('base64'));
  });

  test('arrive once each when they are replayed, and a second replay sends nothing', async () => {
    const { code, data } = await json('dirty', 'replay', run, '--set', 'status=mended');
    expect({ code, data }).toMatchObject({
      code: 0,
      data: {
        receipt: { counters: { read: BAD, written: BAD, dirty: 0 } },
        desk: { open: 0, held: 0, replayed: BAD },
      },
    });
    const rows = await written();
    expect(rows).toHaveLength(ROWS);
    expect(new Set(rows.map((row) => row.split(' ')[0])).size).toBe(ROWS);
    expect(rows.filter((row) => row.endsWith(' mended'))).toHaveLength(BAD);
    const again = await json('dirty', 'replay', run, '--set', 'status=other');
    expect(again.data).toMatchObject({ state: 'NOTHING', replayed: BAD });
    expect((await cli('dirty', 'show', run)).out).toContain('1,600 dirty rows, 1,600 replayed');
  });
});

describe('rows refused by deployed functions', () => {
  test('are kept at the place that the project names', async () => {
    const { code, data } = await json('run', 'deployed.json', '--on', 'functions');
    expect({ code, data }).toMatchObject({ code: 0, data: { receipt: { counters: { dirty: BAD } } } });
    const shown = await json('dirty', 'show', data.run, '--limit', '1');
    expect(shown.data).toMatchObject({ dirty: BAD, stored: BAD, notKept: 0 });
    expect((await project.lines(`refused/${data.run}/`)).length).toBeGreaterThan(0);
  });
});
