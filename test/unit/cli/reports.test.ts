import pc from 'picocolors';
import { describe, expect, test } from 'vitest';
import { framedFault, plainFault, syncErrorLines } from '../../../cli/fault-report.ts';
import { commandLine, nextSteps, quoteWord, withNames } from '../../../cli/next-step.ts';
import { estimatePlan, type PlanView, planData, planLines } from '../../../cli/plan-report.ts';
import { describeRange } from '../../../cli/range-words.ts';
import { exitCodeOfRun, reportLines } from '../../../cli/run-report.ts';
import { type ConfigFault, SyncError } from '../../../core/errors/index.ts';
import { defaultRunOptions, type Receipt, type RunRow, zeroCounters } from '../../../core/run/index.ts';
import { memoryJob } from '../../support/engine-harness.ts';

const plain = pc.createColors(false);
const here = { options: { local: true } };

const run: RunRow = {
  jobId: 'orders',
  runId: 'r1',
  state: 'RUNNING',
  job: memoryJob(),
  options: defaultRunOptions,
  scheduledMs: 0,
  createdMs: 1_000,
  stop: 'none',
  drivenUntilMs: 0,
  driveAttempts: 0,
  discarded: false,
};
const failed = (code: 'RUN-5001' | 'SRC-2001', more: Partial<RunRow> = {}): RunRow => ({
  ...run,
  state: 'FAILED',
  endedMs: 2_000,
  failure: { code, message: 'x' },
  ...more,
});

describe('faults', () => {
  const fault: ConfigFault = {
    file: 'jobs/a.json',
    line: 12,
    column: 9,
    path: 'steps[0].parameter.splitpk',
    code: 'JOB-1004',
    message: 'unknown key `splitpk`',
    hint: 'did you mean `splitPk`?',
  };

  test('one line that editors understand', () => {
    expect(plainFault(fault, 'error')).toEqual([
      'jobs/a.json:12:9  steps[0].parameter.splitpk  JOB-1004  unknown key `splitpk`',
      '    hint: did you mean `splitPk`?',
    ]);
    const { file: _file, line: _line, column: _column, hint: _hint, ...nowhere } = fault;
    expect(plainFault(nowhere, 'warning')).toEqual([
      'steps[0].parameter.splitpk  JOB-1004  warning: unknown key `splitpk`',
    ]);
  });

  test('with the line and a caret below the word', () => {
    expect(framedFault(fault, 'error', '\t\t\t\t\t\t\t\t"splitpk": "id",', plain)).toEqual([
      'error[JOB-1004]: unknown key `splitpk`',
      '  --> jobs/a.json:12:9  steps[0].parameter.splitpk',
      '   |',
      '12 |         "splitpk": "id",',
      '   |         ^^^^^^^^^',
      '   = help: did you mean `splitPk`?',
      '',
    ]);
  });

  test('a long line is cut around the column', () => {
    const lines = framedFault(
      { ...fault, column: 501 },
      'error',
      `${' '.repeat(500)}"x"${' '.repeat(500)}`,
      plain,
    );
    expect(lines[4]?.indexOf('^')).toBe(lines[3]?.indexOf('"x"'));
    expect(lines[3]?.length).toBeLessThan(120);
  });

  test('a fault without a file: what, where, why, and the next command', () => {
    const error = new SyncError('RUN-5002', 'transient', 'it broke', { shardId: '00012' });
    const lines = syncErrorLines(error, { RUN: 'orders/r1', JOB: undefined, NAME: undefined }, plain);
    expect(lines[0]).toBe('error[RUN-5002]: it broke');
    expect(lines[1]).toBe('  where  shardId 00012');
    expect(lines.at(-1)).toContain('`millrace show orders/r1`');
  });
});

describe('next steps', () => {
  test('the command means the same project and place', () => {
    const tail = { options: { local: true, project: 'my dir/p.json' }, place: 'functions' } as const;
    expect(commandLine('resume a/b', tail)).toBe(
      "millrace resume a/b --project 'my dir/p.json' --local --on functions",
    );
    expect(quoteWord("it's")).toBe(`'it'\\''s'`);
  });

  test.each<[string, RunRow, RegExp | undefined]>([
    ['paused', { ...run, stop: 'pause' }, /^millrace resume orders\/r1 --local$/],
    ['running', run, /^millrace show orders\/r1 --local$/],
    ['dirty', failed('RUN-5001'), /^millrace dirty show orders\/r1 --local$/],
    ['failed', failed('SRC-2001'), /millrace conn test/],
    ['resumed', failed('SRC-2001', { resumedBy: 'r1.r1' }), /goes on as orders\/r1\.r1/],
    ['discarded', failed('SRC-2001', { discarded: true }), /start a new run/],
    ['succeeded', { ...run, state: 'SUCCEEDED' }, undefined],
  ])('%s', (_name, row, expected) => {
    const [first] = nextSteps(row, here);
    if (expected === undefined) expect(first).toBeUndefined();
    else expect(first).toMatch(expected);
  });

  test('placeholders are whole words', () => {
    expect(withNames('RUN RUNNING JOB', { RUN: 'x' })).toBe('x RUNNING JOB');
  });

  test.each<[RunRow, number]>([
    [{ ...run, state: 'SUCCEEDED', endedMs: 1 }, 0],
    [{ ...run, stop: 'pause' }, 6],
    [failed('RUN-5001'), 4],
    [failed('SRC-2001'), 3],
    [{ ...run, state: 'CANCELED', endedMs: 1 }, 1],
    // A run that ended while it was asked to stop has ended.
    [{ ...run, state: 'SUCCEEDED', stop: 'pause', endedMs: 1 }, 0],
  ])('exit code %#', (row, expected) => expect(exitCodeOfRun(row)).toBe(expected));
});

