// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is the notation of variables in jobs
/** The commands against the local cloud, all in this process. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import TableStore from 'tablestore';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../../cli/main.ts';
import { CapturedIo, cli as runToEnd } from '../../unit/cli/captured-io.ts';
import { OrdersProject } from './orders-project.ts';

const ROWS = 3_000;

let project: OrdersProject;
let cloud: { io: CapturedIo; ended: Promise<number> };

const cli = (...argv: string[]) => runToEnd(argv, { cwd: project.folder, env: { MILLRACE_LOCAL: '1' } });
const json = async (...argv: string[]) => {
  const { code, out, err } = await cli(...argv, '--json');
  return { code, err, data: JSON.parse(out) };
};
const start = (...argv: string[]) => {
  const io = new CapturedIo({ cwd: project.folder, env: { MILLRACE_LOCAL: '1' } });
  return { io, ended: runCli(argv, io) };
};

beforeAll(async () => {
  project = await OrdersProject.create();
  const io = new CapturedIo({ cwd: project.folder });
  cloud = { io, ended: runCli(['cloud', 'up'], io) };
  await Promise.race([io.shown('Ctrl-C ends it.'), cloud.ended]);
  expect(io.err).toBe('');
  await project.seed(ROWS);
});

afterAll(async () => {
  cloud?.io.signal('SIGINT');
  expect(await cloud?.ended).toBe(0);
  expect(existsSync(path.join(project.folder, '.millrace/cloud.json'))).toBe(false);
  await project[Symbol.asyncDispose]();
});

describe('the cloud', () => {
  test('tells where it is, and is not started twice', async () => {
    const { data } = await json('cloud', 'status');
    expect(data).toMatchObject({ ok: true, alive: true, pid: process.pid });
    expect(JSON.stringify(data)).not.toContain('local-secret');
    expect(await cli('cloud', 'up')).toMatchObject({ code: 2, err: expect.stringContaining('CLI-0006') });
  });

  test('data sources are redirected and answer', async () => {
    const { out } = await cli('conn', 'list');
    expect(out).toContain((await project.cloudFile()).endpoints.ots);
    expect(out).not.toContain('aliyuncs');
    expect(await json('conn', 'test', 'shop_tables')).toMatchObject({
      code: 0,
      data: { ok: true, type: 'ots' },
    });
    expect(await json('conn', 'test', 'shop_lake')).toMatchObject({
      code: 0,
      data: { ok: true, type: 'oss' },
    });
    expect(await cli('conn', 'test', 'shop_lakes')).toMatchObject({
      code: 2,
      err: expect.stringContaining('shop_lake`'),
    });
  });
});

describe('plan and run', () => {
  test('a plan shows everything and changes nothing', async () => {
    const { code, data } = await json('plan', 'orders-to-oss.json', '--bizdate', '20240101');
    expect(code).toBe(0);
    expect(data).toMatchObject({
      reader: 'ots',
      writer: 'oss',
      location: 'oss://shop-lake/orders/dt=20240101/part',
    });
    expect(
      data.columns.map((column: { name: string; source: string }) => [column.name, column.source]),
    ).toContainEqual(['order_id', 'INTEGER key']);
    expect((await cli('plan', 'orders-to-oss.json')).out).toMatch(/customer {2}STRING key/);
    expect(await project.lines('orders/dt=20240101/')).toEqual([]);
  });

  test('a run moves every row, once per schedule', async () => {
    const first = await json('run', 'orders-to-oss.json', '--bizdate', '20250315');
    expect(first.data).toMatchObject({
      ok: true,
      run: 'orders-to-oss/20250315T160000Z',
      state: 'SUCCEEDED',
      receipt: { counters: { read: ROWS, written: ROWS, dirty: 0 } },
    });
    const objects = await project.lines('orders/dt=20250315/');
    const rows = objects.flatMap((lines) => lines.slice(1));
    expect(rows).toHaveLength(ROWS);
    expect(new Set(rows.map((row) => row.split(',')[1])).size).toBe(ROWS);
    expect(objects[0]?.[0]).toBe('customer,order_id,status,amount,created');
    const again = await cli('run', 'orders-to-oss.json', '--bizdate', '20250315');
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('exists already') });
    expect((await json('show', 'orders-to-oss/20250315T160000Z')).data.receipt).toEqual(first.data.receipt);
  });

  test('the three dialects and both places move the same rows', async () => {
    const runs = [
      await json('run', 'orders-to-oss.json'),
      await json('run', 'orders-to-oss.v1.json'),
      await json('run', 'orders-to-oss.datax.json'),
      await json('run', 'orders-to-oss.json', '--on', 'functions'),
    ];
    for (const { data } of runs) expect(data).toMatchObject({ state: 'SUCCEEDED' });
    expect(new Set(runs.map(({ data }) => data.receipt.counters.checksum)).size).toBe(1);
    expect(new Set(runs.map(({ data }) => data.run)).size).toBe(4);
  });

  test('a changed project reaches the functions; --no-wait leaves the run to them', async () => {
    await project.variant('millrace.json', 'other.json', (text) =>
      text.replace('"shop_lake"', '"other_lake"'),
    );
    await project.variant('orders-to-oss.json', 'other-job.json', (text) =>
      text.replace('"shop_lake"', '"other_lake"'),
    );
    const { code, data, err } = await json(
      'run',
      'other-job.json',
      '--project',
      'other.json',
      '--on',
      'functions',
      '--no-wait',
    );
    expect(err).toContain('deploying them again');
    expect({ code, data }).toMatchObject({ code: 0, data: { state: 'STARTED' } });
    await expect
      .poll(async () => (await json('show', data.run)).data.state, { timeout: 60_000 })
      .toBe('SUCCEEDED');
  });

  test('commands to run next mean the same project from the folder where they are printed', async () => {
    const [parent, name] = [path.dirname(project.folder), path.basename(project.folder)];
    const env = { MILLRACE_LOCAL: '1' };
    const started = await runToEnd(['run', `${name}/measure.json`, '--on', 'functions', '--no-wait'], {
      cwd: parent,
      env,
    });
    const command = /millrace (show .*)/.exec(started.out)?.[1] ?? '';
    expect(command).toContain(`--project ${name}/millrace.json --local`);
    const poll = () => runToEnd([...command.split(' '), '--json'], { cwd: parent });
    await expect
      .poll(async () => JSON.parse((await poll()).out).state, { timeout: 60_000 })
      .toBe('SUCCEEDED');
  });

  test('events, one per line', async () => {
    const { code, out } = await cli('run', 'measure.json', '--ndjson');
    const events = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(events[0]).toMatchObject({ event: 'run', created: true });
    expect(events.at(-1)).toMatchObject({ event: 'result', ok: true, state: 'SUCCEEDED' });
    for (const { event } of events) expect(['run', 'progress', 'end', 'result']).toContain(event);
  });

  test('a live display is taken away before the report', async () => {
    const io = new CapturedIo({
      cwd: project.folder,
      env: { MILLRACE_LOCAL: '1', NO_COLOR: '1' },
      isTTY: true,
    });
    expect(await runCli(['run', 'measure.json'], io)).toBe(0);
    expect(io.out).toContain('\u001b[?25l');
    expect(io.out.lastIndexOf('\u001b[?25h')).toBeGreaterThan(io.out.lastIndexOf('\u001b[?25l'));
    expect(io.out.slice(io.out.lastIndexOf('\u001b[?25h'))).toContain('SUCCEEDED after');
    expect(io.out).toMatch(/shards \d\/4/);
  });
});

describe('a bad job', () => {
  const BROKEN: readonly (readonly [string, (text: string) => string])[] = [
    ['a misspelt key', (text) => text.replace('"table"', '"tabel"')],
    ['a value that is not allowed', (text) => text.replace('"truncate"', '"overwrite"')],
    ['an unknown data source', (text) => text.replace('"shop_tables"', '"shop_tabels"')],
    ['a variable without a value', (text) => text.replace('${bdp.system.bizdate}', '${nope}')],
    ['a negative limit', (text) => text.replace('"record": "0"', '"record": "-1"')],
    ['broken JSON', (text) => text.replace('"order":', '"order"')],
  ];

  test.each(BROKEN)('is refused and nothing is written: %s', async (name, spoil) => {
    const file = `bad-${name.replaceAll(' ', '-')}.json`;
    await project.variant('orders-to-oss.json', file, (text) => {
      expect(spoil(text)).not.toBe(text);
      return spoil(text).replace('"orders/dt=', '"bad/dt=');
    });
    const { code, out, err } = await cli('run', file);
    expect(code).toBe(2);
    expect(out + err).toMatch(/bad-[\w-]+\.json:\d+:\d+ .*JOB-1\d\d\d/);
    expect((await json('runs', path.basename(file, '.json'))).data.runs).toEqual([]);
    expect(await project.lines('bad/')).toEqual([]);
  });
});

describe('stopping and going on', () => {
  test('the first signal checkpoints, resuming moves the rest: the sum is exact', async () => {
    const name = await project.slow();
    const { io, ended } = start('run', name);
    await io.shown('Run slow/');
    await expect
      .poll(async () => (await json('show', 'last')).data.counters.read, { timeout: 60_000 })
      .toBeGreaterThan(0);
    io.signal('SIGINT');
    expect(await ended).toBe(6);
    const resume = /next: millrace (resume \S+) --local/.exec(io.out)?.[1]?.split(' ') ?? [];
    expect(resume[1]).toMatch(/^slow\//);
    const paused = await json('show', 'last');
    expect(paused.data).toMatchObject({ paused: true, state: 'RUNNING' });
    expect(paused.data.shardRows.every((shard: { state: string }) => shard.state !== 'LEASED')).toBe(true);
    expect((await cli('runs', '--limit', '1')).out).toContain('PAUSED');

    const resumed = await json(...resume);
    const straight = await json('run', 'measure.json');
    expect(resumed.data).toMatchObject({ state: 'SUCCEEDED', run: resume[1] });
    expect(resumed.data.receipt.counters).toEqual(straight.data.receipt.counters);
  });

  test('the second signal ends at once', async () => {
    const { io, ended } = start('run', await project.slow());
    await io.shown('Run slow/');
    io.signal('SIGINT');
    io.signal('SIGINT');
    expect(await ended).toBe(130);
    expect(io.err).toContain('millrace resume slow/');
  });

  test('a canceled run is over', async () => {
    const { io, ended } = start('run', await project.slow());
    await io.shown('Run slow/');
    const run = /Run (\S+)/.exec(io.out)?.[1] ?? '';
    expect(await cli('cancel', run)).toMatchObject({ code: 0 });
    expect(await ended).toBe(1);
    expect(await cli('resume', run)).toMatchObject({ code: 2, err: expect.stringContaining('RUN-5004') });
  });
});

describe('dirty rows', () => {
  test('fail the run, are shown by reason, and may be allowed', async () => {
    const { endpoints, accessKeyId, accessKeySecret } = await project.cloudFile();
    const client = new TableStore.Client({
      endpoint: endpoints.ots,
      instancename: 'shop',
      accessKeyId,
      secretAccessKey: accessKeySecret,
    });
    for (const [orderId, status] of ['😀', '😀', 'plain', '🚀'].entries()) {
      await client.putRow({
        tableName: 'orders',
        condition: new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null),
        primaryKey: [
          { customer: 'zz' },
          {
            order_id: TableStore.Long.fromNumber(orderId),
          },
        ],
        attributeColumns: [{ status }],
      });
    }
    const job = await project.variant('orders-to-oss.json', 'gbk.json', (text) =>
      text.replace('"UTF-8"', '"GBK"'),
    );
    const failed = await cli('run', job);
    expect(failed).toMatchObject({ code: 4, out: expect.stringContaining('RUN-5001') });
    expect(failed.out).toMatch(
      /next: millrace dirty show gbk\/\S+ --local\n\s+millrace resume gbk\/\S+ --error-limit N --local/,
    );
    const { data } = await json('dirty', 'show', 'last');
    expect(data.groups).toMatchObject([{ code: 'CNV-3002', column: 'status', rows: 3 }]);
    expect(data.dirty).toBe(3);
    expect((await cli('dirty', 'show', 'last', '--limit', '1')).out).toContain('text in GBK');
    const resumed = await json('resume', 'last', '--error-limit', '10');
    expect(resumed.data).toMatchObject({
      state: 'SUCCEEDED',
      receipt: { counters: { read: ROWS + 4, dirty: 3 } },
    });
    expect(resumed.data.run).toMatch(/\.r1$/);
    // What the failed run refused is shown for the run that took it over.
    expect((await json('dirty', 'show', resumed.data.run)).data.groups).toEqual(data.groups);
    expect((await json('show', data.run)).data).toMatchObject({
      state: 'FAILED',
      resumedBy: resumed.data.runId,
    });
  });
});

describe('names and failures', () => {
  test('runs are found by path, by id and as the last', async () => {
    const { data } = await json('runs', 'orders-to-oss', '--limit', '1');
    const [{ run, runId }] = data.runs;
    expect((await json('show', run)).data.run).toBe(run);
    expect((await json('show', runId)).data.run).toBe(run);
    expect((await json('show', 'nobody/knows')).data.error.code).toBe('RUN-5003');
    expect((await json('show', 'nobody')).data.error.code).toBe('RUN-5003');
  });

  test('a state store that is not there: exit code 3, and no secret in what is printed', async () => {
    await writeFile(
      path.join(project.folder, 'nowhere.json'),
      JSON.stringify({
        state: {
          endpoint: 'http://127.0.0.1:9',
          instanceName: 'x',
          accessKeyId: 'AK',
          accessKeySecret: `\${env:NOWHERE_SECRET}`,
        },
      }),
    );
    const options = { cwd: project.folder, env: { NOWHERE_SECRET: 'hush-hush-hush' } };
    const { code, out, err } = await runToEnd(['runs', '--project', 'nowhere.json', '--json', '-v'], options);
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ ok: false, exitCode: 3, error: { code: 'RUN-5007' } });
    expect(out + err).not.toContain('hush');
  });

  test('a data source that its connector does not take is told before anything is sent', async () => {
    await project.variant('millrace.json', 'odd.json', (text) =>
      text.replace('"bucket": "shop-lake",', '"bukket": "shop-lake",'),
    );
    const { code, err } = await cli('conn', 'test', 'shop_lake', '--project', 'odd.json');
    expect(code).toBe(2);
    expect(err).toMatch(/odd\.json {2}dataSources\.shop_lake\S* {2}JOB-1019/);
  });

  test('a missing secret names the file and the entry', async () => {
    const { code, err } = await runToEnd(['runs'], { cwd: project.folder });
    expect(code).toBe(2);
    expect(err).toMatch(/millrace\.json {2}state\.accessKeyId {2}JOB-1020/);
  });
});
