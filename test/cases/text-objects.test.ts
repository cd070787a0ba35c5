/** Cases 53 to 64: rows as csv and text, and back (docs/conformance-cases.md). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OssTarget, startOssTarget } from '../contract/writers/oss-target.ts';
import { startPostgres } from '../support/servers/postgres.ts';
import { faultsOf, type Outcome, runText, type Step, succeed, v2Job } from './jobs.ts';

let target: OssTarget;
beforeAll(async () => {
  target = await startOssTarget();
});
afterAll(() => target?.close());

/** The text of the one object that a job writes. */
async function written(reader: Step, format: object): Promise<string> {
  await succeed(v2Job(reader, ['oss', { ...target.params, writeMode: 'truncate', ...format }]));
  const [key] = await target.keys('out/part__');
  return (await target.content(key!)).toString();
}

/** A row of texts and nulls as an object, which the reader gets from an object with `\u0000` for null. */
async function textOf(row: readonly (string | null)[], format: object = {}): Promise<string> {
  const NULL = '\u0000';
  const quoted = row.map((cell) => (cell === null ? NULL : `"${cell.replaceAll('"', '""')}"`));
  await target.put('in/row.csv', `${quoted.join('\u0001')}\n`);
  const source = { fieldDelimiter: '\u0001', nullFormat: NULL, fileFormat: 'csv', column: ['*'] };
  return written(['oss', { ...connection(), object: 'in/row.csv', ...source }], format);
}

/** How the bucket is reached, without the parameters of its writer. */
function connection(): Record<string, unknown> {
  const { endpoint, region, bucket, accessId, accessKey } = target.params;
  return { endpoint, region, bucket, accessId, accessKey };
}

const csv = (row: readonly (string | null)[], format: object = {}): Promise<string> =>
  textOf(row, { fileFormat: 'csv', ...format });

describe('csv', () => {
  it('case 53: a field with a delimiter is quoted', async () => {
    expect(await csv(['a,b', 'c'])).toBe('"a,b",c\n');
  });

  it('case 54: a quote is doubled', async () => {
    expect(await csv(['a"b'])).toBe('"a""b"\n');
  });

  // DataX leaves a lone \r bare, which most readers take for the end of a row.
  it('case 55: both kinds of line ends are quoted', async () => {
    expect(await csv(['a\nb', 'c\rd'])).toBe('"a\nb","c\rd"\n');
  });

  it('case 56: an empty text is quoted in the first column only', async () => {
    expect(await csv(['', '', 'x'])).toBe('"",,x\n');
  });

  it('case 57: a # is quoted at the beginning of a row only', async () => {
    expect(await csv(['#a', '#b'])).toBe('"#a",#b\n');
  });

  // DataX trims.
  it('case 58: blanks around a text are kept', async () => {
    expect(await csv([' a '])).toBe(' a \n');
  });

  // With an empty nullFormat DataX quotes a null of the first column, and so makes it an empty text.
  it('case 59: null is what nullFormat says, and nothing if that is empty', async () => {
    expect(await csv([null, null])).toBe('null,null\n');
    expect(await csv([null, null], { nullFormat: '\\N' })).toBe('\\N,\\N\n');
    expect(await csv([null, null], { nullFormat: '' })).toBe(',\n');
  });

  // DataX writes the first character of it.
  it('case 60: a line delimiter is written whole, also with field delimiters of several characters', async () => {
    expect(await csv(['a', 'b'], { lineDelimiter: '\r\n' })).toBe('a,b\r\n');
    const format = { fileFormat: 'text', fieldDelimiter: '||', lineDelimiter: '\r\n' };
    expect(await textOf(['a', 'b'], format)).toBe('a||b\r\n');
  });
});

describe('other formats', () => {
  it('case 61: text joins the values and quotes nothing', async () => {
    expect(await textOf(['a,b', 'c"d', null, ''], { fileFormat: 'text' })).toBe('a,b,c"d,null,\n');
  });

  // DataX can write INSERT statements to a file. That format does not exist here: it is refused, and not replaced by
  // another. Rows go into databases by their own writers.
  it('case 62: sql is refused by its name', async () => {
    const writer = { ...target.params, fileFormat: 'sql', header: ['a', 'b', 'c'] };
    const source = { ...connection(), object: 'in/row.csv', column: ['*'] };
    expect(await faultsOf(v2Job(['oss', source], ['oss', writer]))).toEqual([
      expect.objectContaining({
        path: 'steps[1].parameter.fileFormat',
        message: expect.stringContaining('`sql`'),
      }),
    ]);
  });

  // DataX formats in the zone of the machine.
  it('case 63: dateFormat shows instants in the zone of the job, whatever that of the machine is', async () => {
    await using server = await startPostgres();
    const { host, port, username, password, database } = server;
    const source = { host, port, username, password, database, querySql: 'SELECT to_timestamp(0)' };
    const zone = process.env.TZ;
    try {
      for (const machine of ['UTC', 'America/New_York']) {
        process.env.TZ = machine;
        expect(new Date(0).getHours()).toBe(machine === 'UTC' ? 0 : 19);
        const format = { fileFormat: 'csv', dateFormat: 'yyyyMMddHHmmss' };
        expect(await written(['postgresql', source], format)).toBe('19700101080000\n');
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });
});

describe('reading csv', () => {
  const readJob = (column: readonly object[]): string =>
    v2Job(
      ['oss', { ...connection(), object: 'in/ragged.csv', fileFormat: 'csv', column }],
      ['oss', { ...target.params, writeMode: 'truncate', fileFormat: 'csv' }],
      { errorLimit: { record: 1 } },
    );

  it('case 64: a row without the wanted field is dirty, the others go on; a constant has no index', async () => {
    await target.put('in/ragged.csv', 'a,b,c\n1,2,3,4,5,6\n');
    const outcome: Outcome = await succeed(
      readJob([
        { index: 5, type: 'long' },
        { value: 'c', type: 'string' },
      ]),
    );
    expect(outcome.counters).toMatchObject({ read: 2, written: 1, dirty: 1 });
    const [key] = await target.keys('out/part__');
    expect((await target.content(key!)).toString()).toBe('6,c\n');
    const failed = await runText(readJob([{ index: 5 }]).replace('"record":1', '"record":0'));
    expect(failed.run.failure?.code).toBe('RUN-5001');
    const [fault] = await faultsOf(readJob([{ index: 0, value: 'c' }]));
    expect(fault?.path).toBe('steps[0].parameter.column[0]');
    expect(fault?.message).toMatch(/either|index.*value|value.*index/);
  });
});
