import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zeroCounters } from '../../../core/run/counters.ts';
import { judgeAtEnd, judgeSoFar } from '../../../core/run/dirty-limit.ts';

const records = (limit: number) => ({ kind: 'records', limit }) as const;
const share = (limit: number) => ({ kind: 'share', limit }) as const;
const counted = (read: number, dirty: number) => ({ ...zeroCounters, read, written: read - dirty, dirty });

describe('a number of dirty rows', () => {
  it('is allowed up to the limit and fails the run from the next row on, meanwhile and at the end', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), (limit, dirty) => {
        const fails = dirty > limit;
        expect(judgeSoFar(records(limit), dirty)?.code).toBe(fails ? 'RUN-5001' : undefined);
        expect(judgeAtEnd(records(limit), counted(1000, dirty))).toEqual(judgeSoFar(records(limit), dirty));
      }),
    );
  });

  it('is said together with the limit', () => {
    expect(judgeSoFar(records(2), 3)).toEqual({ code: 'RUN-5001', message: '3 dirty rows, 2 allowed' });
  });
});

describe('a share of dirty rows', () => {
  it('is never judged before everything is counted', () => {
    expect(judgeSoFar(share(0), 1_000_000)).toBeUndefined();
  });

  it('is allowed up to the limit, exactly', () => {
    expect(judgeAtEnd(share(0.25), counted(4, 1))).toBeUndefined();
    expect(judgeAtEnd(share(0.25), counted(8, 3))).toEqual({
      code: 'RUN-5001',
      message: '3 of 8 rows are dirty, a share of 0.25 is allowed',
    });
    expect(judgeAtEnd(share(0), counted(1_000_000, 1))?.code).toBe('RUN-5001');
    expect(judgeAtEnd(share(0), counted(1_000_000, 0))).toBeUndefined();
    expect(judgeAtEnd(share(1), counted(5, 5))).toBeUndefined();
  });

  it('of nothing is within any limit', () => {
    expect(judgeAtEnd(share(0), counted(0, 0))).toBeUndefined();
  });
});
