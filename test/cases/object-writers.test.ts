/** Cases 72 to 79: MaxCompute, which is not here, objects and generated rows (docs/conformance-cases.md). */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type OssTarget, startOssTarget } from '../contract/writers/oss-target.ts';
import { castOf, INT32 } from '../unit/convert/cast-of.ts';
import { ANY_READER, ANY_WRITER, faultsOf, runText, type Step, succeed, v2Job } from './jobs.ts';

let target: OssTarget;
beforeAll(async () => {
  target = await startOssTarget();
});
afterAll(() => target?.close());
beforeEach(async () => {
  for (const key of await target.keys()) await target.client.delete(key);
});

const ROWS: Step = ['stream', { column: [{ value: 'a' }, { value: 'b' }], sliceRecordCount: 2 }];

/** A job to objects that begin with `d/part`. */
const jobTo = (writeMode: string, more: object = {}, reader: Step = ROWS): string =>
  v2Job(reader, ['oss', { ...target.params, object: 'd/part', writeMode, ...more }]);

/** The names under `d/` that a reader sees. */
const names = (): Promise<string[]> => target.keys('d/part');

/** The rows of all objects of the last run. */
async function rows(): Promise<string[]> {
  const contents = await Promise.all((await names()).map((key) => target.content(key)));
  return contents.flatMap((content) => content.toString().trimEnd().split('\n'));
}

const ODPS = { project: 'p', table: 't', accessId: 'i', accessKey: 'k', column: ['*'] };

/** Both sides of MaxCompute are refused at their names; nothing of their parameters is passed over. */
async function refusesMaxCompute(params: object): Promise<void> {
  const named = { code: 'JOB-1012', message: expect.stringContaining('odps') };
  expect(await faultsOf(v2Job(ANY_READER, ['odps', { ...ODPS, ...params }]))).toMatchObject([
    { ...named, path: 'steps[1].stepType' },
  ]);
  expect(await faultsOf(v2Job(['odps', { ...ODPS, ...params }], ANY_WRITER))).toMatchObject([
    { ...named, path: 'steps[0].stepType' },
  ]);
}

// There is no plug-in of MaxCompute here. Each of these tests shows that a job with the parameters of the case is
// refused, and how the same rule holds for a target that exists.
describe('MaxCompute', () => {
  // DataX wraps the number around: -1294967296.
  it('case 72: no job writes there; a number beyond 32 bits is refused by any target of 32 bits', async () => {
    await refusesMaxCompute({ truncate: false });
    expect(castOf('long', INT32)(3_000_000_000n)).toBe('CNV-3011');
  });

  it('case 73: no job truncates there; truncating objects twice leaves the rows of one run', async () => {
    await refusesMaxCompute({ truncate: true, partition: 'dt=20240101' });
    await succeed(jobTo('truncate'));
    await succeed(jobTo('truncate'));
    expect(await rows()).toEqual(['a,b', 'a,b']);
  });

  it('case 74: no job commits there; objects of a run that fails are never visible', async () => {
    await refusesMaxCompute({ consistencyCommit: true });
    await target.put('in/a.csv', 'a,b\n');
    await target.put('in/b.csv', 'a\n');
    const { endpoint, region, bucket, accessId, accessKey } = target.params;
    const column = [{ index: 0 }, { index: 1 }];
    const source = {
      endpoint,
      region,
      bucket,
      accessId,
      accessKey,
      object: 'in/*',
      fileFormat: 'csv',
      column,
    };
    const { run } = await runText(jobTo('append', {}, ['oss', source]));
    expect([run.state, run.plan?.shardCount]).toEqual(['FAILED', 2]);
    expect(await names()).toEqual([]);
  });

  // DataX takes the pattern for a regular expression, in which `?` means something else.
  it('case 78: no job reads partitions there', async () => {
    await refusesMaxCompute({ partition: ['dt=2024010?', 'pt = 20150101 / type=1'] });
  });
});

describe('objects', () => {
  // As DataX: the prefix is a plain one, and also covers names that merely begin alike.
  it('case 75: truncate deletes by prefix, nonConflict refuses what is there, append adds', async () => {
    for (const key of ['d/part__x', 'd/partition.csv', 'd/other']) await target.put(key, 'old\n');
    await succeed(jobTo('truncate', { suffix: '.csv' }));
    const [own, ...more] = await names();
    expect(own).toMatch(/^d\/part__[0-9a-f]{32}(_\d+)?(\.csv)?$/);
    expect(more).toEqual([]);
    expect(await target.keys('d/other')).toEqual(['d/other']);
    await succeed(jobTo('append'));
    expect(await names()).toHaveLength(2);
    const refused = await runText(jobTo('nonConflict'));
    expect([refused.run.state, refused.run.failure?.code]).toEqual(['FAILED', 'DST-4006']);
    expect(await names()).toHaveLength(2);
  });

  // DataX lets all tasks add parts to one upload in the order in which they happen to come. Workers that may die and
  // come twice cannot do that exactly once; the manifest says which objects belong together.
  it('case 76: a single object for all shards is refused by its name, with any mode', async () => {
    for (const writeMode of ['truncate', 'append']) {
      expect(await faultsOf(jobTo(writeMode, { writeSingleObject: true }))).toMatchObject([
        { path: 'steps[1].parameter.writeSingleObject', message: expect.stringContaining('exactly once') },
      ]);
    }
    await succeed(jobTo('truncate', { writeSingleObject: false, header: ['x', 'y'] }));
    expect(await rows()).toEqual(['x,y', 'a,b', 'a,b']);
  });

  // DataX also finds a/.csv: it makes `.?` of the question mark.
  it('case 77: a question mark stands for exactly one character', async () => {
    for (const name of ['1', '', '12']) await target.put(`a/${name}.csv`, `${name},x\n`);
    const { endpoint, region, bucket, accessId, accessKey } = target.params;
    const connection = { endpoint, region, bucket, accessId, accessKey };
    await succeed(
      jobTo('truncate', {}, ['oss', { ...connection, object: 'a/?.csv', fileFormat: 'csv', column: ['*'] }]),
    );
    expect(await rows()).toEqual(['1,x']);
  });
});

describe('generated rows', () => {
  it('case 79: each channel makes as many as one slice has', async () => {
    const reader: Step = ['stream', { column: [{ value: 'x' }], sliceRecordCount: 10 }];
    const { counters, run } = await succeed(v2Job(reader, ANY_WRITER, { speed: { concurrent: 3 } }));
    expect([run.plan?.shardCount, counters.read, counters.written]).toEqual([3, 30, 30]);
  });
});
