/** Cases 15 to 25: how much runs at once, how many dirty rows are allowed, and transformers (docs/conformance-cases.md). */
import { describe, expect, it } from 'vitest';
import { formatBytes } from '../../cli/quantity.ts';
import type { ErrorLimitModel } from '../../core/job/index.ts';
import type { RunRow } from '../../core/run/index.ts';
import { EngineHarness, memoryJob } from '../support/engine-harness.ts';
import { MemorySystems } from '../support/memory-systems.ts';
import { ANY_READER, ANY_WRITER, dataxJob, faultsOf, loadText, succeed } from './jobs.ts';

/** The setting that a job of DataX gets from these words. */
const settingOf = async (setting: object) =>
  (await loadText(dataxJob(ANY_READER, ANY_WRITER, { speed: { channel: 1 }, ...setting }))).job.setting;

/** A run over rows in memory, of which the target refuses those below `dirty`. */
async function runOf(
  { rows, shards, dirty = 0 }: { rows: number; shards: number; dirty?: number },
  setting: Parameters<typeof memoryJob>[0],
): Promise<{ run: RunRow; visible: number }> {
  const systems = new MemorySystems(rows, shards, { refuse: (id) => id < BigInt(dirty) });
  const engine = new EngineHarness(systems);
  await engine.start(memoryJob(setting));
  return { run: await engine.settle(), visible: new Set(systems.visible).size };
}

/** State and number of dirty rows of a run with a limit. */
async function judged(errorLimit: ErrorLimitModel, rows: number, dirty: number): Promise<unknown[]> {
  const { run } = await runOf({ rows, shards: 1, dirty }, { errorLimit });
  return [run.state, run.receipt?.counters.dirty ?? run.failure?.code];
}

describe('what runs at once', () => {
  // DataX cannot limit bytes of a job without a limit of each channel, which its own defaults do not set.
  it('case 15: as many as wanted but no more than shards; a speed must be given, bytes alone are enough', async () => {
    const { run } = await runOf({ rows: 30, shards: 3 }, { speed: { concurrent: 5 } });
    expect([run.plan?.shardCount, run.plan?.channels]).toEqual([3, 3]);
    const [fault] = await faultsOf(dataxJob(ANY_READER, ANY_WRITER, { speed: {} }));
    expect(fault?.path).toBe('job.setting.speed.channel');
    expect((await settingOf({ speed: { byte: 2 * 1024 * 1024 } })).speed).toEqual({ concurrent: 1, mbps: 2 });
  });

  // DataX deals 25 tasks to 3 groups with 4, 4 and 3 channels before it starts, and a slow group keeps its tasks. There
  // are no groups here: each of the 11 channels takes the next shard when it is done with one.
  it('case 16: 11 channels share 25 shards without groups, and the size of groups is ignored with a warning', async () => {
    const { run, visible } = await runOf({ rows: 250, shards: 25 }, { speed: { concurrent: 11 } });
    expect([run.plan?.shardCount, run.plan?.channels, visible]).toEqual([25, 11, 250]);
    const groups = { core: { container: { taskGroup: { channel: 5 } } } };
    const { job, warnings } = await loadText(
      dataxJob(ANY_READER, ANY_WRITER, { speed: { channel: 11 } }, {}, groups),
    );
    expect(job.setting.speed.concurrent).toBe(11);
    expect(warnings.map(({ path }) => path)).toEqual(['core.container.taskGroup.channel']);
  });
});

