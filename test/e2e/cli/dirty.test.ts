/** Refused rows on the local cloud: exported, corrected, replayed into the bucket, and never sent twice. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import TableStore from 'tablestore';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../../cli/main.ts';
import { CapturedIo, cli as runToEnd } from '../../unit/cli/captured-io.ts';
import { OrdersProject } from './orders-project.ts';

const ROWS = 500;
/** Rows whose status is no text: the first is corrected in a file, the rest by an option. */
const BAD = [0, 1, 2, 3];
const LARGE_BYTES = 40 * 1024;

let project: OrdersProject;
let cloud: { io: CapturedIo; ended: Promise<number> };
let run: string;

const cli = (...argv: string[]) => runToEnd(argv, { cwd: project.folder, env: { MILLRACE_LOCAL: '1' } });
const json = async (...argv: string[]) => {
  const { code, out, err } = await cli(...argv, '--json');
  return { code, err, data: JSON.parse(out) };
};

/** Rows whose status is bytes that no text has; one of them is larger than the desk keeps. */
async function putBadRows(): Promise<void> {
  const { endpoints, accessKeyId, accessKeySecret } = await project.cloudFile();
  const client = new TableStore.Client({
    endpoint: endpoints.ots,
    instancename: 'shop',
    accessKeyId,
    secretAccessKey: accessKeySecret,
  });
  for (const id of [...BAD, 9]) {
    await client.putRow({
      tableName: 'orders',
      condition: new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null),
      primaryKey: [{ customer: 'zz' }, { order_id: TableStore.Long.fromNumber(id) }],
      attributeColumns: [
        { status: Buffer.alloc(id === 9 ? LARGE_BYTES : 2, 0xff) },
        { amount: 0.1 },
        { created: '2025-01-01 00:00:00' },
      ],
    });
  }
}

const written = async () => {
  const objects = await project.lines('orders/');
  return objects
    .flatMap((lines) => lines.slice(1))
    .filter((line) => line.startsWith('zz,'))
    .sort();
};

beforeAll(async () => {
  project = await OrdersProject.create();
  const io = new CapturedIo({ cwd: project.folder });
  cloud = { io, ended: runCli(['cloud', 'up'], io) };
  await Promise.race([io.shown('Ctrl-C ends it.'), cloud.ended]);
  await project.seed(ROWS);
  await putBadRows();
  const { code, data } = await json('run', 'orders-to-oss.json', '--error-limit', '10');
  expect({ code, data }).toMatchObject({ code: 0, data: { receipt: { counters: { dirty: 5 } } } });
  run = data.run;
});

afterAll(async () => {
  cloud?.io.signal('SIGINT');
  await cloud?.ended;
  await project[Symbol.asyncDispose]();
});

describe('refused rows', () => {
  test('are shown by reason and one by one, in words and as objects', async () => {
    const { out } = await cli('dirty', 'show', run);
    expect(out).toMatch(/5 dirty rows/);
    expect(out).toMatch(/5 +5 +CNV-3001 +status +bytes → text/);
    expect(out).toContain('open, not kept as a whole');
    const { data } = await json('dirty', 'show', run, '--limit', '1');
    expect(data).toMatchObject({ dirty: 5, stored: 5, open: 5, replayed: 0 });
    expect(data.groups).toMatchObject([{ code: 'CNV-3001', column: 'status', rows: 5, open: 5 }]);
    expect(data.groups[0].samples).toHaveLength(3);
    expect(data.rows[0].row).toEqual({
      customer: 'zz',
      order_id: { long: '0' },
      status: { bytes: '//8=' },
      amount: { double: '0.1' },
      created: '2025-01-01 00:00:00',
    });
    expect(data.rows.map((row: { replayable: boolean }) => row.replayable)).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
    const events = (await cli('dirty', 'show', run, '--ndjson')).out.trimEnd().split('\n');
    expect(events.map((line) => JSON.parse(line).event)).toEqual([...Array(5).fill('dirty'), 'result']);
  });

  test('are exported to a new file that only its owner can read', async () => {
    const exported = await cli('dirty', 'show', run, '--export', 'rows.jsonl');
    expect(exported).toMatchObject({ code: 0, err: expect.stringContaining('1 row left out') });
    expect(exported.out).toContain(`next: millrace dirty replay ${run} --file rows.jsonl --local`);
    const file = path.join(project.folder, 'rows.jsonl');
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(BAD.length);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const again = await cli('dirty', 'show', run, '--export', 'rows.jsonl');
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('CLI-0011') });
  });
});

