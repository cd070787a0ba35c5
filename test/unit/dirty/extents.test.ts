import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DirtyObjectName } from '../../../core/dirty/dirty-object.ts';
import { extentsOf } from '../../../core/dirty/extents.ts';

const written = (epoch: number, sequence: number, first: number, rows: number): DirtyObjectName => ({
  jobId: 'job',
  runId: 'run',
  shardId: '00000',
  epoch,
  sequence,
  first,
  rows,
});

/** The extents as `epoch.sequence:[first,end)`. */
const told = (objects: readonly DirtyObjectName[], counted: number): string[] =>
  extentsOf(objects, counted).map(
    ({ object, first, end }) => `${object.epoch}.${object.sequence}:[${first},${end})`,
  );

describe('the objects that count', () => {
  it('are those of one attempt, in order, up to the rows that were counted', () => {
    const objects = [written(1, 1, 5, 4), written(1, 0, 0, 5), written(1, 2, 9, 3)];
    expect(told(objects, 9)).toEqual(['1.0:[0,5)', '1.1:[5,9)']);
    expect(told(objects, 7)).toEqual(['1.0:[0,5)', '1.1:[5,7)']);
    expect(told(objects, 0)).toEqual([]);
  });

  it('of an attempt that died give way to those of the next one, from the place where that one began', () => {
    const objects = [written(1, 0, 0, 5), written(1, 1, 5, 9), written(3, 0, 5, 2), written(3, 1, 7, 2)];
    expect(told(objects, 9)).toEqual(['1.0:[0,5)', '3.0:[5,7)', '3.1:[7,9)']);
  });

  it('of a zombie never count beside those of whoever took over, however many and late they are', () => {
    const zombie = Array.from({ length: 9 }, (_, i) => written(1, i, 2 * i, 2));
    expect(told([written(2, 0, 4, 3), ...zombie], 7)).toEqual(['1.0:[0,2)', '1.1:[2,4)', '2.0:[4,7)']);
  });

  it('of a transaction that was repeated are the last ones', () => {
    const objects = [written(1, 0, 0, 5), written(1, 1, 0, 3), written(1, 2, 3, 1)];
    expect(told(objects, 4)).toEqual(['1.1:[0,3)', '1.2:[3,4)']);
  });

  it('leave out what somebody removed', () => {
    expect(told([written(1, 0, 0, 2), written(1, 2, 5, 2)], 7)).toEqual(['1.0:[0,2)', '1.2:[5,7)']);
  });
});

/** What an attempt does: keeps rows, keeps those of the last write again and differently, makes its position durable. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('keep' as const), rows: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('again' as const), rows: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('commit' as const), rows: fc.constant(0) }),
);
/** After `takenOverAfter` steps the next attempt begins; what follows is the zombie's, and commits nothing. */
const attempt = fc.record({
  steps: fc.array(step, { maxLength: 8 }),
  takenOverAfter: fc.integer({ min: 0, max: 8 }),
});

describe('whatever attempts do', () => {
  it('each counted row is the one that was kept by the attempt that counted it', () => {
    fc.assert(
      fc.property(fc.array(attempt, { minLength: 1, maxLength: 6 }), fc.integer(), (attempts, shuffle) => {
        const objects: DirtyObjectName[] = [];
        /** By ordinal, the write that the durable position counts. */
        let truth: string[] = [];
        for (const [i, { steps, takenOverAfter }] of attempts.entries()) {
          let mine = [...truth];
          let last = mine.length;
          let sequence = 0;
          const write = (first: number, rows: number): void => {
            const name = `${i + 1}.${sequence}`;
            objects.push(written(i + 1, sequence++, first, rows));
            mine = [...mine.slice(0, first), ...Array<string>(rows).fill(name)];
            last = first;
          };
          let durable = mine;
          for (const [at, { kind, rows }] of steps.entries()) {
            if (kind === 'keep') write(mine.length, rows);
            // Only what no position counts yet is ever kept again.
            else if (kind === 'again' && mine.length > durable.length) write(last, rows);
            else if (kind === 'commit' && at < takenOverAfter) durable = mine;
            else if (kind === 'commit') last = mine.length;
          }
          truth = durable;
        }
        const order = objects.toSorted(
          (a, b) => ((a.first * 31 + a.epoch * 7) ^ shuffle) - (b.first ^ shuffle),
        );
        const found = extentsOf(order, truth.length).flatMap(({ object, first, end }) =>
          Array<string>(end - first).fill(`${object.epoch}.${object.sequence}`),
        );
        expect(found).toEqual(truth);
      }),
    );
  });
});