describe('dirty rows', () => {
  it('case 17: as many as the limit says are allowed, one more fails the run', async () => {
    const records = (limit: number) => ({ kind: 'records', limit }) as const;
    expect(await judged(records(0), 10, 1)).toEqual(['FAILED', 'RUN-5001']);
    expect(await judged(records(1), 10, 1)).toEqual(['SUCCEEDED', 1]);
    expect(await judged(records(1), 10, 2)).toEqual(['FAILED', 'RUN-5001']);
  });

  it('case 18: a share counts at the end and of the rows read; beside a number it has no effect', async () => {
    const { errorLimit } = await settingOf({ errorLimit: { percentage: 0.02 } });
    expect(await judged(errorLimit, 100, 2)).toEqual(['SUCCEEDED', 2]);
    expect(await judged(errorLimit, 100, 3)).toEqual(['FAILED', 'RUN-5001']);
    expect(await judged(errorLimit, 0, 0)).toEqual(['SUCCEEDED', 0]);
    const both = await settingOf({ errorLimit: { record: 10, percentage: 0 } });
    expect(await judged(both.errorLimit, 100, 5)).toEqual(['SUCCEEDED', 5]);
    const setting = { speed: { channel: 1 }, errorLimit: { percentage: 1.5 } };
    const [fault] = await faultsOf(dataxJob(ANY_READER, ANY_WRITER, setting));
    expect(fault?.path).toBe('job.setting.errorLimit.percentage');
  });

  // DataX and DataWorks accept any number when nothing is said, and rows vanish from runs that look well. Here nothing
  // said means none (docs/adr/0004-unset-dirty-limit-is-zero.md); who wants to lose rows gives a number.
  it('case 19: without a limit the first dirty row fails the run; a job may allow any number', async () => {
    for (const errorLimit of [undefined, {}, { record: '' }, { record: null }]) {
      const setting = await settingOf({ ...(errorLimit && { errorLimit }) });
      expect(setting.errorLimit).toEqual({ kind: 'records', limit: 0 });
    }
    expect(await judged({ kind: 'records', limit: 0 }, 2000, 1000)).toEqual(['FAILED', 'RUN-5001']);
    const { errorLimit } = await settingOf({ errorLimit: { percentage: 1 } });
    expect(await judged(errorLimit, 2000, 1000)).toEqual(['SUCCEEDED', 1000]);
  });
});

/** The faults of a DataX job with one transformer. */
async function transformed(name: string, paras: readonly string[]): Promise<unknown[]> {
  const transformer = [{ name, parameter: { columnIndex: 0, paras } }];
  const text = dataxJob(ANY_READER, ANY_WRITER, { speed: { channel: 1 } }, { transformer });
  return (await faultsOf(text)).map(({ code, path }) => [code, path]);
}

const REFUSED = [['JOB-1014', 'job.content[0].transformer']];

// DataX changes and drops rows between reader and writer. There are no transformers here, and a job that has one is
// refused by that name: to pass over it would write rows that should have been dropped or masked.
describe('transformers', () => {
  it('case 20: a filter by pattern is refused, never passed over', async () => {
    expect(await transformed('dx_filter', ['like', 'dataTest'])).toEqual(REFUSED);
    expect(await transformed('dx_filter', ['not like', 'data.*'])).toEqual(REFUSED);
  });

  it('case 21: a filter by comparison is refused, never passed over', async () => {
    expect(await transformed('dx_filter', ['>', '3'])).toEqual(REFUSED);
    expect(await transformed('dx_filter', ['>', 'x'])).toEqual(REFUSED);
  });

  it('case 22: cutting, padding and replacing are refused, never passed over', async () => {
    expect(await transformed('dx_substr', ['2', '5'])).toEqual(REFUSED);
    expect(await transformed('dx_pad', ['l', '2', 'A'])).toEqual(REFUSED);
    expect(await transformed('dx_replace', ['3', '4', '****'])).toEqual(REFUSED);
  });

  it('case 23: digests are refused, never passed over', async () => {
    expect(await transformed('dx_digest', ['md5', 'toLowerCase'])).toEqual(REFUSED);
    expect(await transformed('dx_digest', ['MD5', 'toLowerCase'])).toEqual(REFUSED);
  });

  // DataX leaves filtered rows out of the rows read, so its counts do not add up. Without filters there is no such
  // count: every row read is written or dirty.
  it('case 24: read is written plus dirty, and an empty list of transformers changes nothing', async () => {
    const { run } = await runOf(
      { rows: 100, shards: 3, dirty: 5 },
      { errorLimit: { kind: 'records', limit: 5 } },
    );
    expect(run.receipt?.counters).toMatchObject({ read: 100, dirty: 5, written: 95 });
    const reader = ['stream', { column: [{ value: 'x' }], sliceRecordCount: 100 }] as const;
    const { counters } = await succeed(
      dataxJob(reader, ANY_WRITER, { speed: { channel: 1 } }, { transformer: [] }),
    );
    expect(counters).toMatchObject({ read: 100, dirty: 0, written: 100 });
  });
});

describe('amounts for people', () => {
  // DataX writes 1.50KB for 1,536 bytes. The units here are named for what they are, multiples of 1,024.
  it('case 25: bytes are shown in units of 1,024', () => {
    expect([formatBytes(1536), formatBytes(1023)]).toEqual(['1.5 KiB', '1023 B']);
  });
});
