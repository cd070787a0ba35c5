import fc from 'fast-check';
import pc from 'picocolors';
import { describe, expect, test } from 'vitest';
import { LiveDisplay } from '../../../cli/progress/display.ts';
import { groupCells, renderFrame, renderHeartbeat } from '../../../cli/progress/frame.ts';
import { type CellState, cellOf, ProgressModel, type ProgressView } from '../../../cli/progress/view.ts';
import { visibleWidth } from '../../../cli/table.ts';
import { defaultRunOptions, type RunRow, type ShardRow, zeroCounters } from '../../../core/run/index.ts';
import { newShard } from '../../../core/run/shards.ts';
import { memoryJob } from '../../support/engine-harness.ts';

const plain = pc.createColors(false);
const colored = pc.createColors(true);

const view: ProgressView = {
  name: 'orders/20250315T160000Z',
  state: 'RUNNING',
  stopping: false,
  cells: ['done', 'done', 'moving', 'faulty', 'waiting'],
  done: 2,
  rows: 1_234_567,
  bytes: 50_000_000,
  dirty: 3,
  elapsedMs: 12_000,
  rowsPerSecond: 102_880,
  bytesPerSecond: 4_166_666,
  etaMs: 18_000,
};

describe('frames', () => {
  test('a wide terminal', () => {
    expect(renderFrame(view, 100, plain)).toEqual([
      'orders/20250315T160000Z  running  00:12',
      '  ■■▣▲·',
      '  shards 2/5 · 1,234,567 rows · 103k rows/s · 4.0 MiB/s · 3 dirty · ETA 00:18',
    ]);
  });

  test('a narrow terminal', () => {
    expect(renderFrame(view, 38, plain)).toEqual([
      'orders/20250315T1600…  running  00:12',
      '  ■■▣▲·',
      '  shards 2/5 · 1,234,567 rows',
      '  103k rows/s · 4.0 MiB/s · 3 dirty',
      '  ETA 00:18',
    ]);
  });

  test('planning, stopping, and no estimate', () => {
    const { etaMs: _eta, ...unknown } = view;
    expect(renderFrame({ ...unknown, cells: [], done: 0, state: 'PLANNING' }, 100, plain)[0]).toContain(
      'planning',
    );
    expect(renderFrame({ ...unknown, stopping: true }, 100, plain)[0]).toContain('stopping');
    expect(renderFrame(unknown, 100, plain).join('\n')).not.toContain('ETA');
  });

  test('the grid tells states by colour', () => {
    const grid = renderFrame(view, 100, colored)[1] ?? '';
    expect(grid).toContain(colored.green('■'));
    expect(grid).toContain(colored.red('▲'));
  });

  test('no line is wider than the terminal, whatever there is to show', () => {
    const cells = fc.array(fc.constantFrom<CellState>('waiting', 'moving', 'done', 'faulty'), {
      maxLength: 3_000,
    });
    fc.assert(
      fc.property(
        cells,
        fc.integer({ min: 24, max: 200 }),
        fc.string({ maxLength: 120 }),
        (states, width, name) => {
          const frame = renderFrame({ ...view, cells: states, name }, width, colored);
          for (const line of frame) expect(visibleWidth(line)).toBeLessThan(width);
          expect(frame.length).toBeLessThan(14);
        },
      ),
    );
  });

  test('shards that share a cell show the worst of them', () => {
    expect(groupCells(['done', 'done', 'moving', 'done', 'faulty', 'moving', 'waiting', 'done'], 4)).toEqual([
      'done',
      'moving',
      'faulty',
      'waiting',
    ]);
  });

  test('the heartbeat is one plain line', () => {
    expect(renderHeartbeat(view)).toBe(
      'orders/20250315T160000Z running 00:12: shards 2/5, 1,234,567 rows, 103k rows/s, 47.7 MiB, 4.0 MiB/s, 3 dirty, ETA 00:18',
    );
  });
});

