/** Verifying exports on the local cloud: what is altered behind its back is found, and nothing else. */

import { gunzipSync, gzipSync } from 'node:zlib';
import OSS from 'ali-oss';
import TableStore from 'tablestore';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../../cli/main.ts';
import { CapturedIo, cli as runToEnd } from '../../unit/cli/captured-io.ts';
import { OrdersProject } from './orders-project.ts';

const ROWS = 4_000;

let project: OrdersProject;
let cloud: { io: CapturedIo; ended: Promise<number> };

const cli = (...argv: string[]) => runToEnd(argv, { cwd: project.folder, env: { MILLRACE_LOCAL: '1' } });
const json = async (...argv: string[]) => {
  const { code, out, err } = await cli(...argv, '--json');
  return { code, err, data: JSON.parse(out) };
};

async function bucket(): Promise<OSS> {
  const { endpoints, accessKeyId, accessKeySecret } = await project.cloudFile();
  return new OSS({ endpoint: endpoints.oss, accessKeyId, accessKeySecret, bucket: 'shop-lake' });
}

async function putOrder(id: number, status: string): Promise<void> {
  const { endpoints, accessKeyId, accessKeySecret } = await project.cloudFile();
  const client = new TableStore.Client({
    endpoint: endpoints.ots,
    instancename: 'shop',
    accessKeyId,
    secretAccessKey: accessKeySecret,
  });
  await client.putRow({
    tableName: 'orders',
    condition: new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null),
    primaryKey: [{ customer: 'zz' }, { order_id: TableStore.Long.fromNumber(id) }],
    attributeColumns: [{ status }],
  });
}

/** Runs a variant of the example job into a folder of its own and returns its run and its keys. */
async function exported(name: string, change: (text: string) => string = (text) => text) {
  const job = await project.variant('orders-to-oss.json', `${name}.json`, (text) =>
    change(text.replace('"orders/dt=', `"${name}/dt=`)),
  );
  const { data } = await json('run', job, '--error-limit', '10');
  expect(data).toMatchObject({ state: 'SUCCEEDED' });
  const listed = await (await bucket()).listV2({ prefix: `${name}/`, 'max-keys': '1000' }, {});
  const keys = (listed.objects ?? []).map((object) => object.name);
  return {
    run: data.run as string,
    keys: keys.filter((key) => !key.includes('_millrace')),
    manifest: keys.find((key) => key.endsWith('manifest.json')) ?? '',
  };
}

/** Changes the lines of an object. */
async function edit(key: string, change: (lines: string[]) => string[]): Promise<void> {
  const client = await bucket();
  const { content } = await client.get(key);
  const packed = content[0] === 0x1f && content[1] === 0x8b;
  const text = (packed ? gunzipSync(content) : content).toString('utf8');
  const changed = Buffer.from(`${change(text.trimEnd().split('\n')).join('\n')}\n`);
  await client.put(key, packed ? gzipSync(changed) : changed);
}

/** Rows that a report names, by kind. */
const named = (data: { units: { differences: { kind: string; row: Record<string, unknown> }[] }[] }) =>
  data.units
    .flatMap((unit) => unit.differences)
    .map(({ kind, row }) => [kind, row.order_id])
    .sort();

beforeAll(async () => {
  project = await OrdersProject.create();
  const io = new CapturedIo({ cwd: project.folder });
  cloud = { io, ended: runCli(['cloud', 'up'], io) };
  await Promise.race([io.shown('Ctrl-C ends it.'), cloud.ended]);
  await project.seed(ROWS);
  // A value with everything that csv quotes, and one that GBK does not have.
  await putOrder(1_000_001, 'a "quoted", and\nbroken line');
  await putOrder(1_000_002, '😀');
});

afterAll(async () => {
  cloud?.io.signal('SIGINT');
  await cloud?.ended;
  await project[Symbol.asyncDispose]();
});

/** The job with Parquet objects; attributes of Tablestore need a declared type. */
const parquet = (text: string): string =>
  text
    .replace('"csv"', '"parquet"')
    .replace(
      '"encoding"',
      `"parquetSchema": "message m { required binary customer (UTF8); required int64 order_id; optional binary status (UTF8); optional double amount; optional binary created (UTF8); }", "encoding"`,
    )
    .replace(/"header": \[[^\]]*\],/, '');

describe('an export that nobody touched', () => {
  test.each<[string, (text: string) => string]>([
    ['csv', (text) => text],
    ['gzip', (text) => text.replace('"encoding"', '"compress": "gzip", "maxFileSize": 1, "encoding"')],
    ['gbk', (text) => text.replace('"UTF-8"', '"GBK"')],
    ['plain', (text) => text.replace('"csv"', '"text"')],
    ['parquet', parquet],
  ])('is the same, without any false alarm: %s', async (name, change) => {
    const { run } = await exported(`clean-${name}`, change);
    const { code, data } = await json('verify', run);
    expect({ code, data }).toMatchObject({ code: 0, data: { ok: true, verdict: 'same', problems: [] } });
    const { counters } = (await json('show', run)).data.receipt;
    expect(counters.dirty).toBe(name === 'gbk' ? 1 : 0);
    expect(data.rows.written).toBe(counters.written);
    expect(data.rows.target).toBe(data.rows.expected);
    expect((await cli('verify', run)).out).toContain('exactly what the source gives');
  });
});

