import type { ErrorLimitModel } from '../job/model.ts';
import type { Counters } from './counters.ts';
import type { Failure } from './model.ts';

/** While the run goes on: only a fixed number of rows can be exceeded for certain. */
export function judgeSoFar(limit: ErrorLimitModel, dirty: number): Failure | undefined {
  return limit.kind === 'records' && dirty > limit.limit
    ? excess(`${dirty} dirty rows, ${limit.limit} allowed`)
    : undefined;
}

/** With everything counted. A share is of the rows read; nothing read is within any share. */
export function judgeAtEnd(limit: ErrorLimitModel, counters: Counters): Failure | undefined {
  if (limit.kind === 'records') return judgeSoFar(limit, counters.dirty);
  if (counters.read === 0 || counters.dirty / counters.read <= limit.limit) return undefined;
  return excess(`${counters.dirty} of ${counters.read} rows are dirty, a share of ${limit.limit} is allowed`);
}

const excess = (message: string): Failure => ({ code: 'RUN-5001', message });
