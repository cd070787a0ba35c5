import { describe, expect, it } from 'vitest';
import { fenceOf, isLater, ledgerKey, rootOf } from '../../../../core/relational/write/fence.ts';

describe('the fence of an attempt', () => {
  it.each([
    ['R', 'R', 0],
    ['R.r1', 'R', 1],
    ['R.r12', 'R', 12],
    ['R.r0', 'R.r0', 0],
    ['R.r01', 'R.r01', 0],
    ['R.rx', 'R.rx', 0],
    ['.r1', '.r1', 0],
  ])('%s belongs to %s, generation %i', (runId, root, generation) => {
    expect(rootOf({ jobId: 'j', runId })).toEqual({ jobId: 'j', runId: root, generation });
  });

  it('is ordered by generation, then by epoch', () => {
    const at = (generation: number, epoch: number) => ({ generation, epoch });
    expect(isLater(at(1, 1), at(0, 9))).toBe(true);
    expect(isLater(at(0, 2), at(0, 1))).toBe(true);
    expect(isLater(at(0, 1), at(0, 1))).toBe(false);
    expect(isLater(at(0, 9), at(1, 1))).toBe(false);
    const task = { jobId: 'j', runId: 'R.r2', shardId: '0', epoch: 3 };
    expect(fenceOf(task, 'n')).toEqual({ generation: 2, epoch: 3, nonce: 'n' });
  });

  it('has one key for a run and its successors, and another for any other run, job or table', () => {
    const key = (jobId: string, runId: string, table: string): string =>
      ledgerKey(rootOf({ jobId, runId }), table);
    expect(key('j', 'R.r3', 't')).toBe(key('j', 'R', 't'));
    const others = [
      key('j', 'R', 't'),
      key('j', 'S', 't'),
      key('k', 'R', 't'),
      key('j', 'R', 'u'),
      key('jR', '', 't'),
    ];
    expect(new Set(others).size).toBe(others.length);
    for (const one of others) expect(one).toMatch(/^[0-9a-f]{64}$/);
  });
});
