import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPoint, parsePoint } from '../../support/crash-point.ts';
import {
  type CalmCalls,
  differences,
  formatSweepPoint,
  listPoints,
  parseSweepPoint,
  selectPoints,
} from '../../sweep/points.ts';

const made = (...calls: string[]) => calls.map((call) => ({ functionName: 'worker', call }));
const scenario = (name: string, calls: string[], turns: string[] = []): CalmCalls => ({
  scenario: name,
  kills: ['worker'],
  calls: made(...calls),
  turns,
  killed: [],
});
const befores = (scenarios: readonly CalmCalls[]): string[] =>
  listPoints(scenarios)
    .filter(({ moment }) => moment === 'before')
    .map((point) => formatSweepPoint(point).replace('worker:', '').replace(':before', ''));

describe('the points of the sweep', () => {
  it('are both moments of each call of a function that is killed, in order', () => {
    const calls = [...made('GetRow a', 'GetRow a'), { functionName: 'sweeper', call: 'GetRow a' }];
    const points = listPoints([{ ...scenario('plain', []), calls }]);
    expect(points.map(formatSweepPoint)).toEqual([
      'plain/worker:GetRow a:1:before',
      'plain/worker:GetRow a:1:after',
      'plain/worker:GetRow a:2:before',
      'plain/worker:GetRow a:2:after',
    ]);
  });

  it('are, of a later scenario, its writes from where it is another one, and reads that are new', () => {
    const plain = scenario('plain', ['PutRow a', 'GetRow a', 'PutRow b', 'PutRow c']);
    const slow = scenario(
      'slow',
      ['PutRow a', 'GetRow a', 'PutRow b', 'PutRow c', 'GetRow a'],
      ['worker:PutRow b:1'],
    );
    expect(befores([plain, slow]).slice(4)).toEqual([
      'slow/PutRow b:1',
      'slow/PutRow c:1',
      'slow/GetRow a:2',
    ]);
  });

  it('are, of a scenario that is another one from the start, all of its writes', () => {
    const plain = scenario('plain', ['PutRow a', 'GetRow a']);
    const dirty = scenario('dirty', ['PutRow a', 'GetRow a', 'PutRow d']);
    expect(befores([plain, dirty]).slice(2)).toEqual(['dirty/PutRow a:1', 'dirty/PutRow d:1']);
  });
});

describe('a scenario with a crash of its own', () => {
  it('has no points at that call, which is never performed', () => {
    const used = { ...scenario('used up', ['PutRow a', 'PutRow b']), killed: ['worker:PutRow a:1'] };
    expect(befores([used])).toEqual(['used up/PutRow b:1']);
  });
});

describe('a selection of points', () => {
  const points = listPoints([scenario('plain', ['a', 'b', 'c', 'd'])]);

  it('takes calls by their place', () => {
    expect(selectPoints(points, { from: 2, to: 2 }).map(formatSweepPoint)).toEqual([
      'plain/worker:b:1:before',
      'plain/worker:b:1:after',
    ]);
  });

  it('takes calls of some functions', () => {
    expect(selectPoints(points, { functions: ['sweeper'] })).toEqual([]);
    expect(selectPoints(points, { functions: ['worker'] })).toEqual(points);
  });

  it('takes every point once when the offsets of a stride are taken together', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (every) => {
        const slices = Array.from({ length: every }, (_, offset) => selectPoints(points, { every, offset }));
        expect(slices.flat().map(formatSweepPoint).toSorted()).toEqual(
          points.map(formatSweepPoint).toSorted(),
        );
      }),
    );
  });
});

describe('two runs of a scenario', () => {
  it('are the same when the same calls came in another order', () => {
    expect(differences(made('a', 'b', 'a'), made('a', 'a', 'b'))).toEqual([]);
  });

  it('differ by each call that only one of them made', () => {
    expect(differences(made('a', 'b'), made('a', 'a'))).toEqual(['worker:b:1', 'worker:a:2']);
  });
});

describe('the name of a point', () => {
  const crash = {
    functionName: 'worker',
    call: 'PutRow shards 00000 claim',
    ordinal: 3,
    moment: 'after',
  } as const;

  it('reads back as the point', () => {
    expect(parsePoint(formatPoint(crash))).toEqual(crash);
    const point = { scenario: 'out of time', ...crash };
    expect(parseSweepPoint(formatSweepPoint(point))).toEqual(point);
  });

  it('reads back where the call holds a slash', () => {
    const point = { scenario: 'plain', ...crash, call: 'DeleteRow active export/R' };
    expect(parseSweepPoint(formatSweepPoint(point))).toEqual(point);
  });

  it.each(['', 'worker', 'worker:x:0:before', 'worker:x:1:between', 'worker:x:y:1:after'])(
    'is refused when it is %j',
    (text) => {
      expect(() => parsePoint(text)).toThrow(/not a crash point/);
    },
  );

  it('is refused without a scenario', () => {
    expect(() => parseSweepPoint('worker:x:1:after')).toThrow(/no point of the sweep/);
  });
});