describe('an export that somebody changed', () => {
  test.each(['csv', 'gzip'])('one row altered, one removed, one added: %s', async (name) => {
    const { run, keys } = await exported(`spoilt-${name}`, (text) =>
      name === 'gzip' ? text.replace('"encoding"', '"compress": "gzip", "encoding"') : text,
    );
    let lost = '';
    let altered = '';
    await edit(keys[0] ?? '', (lines) => {
      lost = lines[200]?.split(',')[1] ?? '';
      altered = lines[100]?.split(',')[1] ?? '';
      const changed = (lines[100] ?? '').replace(/,(new|paid|sent|returned),/, ',stolen,');
      return [
        ...lines.slice(0, 100),
        changed,
        ...lines.slice(101, 200),
        ...lines.slice(201),
        'x,7777,new,1,never',
      ];
    });
    const { code, data } = await json('verify', run);
    expect({ code, data }).toMatchObject({ code: 5, data: { ok: false, verdict: 'different' } });
    expect(named(data)).toEqual([
      ['different', altered],
      ['extra', '7777'],
      ['missing', lost],
    ]);
    const [difference] = data.units
      .flatMap((unit: { differences: { kind: string }[] }) => unit.differences)
      .filter(({ kind }: { kind: string }) => kind === 'different');
    expect(difference.cells).toMatchObject([{ column: 'status', found: 'stolen' }]);
    expect(data.problems).toEqual([expect.stringMatching(/^the object .* (has \d+ bytes|has other bytes)/)]);
    const text = await cli('verify', run);
    expect(text).toMatchObject({ code: 5, out: expect.stringContaining('status: "stolen" instead of') });
    const events = (await cli('verify', run, '--ndjson')).out.trimEnd().split('\n');
    expect(events.map((line) => JSON.parse(line).event).at(-1)).toBe('result');
    expect(events.map((line) => JSON.parse(line).event)).toContain('unit');
  });

  test('Parquet: an object that holds what another shard wrote', async () => {
    const { run, keys } = await exported('swapped', parquet);
    const client = await bucket();
    const { content } = await client.get(keys[1] ?? '');
    await client.put(keys[0] ?? '', content);
    const { code, data } = await json('verify', run);
    expect({ code, data }).toMatchObject({ code: 5, data: { verdict: 'different' } });
    const [unit] = data.units;
    expect(unit.missing + unit.different).toBeGreaterThan(0);
    await client.put(keys[0] ?? '', Buffer.from('this is no Parquet'));
    expect(await json('verify', run)).toMatchObject({
      code: 5,
      data: { units: [{ targetRows: 0 }, {}, {}, {}] },
    });
  });

  test('an object without its header, an object and a manifest that are gone', async () => {
    const headless = await exported('headless');
    await edit(headless.keys[0] ?? '', (lines) => lines.slice(1));
    expect((await json('verify', headless.run)).data).toMatchObject({ verdict: 'different' });

    const gone = await exported('gone');
    await (await bucket()).delete(gone.keys[0] ?? '');
    const report = await json('verify', gone.run);
    expect(report).toMatchObject({ code: 5, data: { problems: [expect.stringContaining('is missing')] } });
    expect(report.data.rows.target).toBeLessThan(report.data.rows.written);

    const bare = await exported('bare');
    await (await bucket()).delete(bare.manifest);
    const { code, data } = await json('verify', bare.run);
    expect({ code, data }).toMatchObject({
      code: 5,
      data: { problems: [expect.stringContaining('manifest')] },
    });
    expect(named(data)).toEqual([]);
  });

  test('a gzip object of other bytes is told, not thrown', async () => {
    const { run, keys } = await exported('torn', (text) =>
      text.replace('"encoding"', '"compress": "gzip", "encoding"'),
    );
    await (await bucket()).put(keys[0] ?? '', Buffer.from('this is no gzip'));
    const { code, data } = await json('verify', run);
    expect({ code, data }).toMatchObject({ code: 5, data: { verdict: 'different' } });
    expect(data.units[0].missing + data.units[0].unseenBuckets).toBeGreaterThan(0);
  });
});

describe('a source that changed since', () => {
  test('is told apart, and the target is still held against what the run recorded', async () => {
    const { run, keys } = await exported('moving');
    await putOrder(1_000_003, 'late');
    const changed = await json('verify', run);
    expect(changed).toMatchObject({ code: 1, data: { verdict: 'source-changed', problems: [] } });
    const states = changed.data.units.map((unit: { state: string }) => unit.state).sort();
    expect(states.filter((state: string) => state === 'source-changed')).toHaveLength(1);
    expect(new Set(states)).toEqual(new Set(['same', 'source-changed']));
    expect((await cli('verify', run)).out).toContain('the source has changed since the run');
    await edit(keys[0] ?? '', (lines) => lines.slice(0, -1));
    expect(await json('verify', run)).toMatchObject({ code: 5, data: { verdict: 'different' } });
  });
});

describe('what cannot be verified', () => {
  test('a run without a readable target, and one that has not succeeded', async () => {
    const { data } = await json('run', 'measure.json');
    expect(await json('verify', data.run)).toMatchObject({ code: 2, data: { error: { code: 'RUN-5030' } } });
    const job = await project.variant('orders-to-oss.json', 'failing.json', (text) =>
      text.replace('"UTF-8"', '"GBK"').replace('"orders/dt=', '"failing/dt='),
    );
    const failed = await json('run', job);
    expect(failed.data.state).toBe('FAILED');
    expect((await json('verify', failed.data.run)).data.error.code).toBe('RUN-5030');
  });
});