describe('live display', () => {
  const setUp = (width = 60) => {
    const written: string[] = [];
    const clock = { ms: 0 };
    const out = { raw: (text: string) => written.push(text), width, colors: plain };
    return { written, clock, out, display: new LiveDisplay(out, () => clock.ms) };
  };

  test('redraws over the last frame, at most eight times a second', () => {
    const { written, clock, display } = setUp();
    display.show(view);
    clock.ms = 100;
    display.show(view);
    expect(written).toHaveLength(1);
    clock.ms = 125;
    display.show(view);
    expect(written).toHaveLength(2);
    const lines = renderFrame(view, 60, plain).length;
    expect(written[0]?.startsWith('\u001b[?25l')).toBe(true);
    expect(written[1]?.startsWith(`\u001b[${lines}A\r\u001b[J`)).toBe(true);
  });

  test('leaves nothing behind and gives the cursor back, once', () => {
    const { written, display } = setUp();
    display.show(view);
    display.close();
    display.close();
    expect(written).toHaveLength(2);
    expect(written[1]?.endsWith('\u001b[J\u001b[?25h')).toBe(true);
  });

  test('a terminal made narrower has wrapped the lines', () => {
    const { written, clock, out, display } = setUp(100);
    display.show(view);
    out.width = 20;
    clock.ms = 1_000;
    display.show(view);
    const drawn = renderFrame(view, 100, plain).reduce((sum, line) => sum + Math.ceil(line.length / 20), 0);
    expect(written[1]?.startsWith(`\u001b[${drawn}A`)).toBe(true);
  });

  test('closing what never drew writes nothing', () => {
    const { written, display } = setUp();
    display.close();
    expect(written).toEqual([]);
  });
});

describe('progress', () => {
  const run: RunRow = {
    jobId: 'j',
    runId: 'r',
    state: 'RUNNING',
    job: memoryJob(),
    options: defaultRunOptions,
    scheduledMs: 0,
    createdMs: 0,
    stop: 'none',
    drivenUntilMs: 0,
    driveAttempts: 0,
    discarded: false,
  };
  const shard = (n: number, read: number, more: Partial<ShardRow> = {}): ShardRow => ({
    ...newShard({ shardId: String(n).padStart(5, '0'), range: '{}', estimatedRows: 1_000 }),
    counters: { ...zeroCounters, read, written: read },
    ...more,
  });

  test('speed and remaining time follow from two looks', () => {
    const model = new ProgressModel();
    model.view({ run, shards: [shard(0, 0), shard(1, 0)], atMs: 0 }, undefined, false);
    const next = model.view({ run, shards: [shard(0, 300), shard(1, 100)], atMs: 2_000 }, undefined, false);
    expect(next).toMatchObject({ rows: 400, rowsPerSecond: 200, elapsedMs: 2_000, etaMs: 8_000 });
  });

  test('what flows here may be ahead of the checkpoints, and rows never fall', () => {
    const model = new ProgressModel();
    const ahead = model.view({ run, shards: [shard(0, 10)], atMs: 0 }, { rows: 500, bytes: 5 }, false);
    const behind = model.view({ run, shards: [shard(0, 20)], atMs: 1 }, { rows: 400, bytes: 4 }, false);
    expect([ahead.rows, behind.rows]).toEqual([500, 500]);
  });

  test('without estimates the share of done shards tells the time', () => {
    const model = new ProgressModel();
    const bare = [0, 1, 2, 3].map((n) => {
      const { estimatedRows: _rows, ...rest } = shard(n, 10, n === 0 ? { state: 'DONE' } : {});
      return rest;
    });
    model.view({ run, shards: bare, atMs: 0 }, undefined, false);
    expect(model.view({ run, shards: bare, atMs: 1_000 }, undefined, false).etaMs).toBe(3_000);
  });

  test('cells', () => {
    const fault = { code: 'SRC-2001' as const, message: 'x' };
    expect([
      cellOf(shard(0, 0)),
      cellOf(shard(0, 0, { state: 'LEASED' })),
      cellOf(shard(0, 0, { state: 'DONE' })),
      cellOf(shard(0, 0, { fault })),
    ]).toEqual(['waiting', 'moving', 'done', 'faulty']);
  });
});
