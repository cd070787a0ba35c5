import { expect, test } from 'vitest';
import { zeroCounters } from '../../core/run/index.ts';
import type { Exported } from './export.ts';
import type { ReadBack } from './read-back.ts';
import { faultsOf } from './verdict.ts';

const ROWS = 100;
const counters = { ...zeroCounters, read: ROWS, written: ROWS };
const exact: ReadBack = {
  objects: 9,
  rows: ROWS,
  duplicates: 0,
  missing: 0,
  strangers: 0,
  different: 0,
  firstDifference: undefined,
  firstLines: [],
};

/** As much of a run and its sabotage as the verdict looks at. */
function exported(change: { run?: object; kills?: number; recovery?: boolean } = {}) {
  const run = { state: 'SUCCEEDED', receipt: { counters }, ...change.run };
  const kills = Array.from({ length: change.kills ?? 1 }, () => ({ pid: 1, atMs: 0 }));
  const recovery = change.recovery === false ? undefined : {};
  return { end: { run }, sabotage: { kills, recovery } } as unknown as Pick<Exported, 'end' | 'sabotage'>;
}

test('all is well', () => {
  expect(faultsOf(exported(), exact, ROWS)).toEqual([]);
});

test.each([
  [
    'a failed run',
    { run: { state: 'FAILED', failure: { code: 'RUN-5002', message: 'why' } } },
    exact,
    /FAILED: RUN-5002 why/,
  ],
  ['a run without end', { run: { state: 'RUNNING' } }, undefined, /still RUNNING/],
  ['no receipt', { run: { receipt: undefined } }, exact, /ended as SUCCEEDED/],
  [
    'a row not read',
    { run: { receipt: { counters: { ...counters, read: 99 } } } },
    exact,
    /receipt says 99 read/,
  ],
  [
    'a row not written',
    { run: { receipt: { counters: { ...counters, written: 99 } } } },
    exact,
    /99 written/,
  ],
  ['a dirty row', { run: { receipt: { counters: { ...counters, dirty: 1 } } } }, exact, /1 dirty/],
  ['nothing read back', {}, undefined, /not read back/],
  ['a missing row', {}, { ...exact, rows: 99, missing: 1 }, /1 rows missing/],
  ['a row twice', {}, { ...exact, rows: 101, duplicates: 1 }, /1 twice/],
  [
    'another value',
    {},
    { ...exact, different: 1, firstDifference: 'order 7' },
    /1 different.*first: order 7/,
  ],
  ['an unknown row', {}, { ...exact, rows: 101, strangers: 1 }, /1 unknown/],
  ['no kill', { kills: 0, recovery: false }, exact, /No worker could be killed/],
  ['no recovery', { recovery: false }, exact, /No shard had to be taken over/],
] as const)('%s is a fault', (_name, change, found, expected) => {
  const faults = faultsOf(exported(change), found, ROWS);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(expected);
});
