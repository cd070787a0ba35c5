import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callOf, formatPoint, parsePoint } from '../../support/crash-point.ts';
import { pointsOf, selectPoints } from '../../sweep/points.ts';

const made = (...calls: string[]) => calls.map((call) => ({ functionName: 'worker', call }));
const names = (points: readonly Parameters<typeof formatPoint>[0][]): string[] => points.map(formatPoint);

describe('the points of a function', () => {
  it('are both moments of each of its calls, in order', () => {
    const calls = [
      ...made('GetRow runs', 'PutRow shards', 'GetRow runs'),
      { functionName: 'sweeper', call: 'x' },
    ];
    expect(names(pointsOf('worker', [calls]))).toEqual([
      'worker:GetRow runs:1:before',
      'worker:GetRow runs:1:after',
      'worker:PutRow shards:1:before',
      'worker:PutRow shards:1:after',
      'worker:GetRow runs:2:before',
      'worker:GetRow runs:2:after',
    ]);
  });

  it('leave out what less than half of the runs do', () => {
    const runs = [made('a', 'b'), made('a', 'a', 'b'), made('b', 'a', 'c')];
    expect(names(pointsOf('worker', runs)).filter((name) => name.endsWith('before'))).toEqual([
      'worker:a:1:before',
      'worker:b:1:before',
    ]);
  });
});

describe('a selection of points', () => {
  const points = pointsOf('worker', [made('a', 'b', 'c', 'd')]);

  it('takes calls by their place', () => {
    expect(names(selectPoints([points], { from: 2, to: 2 }))).toEqual([
      'worker:b:1:before',
      'worker:b:1:after',
    ]);
  });

  it('takes every point once when the offsets of a stride are taken together', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (every) => {
        const slices = Array.from({ length: every }, (_, offset) =>
          selectPoints([points], { every, offset }),
        );
        expect(names(slices.flat()).toSorted()).toEqual(names(points).toSorted());
      }),
    );
  });
});

describe('the name of a point', () => {
  it('reads back as the point', () => {
    const point = { functionName: 'worker', call: 'PutRow shards', ordinal: 3, moment: 'after' } as const;
    expect(parsePoint(formatPoint(point))).toEqual(point);
  });

  it.each(['', 'worker', 'worker:x:0:before', 'worker:x:1:between', 'worker:x:y:1:after'])(
    'is refused when it is %j',
    (text) => {
      expect(() => parsePoint(text)).toThrow(/not a crash point/);
    },
  );
});

describe('the kind of a call', () => {
  it.each([
    ['ots', 'PutRow', 'millrace_shards/0a0b', 'PutRow shards'],
    ['ots', 'DescribeTable', 'narrow', 'DescribeTable narrow'],
    ['fc', 'InvokeFunction', 'worker', 'InvokeFunction worker'],
    ['oss', 'PutObject', 'sweep/1/_millrace/part/1-00/manifest.json', 'PutObject manifest.json'],
    ['oss', 'UploadPart', `sweep/1/part__${'0'.repeat(32)}_1.csv`, 'UploadPart output'],
    ['oss', 'ListObjects', 'exports', 'ListObjects exports'],
  ] as const)('of %s %s %s is %s', (service, operation, key, kind) => {
    expect(callOf({ service, operation, key })).toBe(kind);
  });
});
