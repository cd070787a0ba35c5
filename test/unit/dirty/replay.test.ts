/** The desk over the whole engine in memory: refused, corrected, sent again, and never twice. */
import { describe, expect, it } from 'vitest';
import { type DeskDeps, readDesk } from '../../../core/dirty/desk.ts';
import { withDesk } from '../../../core/dirty/desk-systems.ts';
import { DirtyGroups } from '../../../core/dirty/groups.ts';
import type { DeskRow } from '../../../core/dirty/model.ts';
import {
  additionOf,
  chooseRows,
  freeFailedReplays,
  type Selection,
  stageReplay,
  startReplay,
} from '../../../core/dirty/replay.ts';
import type { JobModel } from '../../../core/job/model.ts';
import { type RunRow, resumeRun, type Systems, sweep } from '../../../core/run/index.ts';
import { createDeskStore, MemoryRowTable } from '../../../core/stores/index.ts';
import { collect } from '../../support/collect.ts';
import { EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import { MemorySystems } from '../../support/memory-systems.ts';

const never = new AbortController().signal;

/** Memory systems that have a desk beside their own source. */
class DeskMemorySystems extends MemorySystems {
  desk: Systems | undefined;

  override openReader(job?: JobModel, signal?: AbortSignal): ReturnType<MemorySystems['openReader']> {
    if (job?.reader.type !== 'desk') return super.openReader();
    if (!this.desk || !signal) throw new Error('no desk yet');
    return this.desk.openReader(job, signal);
  }
}

/** 40 rows in two shards, of which those divisible by 10 are refused. */
async function refusedRun(writerType = 'oss') {
  const systems = new DeskMemorySystems(40, 2, { refuse: (id) => id % 10n === 0n });
  const harness = new EngineHarness(systems);
  const desk: DeskDeps = {
    state: harness.deps.state,
    desk: createDeskStore(new MemoryRowTable(), harness.deps.random),
    systems,
  };
  systems.desk = withDesk(systems, desk);
  const job = memoryJob({ errorLimit: { kind: 'records', limit: 10 } });
  await harness.start({ ...job, writer: { ...job.writer, type: writerType } });
  const run = await harness.settle();
  const deps = { ...harness.deps, ...desk };
  const rows = (): Promise<DeskRow[]> => collect(readDesk(desk, run));
  const begin = async (selection: Selection, limit = 0) => {
    const chosen = chooseRows(await rows(), selection, { replayed: 0, incomplete: 0 });
    const changes = { errorLimit: { kind: 'records', limit } } as const;
    return startReplay(deps, run, await stageReplay(deps, run, chosen), {}, changes);
  };
  /** Delivers messages until there are none. */
  const drain = async (ref: { jobId: string; runId: string }): Promise<RunRow> => {
    while (await harness.deliver());
    return harness.run(ref);
  };
  const replay = async (selection: Selection, limit = 0) => drain(await begin(selection, limit));
  return { systems, harness, deps, run, rows, begin, drain, replay };
}

/** What is chosen, and what stays behind. */
async function choose(desk: readonly DeskRow[], selection: Selection) {
  const tally = { replayed: 0, incomplete: 0 };
  return { rows: await collect(chooseRows(desk, selection, tally)), ...tally };
}

const standings = (rows: readonly DeskRow[]) => rows.map(({ standing }) => standing);
const setId = (id: number): Selection => ({ settings: new Map([[0, { long: String(id) }]]) });

describe('refused rows', () => {
  it('are kept whole, with place, key and reason', async () => {
    const { rows } = await refusedRun();
    expect((await rows()).map(({ place, refused }) => [place, refused.key, refused.cells])).toEqual([
      ['00000/0', 'id=0', [{ long: '0' }]],
      ['00000/1', 'id=10', [{ long: '10' }]],
      ['00001/0', 'id=20', [{ long: '20' }]],
      ['00001/1', 'id=30', [{ long: '30' }]],
    ]);
  });

  it('are grouped by reason, the largest group first', async () => {
    const [row] = await (await refusedRun()).rows();
    const of = (column: string, code: 'CNV-3001' | 'CNV-3002', standing: DeskRow['standing']): DeskRow => ({
      ...row!,
      standing,
      refused: { ...row!.refused, column, code },
    });
    const groups = new DirtyGroups(1);
    for (const one of [
      of('a', 'CNV-3001', 'open'),
      of('b', 'CNV-3002', 'open'),
      of('b', 'CNV-3002', 'replayed'),
    ])
      groups.add(one);
    expect(
      groups
        .list()
        .map(({ code, rows, open, replayed, samples }) => [code, rows, open, replayed, samples.length]),
    ).toEqual([
      ['CNV-3002', 2, 1, 1, 1],
      ['CNV-3001', 1, 1, 0, 1],
    ]);
  });

  it('that an attempt stored and did not count are no part of the desk', async () => {
    const { deps, run, rows } = await refusedRun();
    const [first] = await rows();
    await deps.state.putDirtyRows(run, [{ ...first!.refused, ordinal: 7 }]);
    expect(await rows()).toHaveLength(4);
  });
});

describe('a replay', () => {
  it('sends corrected rows through the writer once, as a run with a receipt', async () => {
    const { replay, rows, systems } = await refusedRun();
    const end = await replay(setId(7));
    expect(end).toMatchObject({
      state: 'SUCCEEDED',
      receipt: { counters: { read: 4, written: 4, dirty: 0 } },
    });
    expect(systems.visible).toEqual([7n, 7n, 7n, 7n]);
    expect(standings(await rows())).toEqual(['replayed', 'replayed', 'replayed', 'replayed']);
    expect(await choose(await rows(), setId(8))).toEqual({ rows: [], replayed: 4, incomplete: 0 });
  });

  it('leaves rows open that are refused again', async () => {
    const { replay, rows, systems } = await refusedRun();
    const corrections = new Map([
      ['00000/1', [{ long: '11' }]],
      ['00001/1', [{ long: '50' }]],
    ]);
    expect((await replay({ corrections }, 1)).receipt?.counters).toMatchObject({ written: 1, dirty: 1 });
    expect(systems.visible).toEqual([11n]);
    expect(standings(await rows())).toEqual(['open', 'replayed', 'open', 'open']);
    expect((await rows())[3]?.refusedAgain).toMatchObject({ code: 'CNV-3001' });
    await replay(setId(3));
    expect(systems.visible).toEqual([3n, 3n, 3n]);
    expect(standings(await rows())).not.toContain('open');
  });

  it('that fails shows nothing; its rows can be sent again when it is thrown away, and only then', async () => {
    const { replay, rows, run, deps, systems } = await refusedRun();
    const before = systems.visible;
    const failed = await replay({});
    expect(failed).toMatchObject({ state: 'FAILED', failure: { code: 'RUN-5001' } });
    expect(systems.visible).toEqual(before);
    expect(standings(await rows())).toEqual(['held', 'held', 'held', 'held']);
    const desk = await rows();
    await expect(choose(desk, {})).rejects.toMatchObject({ code: 'RUN-5021' });
    expect(await freeFailedReplays(deps, run, never)).toEqual([failed.runId]);
    await expect(resumeRun(deps, failed)).rejects.toMatchObject({ code: 'RUN-5004' });
    expect((await replay(setId(5))).state).toBe('SUCCEEDED');
  });

  it('into a target that shows rows as they are written keeps them until it is resumed', async () => {
    const { replay, rows, run, deps, drain } = await refusedRun('postgresql');
    const failed = await replay({
      corrections: new Map([
        ['00000/0', [{ long: '1' }]],
        ['00000/1', [{ long: '10' }]],
      ]),
    });
    expect(failed.state).toBe('FAILED');
    expect(await freeFailedReplays(deps, run, never)).toEqual([]);
    const { value, ver } = (await deps.state.runs.get(failed))!;
    const thrownAway = await deps.state.runs.replace(failed, { value, ver }, { ...value, discarded: true });
    expect(standings(await rows())).toEqual(['held', 'held', 'open', 'open']);
    await deps.state.runs.replace(failed, thrownAway!, value);
    const successor = await resumeRun(deps, failed, { errorLimit: { kind: 'records', limit: 5 } });
    expect((await drain(successor)).state).toBe('SUCCEEDED');
    expect(standings(await rows())).toEqual(['replayed', 'open', 'open', 'open']);
  });

  it('that was resumed has sent its rows', async () => {
    const { replay, rows, deps, drain } = await refusedRun();
    const failed = await replay({
      corrections: new Map([
        ['00000/0', [{ long: '1' }]],
        ['00000/1', [{ long: '10' }]],
      ]),
    });
    const successor = await resumeRun(deps, failed, { errorLimit: { kind: 'records', limit: 5 } });
    expect((await drain(successor)).state).toBe('SUCCEEDED');
    expect(standings(await rows())).toEqual(['replayed', 'open', 'open', 'open']);
  });

  it('that fails while committing keeps its rows, whatever becomes of it', async () => {
    const { replay, rows, run, deps, systems } = await refusedRun();
    systems.faults.onCommit = () => {
      throw new Error('broken');
    };
    const failed = await replay(setId(1));
    expect(failed.state).toBe('FAILED');
    expect(await freeFailedReplays(deps, run, never)).toEqual([]);
    await deps.state.runs.replace(failed, (await deps.state.runs.get(failed))!, {
      ...failed,
      discarded: true,
    });
    expect(standings(await rows())).toEqual(['held', 'held', 'held', 'held']);
  });

  it('shares no row with another one: of two at once, one is refused', async () => {
    const { begin, drain, rows, systems } = await refusedRun();
    const both = [await begin(setId(1)), await begin(setId(2))];
    const ends = [];
    for (const ref of both) ends.push(await drain(ref));
    expect(ends.map(({ state }) => state).sort()).toEqual(['FAILED', 'SUCCEEDED']);
    expect(ends.find(({ state }) => state === 'FAILED')?.failure?.code).toBe('RUN-5021');
    expect(systems.visible).toHaveLength(4);
    expect(new Set(systems.visible).size).toBe(1);
    expect(standings(await rows())).toEqual(['replayed', 'replayed', 'replayed', 'replayed']);
  });

  it('takes up where its process died, from rows that are stored', async () => {
    const { begin, harness, systems } = await refusedRun();
    const ref = await begin(setId(9));
    harness.queue.length = 0;
    await harness.settle();
    harness.clock.advance(61_000);
    for (let i = 0; i < 5; i++) {
      await sweep(harness.deps, harness.slice());
      while (await harness.deliver());
    }
    expect((await harness.run(ref)).state).toBe('SUCCEEDED');
    expect(systems.visible).toEqual([9n, 9n, 9n, 9n]);
  });
});

describe('what cannot be replayed', () => {
  it('a run that has not succeeded, a replay, and a target that takes no single rows', async () => {
    const { run, replay } = await refusedRun();
    const failed: RunRow = { ...run, state: 'FAILED', resumedBy: 'run.r1' };
    await expect(additionOf(failed)).rejects.toMatchObject({
      code: 'RUN-5020',
      message: expect.stringContaining('job/run.r1'),
    });
    await expect(additionOf(await replay(setId(1)))).rejects.toThrowError(/a replay itself; replay job\/run/);
    const job = { ...run.job, writer: { ...run.job.writer, type: 'memory' } };
    await expect(additionOf({ ...run, job })).rejects.toThrowError(/writes to memory/);
  });

  it('rows that are not there, and rows that were not kept whole', async () => {
    const { rows } = await refusedRun();
    const desk = await rows();
    await expect(choose(desk, { corrections: new Map([['00009/0', []]]) })).rejects.toMatchObject({
      code: 'CLI-0010',
    });
    const [first] = desk;
    const { cells: _cells, ...refused } = first!.refused;
    expect(await choose([{ ...first!, refused }], {})).toEqual({ rows: [], replayed: 0, incomplete: 1 });
    expect((await choose(desk, { only: 'CNV-3002' })).rows).toEqual([]);
  });

  it('an objects writer adds beside what is there, and never truncates', async () => {
    const { run } = await refusedRun();
    const job: JobModel = {
      ...run.job,
      writer: { type: 'oss', params: { datasource: 'd', object: 'o', writeMode: 'truncate' }, path: 'w' },
    };
    expect(await additionOf({ ...run, job })).toEqual({
      datasource: 'd',
      object: 'o',
      writeMode: 'append',
    });
  });
});
