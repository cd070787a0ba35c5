import { describe, expect, test } from 'vitest';
import { ExitCode, exitCodeOf, exitCodeOfFailure } from '../../../cli/exit-codes.ts';
import { type Code, codes, type FaultKind, SyncError } from '../../../core/errors/index.ts';

const KINDS: readonly FaultKind[] = [
  'config',
  'auth',
  'throttled',
  'transient',
  'unknown',
  'conflict',
  'data',
  'lost',
  'bug',
];
const PUBLISHED: ReadonlySet<number> = new Set(Object.values(ExitCode));

describe('exit codes', () => {
  test('the published numbers never change', () => {
    expect(ExitCode).toEqual({
      ok: 0,
      failed: 1,
      usage: 2,
      connection: 3,
      dirtyLimit: 4,
      mismatch: 5,
      stopped: 6,
      quota: 7,
      interrupted: 130,
      terminated: 143,
    });
  });

  test('every code of every kind has one, and none of them says that all is well', () => {
    for (const code of Object.keys(codes) as Code[]) {
      for (const kind of KINDS) {
        const exitCode = exitCodeOf(new SyncError(code, kind, 'x'));
        expect(PUBLISHED.has(exitCode) && exitCode !== 0, `${code} ${kind}`).toBe(true);
      }
      expect(PUBLISHED.has(exitCodeOfFailure(code)) && exitCodeOfFailure(code) !== 0, code).toBe(true);
    }
  });

  test.each<[Code, FaultKind, number]>([
    ['CLI-0001', 'config', 2],
    ['CLI-0004', 'config', 3],
    ['JOB-1004', 'config', 2],
    ['SRC-2001', 'transient', 3],
    ['SRC-2002', 'auth', 3],
    ['SRC-2003', 'throttled', 7],
    ['DST-4002', 'auth', 3],
    ['DST-4004', 'config', 2],
    ['DST-4005', 'data', 5],
    ['RUN-5001', 'config', 4],
    ['RUN-5003', 'config', 2],
    ['RUN-5007', 'auth', 3],
    ['RUN-5010', 'throttled', 3],
    ['SEC-8001', 'config', 2],
    ['BUG-9001', 'bug', 1],
  ])('%s %s → %i', (code, kind, expected) => {
    expect(exitCodeOf(new SyncError(code, kind, 'x'))).toBe(expected);
  });

  test.each<[Code, number]>([
    ['RUN-5001', 4],
    ['RUN-5002', 1],
    ['SRC-2001', 3],
    ['SRC-2003', 7],
    ['JOB-1026', 2],
    ['BUG-9001', 1],
  ])('a run that failed with %s → %i', (code, expected) => {
    expect(exitCodeOfFailure(code)).toBe(expected);
  });
});