describe('receipt', () => {
  test('in plain words', () => {
    const receipt: Receipt = {
      counters: { ...zeroCounters, read: 2_000_000, written: 1_999_999, dirty: 1, bytes: 10 * 1024 * 1024 },
      shards: 4,
      location: 'oss://lake/orders',
      manifest: 'oss://lake/manifest.json',
      objects: 4,
      bytesWritten: 5 * 1024 * 1024,
      outputsHash: 'h',
    };
    const lines = reportLines(
      { run: { ...run, state: 'SUCCEEDED', endedMs: 11_000, receipt }, shards: [] },
      plain,
    );
    expect(lines).toEqual([
      'orders/r1  SUCCEEDED after 10.0 s',
      '  rows      2,000,000 read, 1,999,999 written, 1 dirty',
      '  speed     200k rows/s, 1.0 MiB/s, from the first message to the commit',
      '  read      10.0 MiB of cells in 4 shards',
      '  written   5.0 MiB in 4 objects',
      '  location  oss://lake/orders',
      '  manifest  oss://lake/manifest.json',
      '  checksum  00000000000000000000000000000000 of the rows read, in any order',
    ]);
  });
});

describe('plan', () => {
  const shard = (n: number, more = {}) => ({ shardId: `0000${n}`, range: '{"v":1,"rows":10}', ...more });
  const view = (shards: PlanView['read']['shards'], setting = {}): PlanView => ({
    job: memoryJob(setting),
    delivery: 'atomic',
    read: { columns: [{ name: 'id', type: 'long' }], shards, notes: [], sourceTypes: ['INTEGER'] },
    target: {
      location: 'oss://lake/orders',
      columns: [{ name: 'id', type: 'int', lossy: true, note: 'narrower' }],
      notes: [{ level: 'warning', message: 'older objects are deleted' }],
    },
  });

  test('estimates need every shard to have one', () => {
    expect(estimatePlan(view([shard(0, { estimatedRows: 5 }), shard(1)]))).toEqual({
      channels: 2,
      invocations: 4,
    });
    const both = [shard(0, { estimatedRows: 400_000 }), shard(1, { estimatedRows: 400_000 })];
    expect(estimatePlan(view(both))).toMatchObject({ rows: 800_000, timeMs: 10_000, invocations: 4 });
  });

  test('limits of the job make it slower, and long workers hand over', () => {
    const mib = 1024 * 1024;
    const limited = view([shard(0, { estimatedBytes: 1_200 * mib })], { speed: { concurrent: 1, mbps: 1 } });
    expect(estimatePlan(limited)).toMatchObject({ timeMs: 1_200_000, invocations: 2 + 3 });
    const rows = view([shard(0, { estimatedRows: 1_000 })], {
      speed: { concurrent: 1, recordsPerSecond: 10 },
    });
    expect(estimatePlan(rows).timeMs).toBe(100_000);
  });

  test('lossy conversions, notes and the first ranges are shown', () => {
    const many = Array.from({ length: 8 }, (_, n) => shard(n));
    const text = planLines(view(many), plain).join('\n');
    expect(text).toMatch(/id {6}INTEGER {2}long {7}int {5}lossy {2}narrower/);
    expect(text).toContain('warning  older objects are deleted');
    expect(text).toContain('… and 3 more shards');
    expect(text).toContain('size not known');
    expect(planData(view(many)).columns).toEqual([
      { name: 'id', source: 'INTEGER', type: 'long', target: 'int', lossy: true, note: 'narrower' },
    ]);
  });

  test.each([
    [
      '{"v":1,"direction":"FORWARD","begin":[{"type":"INF_MIN"},{"type":"INT","value":"7"}],"end":[{"type":"STRING","value":"k"},{"type":"INF_MAX"}]}',
      'from (-∞, 7) up to ("k", +∞)',
    ],
    ['{"v":1,"direction":"BACKWARD","begin":[],"end":[]}', 'from () up to (), backwards'],
    ['{"v":1,"ordinal":3,"rows":10}', 'ordinal 3, rows 10'],
    ['not json', 'not json'],
    ['17', '17'],
    [
      '{"v":1,"connection":0,"table":"orders","by":["id"],"order":["id"],"columns":"x","lower":["10"],"upper":["20"]}',
      'orders, 10 ≤ id < 20',
    ],
    [
      '{"v":1,"connection":0,"table":"t","by":["a","b"],"order":["a","b"],"columns":"x","upper":["1","x"]}',
      't, (a, b) < (1, x)',
    ],
    ['{"v":1,"connection":0,"table":"t","by":[],"order":[],"columns":"x"}', 't'],
    [
      '{"v":1,"connection":0,"table":"t","by":["a"],"order":["a"],"columns":"x","isNull":true}',
      't, a is null',
    ],
    ['{"v":1,"connection":0,"query":1,"by":[],"order":[],"columns":"x"}', 'query 2'],
  ])('range %s', (range, expected) => expect(describeRange(range)).toBe(expected));
});
