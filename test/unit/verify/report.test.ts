import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { exitCodeOfVerify, verifyData, verifyLines } from '../../../cli/verify-report.ts';
import type { UnitFinding, VerifyReport } from '../../../core/verify/model.ts';

const plain = pc.createColors(false);
const columns = [
  { name: 'id', type: 'string' as const },
  { name: 'note', type: 'string' as const },
];
const unit = (more: Partial<UnitFinding> = {}): UnitFinding => ({
  shardId: '00003',
  shards: [],
  expectedRows: 10,
  writtenRows: 10,
  targetRows: 10,
  state: 'same',
  differences: [],
  missing: 0,
  extra: 0,
  different: 0,
  unseenBuckets: 0,
  ...more,
});
const report = (more: Partial<VerifyReport> = {}): VerifyReport => ({
  verdict: 'same',
  columns,
  units: [unit()],
  unchecked: [],
  problems: [],
  ...more,
});

describe('the report of a verification', () => {
  it('is short when all is well', () => {
    expect(verifyLines('job/run', report(), plain)).toEqual([
      'job/run  the target holds exactly what the source gives',
      '  10 rows in the target, 10 expected from the source, 10 written by the run',
    ]);
  });

  it('names shards, rows and cells', () => {
    const spoilt = unit({
      state: 'different',
      different: 1,
      missing: 2,
      unseenBuckets: 1,
      differences: [
        {
          kind: 'different',
          row: ['1', 'a'],
          times: 1,
          cells: [{ column: 'note', expected: 'a', found: null }],
        },
        { kind: 'missing', row: ['2', { bytes: '/w==' }], times: 2 },
      ],
    });
    const different = report({
      verdict: 'different',
      units: [unit(), spoilt],
      problems: ['the manifest m is missing'],
      unchecked: ['span'],
    });
    expect(verifyLines('job/run', different, plain)).toEqual([
      'job/run  the target differs from what was written',
      '  20 rows in the target, 20 expected from the source, 20 written by the run',
      '  wrong: the manifest m is missing',
      '  not compared, because the target writes them its own way: span',
      '',
      '  shard  state      target  expected  written  missing  extra  different',
      '  00003  different      10        10       10        2      0          1',
      '',
      '  different in shard 00003: "1", "a"',
      '      note: null instead of "a"',
      '  missing in shard 00003 2 times: "2", {"bytes":"/w=="}',
      '  1 group of rows differ and were too many to be looked into',
    ]);
    expect(verifyData('job/run', different)).toMatchObject({
      verdict: 'different',
      rows: { target: 20, expected: 20, written: 20 },
      unchecked: ['span'],
      units: [{}, { differences: [{ row: { id: '1', note: 'a' } }, { row: { id: '2' } }] }],
    });
  });

  it.each([
    ['same', 0],
    ['different', 5],
    ['source-changed', 1],
  ] as const)('%s ends with code %i', (verdict, code) => {
    expect(exitCodeOfVerify(report({ verdict }))).toBe(code);
  });
});