describe('a replay', () => {
  test('within the limit of the job may leave rows refused again', async () => {
    const { code, data } = await json('dirty', 'replay', run);
    expect({ code, data }).toMatchObject({
      code: 0,
      data: { receipt: { counters: { read: 4, written: 0, dirty: 4 } }, desk: { open: 5, replayed: 0 } },
    });
    expect((await cli('dirty', 'show', run)).out).toContain('open, refused again: CNV-3001');
  });

  test('over its limit fails, shows nothing, and does not stand in the way', async () => {
    const failed = await json('dirty', 'replay', run, '--error-limit', '0');
    expect(failed).toMatchObject({ code: 4, data: { state: 'FAILED', desk: { held: 4, open: 1 } } });
    expect(await written()).toEqual([]);
    expect((await cli('dirty', 'show', run)).out).toContain('4 with a replay that is not over');
    expect((await json('dirty', 'replay', failed.data.run)).data.error.code).toBe('RUN-5020');
  });

  test('sends the rows of a corrected file, beside the objects of the run', async () => {
    const before = await project.lines('orders/');
    const text = await readFile(path.join(project.folder, 'rows.jsonl'), 'utf8');
    const [first] = text.split('\n');
    const line = JSON.parse(first ?? '');
    const corrected = JSON.stringify({ ...line, row: { ...line.row, status: 'returned, "late"' } });
    await writeFile(path.join(project.folder, 'corrected.jsonl'), `${corrected}\n`);
    const { code, data, err } = await json('dirty', 'replay', run, '--file', 'corrected.jsonl');
    expect(err).toContain('is thrown away');
    expect({ code, data }).toMatchObject({
      code: 0,
      data: {
        state: 'SUCCEEDED',
        replayOf: run,
        receipt: { counters: { read: 1, written: 1, dirty: 0 } },
        desk: { open: 4, held: 0, replayed: 1 },
      },
    });
    expect(await project.lines('orders/')).toHaveLength(before.length + 1);
    expect(await written()).toEqual(['zz,0,"returned, ""late""",0.1,2025-01-01 00:00:00']);
  });

  test('sends the rest with one value for all, and each row only once', async () => {
    const { code, data, err } = await json(
      'dirty',
      'replay',
      run,
      '--set',
      'status=unknown',
      '--only',
      'CNV-3001',
    );
    expect({ code, data }).toMatchObject({
      code: 0,
      data: { receipt: { counters: { read: 3 } }, desk: { open: 1, replayed: 4 } },
    });
    expect(err).toContain('1 row left out');
    expect(await written()).toEqual([
      'zz,0,"returned, ""late""",0.1,2025-01-01 00:00:00',
      ...[1, 2, 3].map((id) => `zz,${id},unknown,0.1,2025-01-01 00:00:00`),
    ]);
    const again = await json('dirty', 'replay', run, '--set', 'status=other');
    expect(again).toMatchObject({ code: 0, data: { state: 'NOTHING', replayed: 4, incomplete: 1 } });
    expect(await written()).toHaveLength(4);
    expect((await cli('dirty', 'show', run)).out).toContain('4 replayed');
  });

  test('tells what is wrong with a file or an option', async () => {
    await writeFile(path.join(project.folder, 'bad.jsonl'), '{"place":"00000/0","row":{"order_id":1}}\n');
    const bad = await cli('dirty', 'replay', run, '--file', 'bad.jsonl');
    expect(bad).toMatchObject({ code: 2, err: expect.stringMatching(/bad\.jsonl:1: column `customer`/) });
    expect((await cli('dirty', 'replay', run, '--set', 'statuss=x')).err).toContain('CLI-0001');
    expect((await cli('dirty', 'replay', run, '--only', 'CNV-9')).err).toContain('CLI-0001');
  });
});
