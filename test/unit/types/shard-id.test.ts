import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  childIdOf,
  MAX_CHILDREN,
  MAX_DEPTH,
  MAX_ORDINAL,
  placeOfShard,
  shardIdOf,
} from '../../../core/types/shard-id.ts';

const ordinal = fc.oneof(fc.constantFrom(0, 9, 10, MAX_ORDINAL), fc.integer({ min: 0, max: MAX_ORDINAL }));
/** From the shard of the plan down: how many pieces were handed back before this one, and in which epoch. */
const descent = fc.array(
  fc.record({ before: fc.integer({ min: 0, max: MAX_CHILDREN - 1 }), epoch: fc.oneof(fc.nat(12), fc.nat()) }),
  { maxLength: MAX_DEPTH },
);

const nameOf = (first: number, levels: readonly { before: number; epoch: number }[]): string =>
  levels.reduce((parent, { before, epoch }) => childIdOf(parent, epoch, before), shardIdOf(first));

describe('the name of a shard', () => {
  it('says its place, whatever the epochs', () => {
    fc.assert(
      fc.property(ordinal, descent, (first, levels) => {
        const places = levels.map(({ before }) => MAX_CHILDREN - before);
        expect(placeOfShard(nameOf(first, levels))).toEqual({ ordinal: first, places });
      }),
    );
  });

  it('sorts as text by the shard of the plan, then parents first, then what was cut off last', () => {
    const place = fc.tuple(ordinal, descent);
    fc.assert(
      fc.property(place, place, ([a, below], [b, under]) => {
        const epochs = new Map<string, number>();
        /** One piece has one epoch: the same way down gets the same names. */
        const settled = (first: number, levels: typeof below) =>
          levels.map(({ before, epoch }, depth) => {
            const way = JSON.stringify([first, levels.slice(0, depth + 1).map((level) => level.before)]);
            if (!epochs.has(way)) epochs.set(way, epoch);
            return { before, epoch: epochs.get(way)! };
          });
        const names = [nameOf(a, settled(a, below)), nameOf(b, settled(b, under))] as const;
        const keys = [placeOfShard(names[0])!, placeOfShard(names[1])!] as const;
        const [x, y] = keys.map((key) => [key.ordinal, ...key.places]);
        let order = 0;
        for (let i = 0; order === 0 && i < Math.max(x!.length, y!.length); i++)
          order = (x![i] ?? -1) - (y![i] ?? -1);
        expect(names[0] < names[1] ? -1 : names[0] > names[1] ? 1 : 0).toBe(Math.sign(order));
      }),
      { numRuns: 500 },
    );
  });

  it('has a form that stored runs hold', () => {
    expect([shardIdOf(0), shardIdOf(12), shardIdOf(65_535)]).toEqual(['00000', '00012', '65535']);
    expect(childIdOf('00012', 3, 0)).toBe('00012-255e3');
    expect(childIdOf('00012-255e3', 14, 254)).toBe('00012-255e3-001e14');
    expect([MAX_CHILDREN, MAX_DEPTH, MAX_ORDINAL]).toEqual([255, 3, 65_535]);
  });

  it.each([
    '',
    '0',
    '000000',
    'x00000',
    '00000x',
    '00000-',
    '00000-12e1',
    '00000-001',
    '00000-001e',
    '00000-0001e1',
    '00000-001e1\n',
    '00000_001e1',
    '00000-000e1',
    '00000-256e1',
    '00000-999e1-001e1',
    '65536',
    '99999-001e1',
    '00000-001e1-001e1-001e1-001e1',
  ])('is no name: %j', (text) => {
    expect(placeOfShard(text)).toBeUndefined();
  });

  it.each(['65535-255e0', '00000-001e1-001e1-001e1'])('is one at its limits: %s', (text) => {
    expect(placeOfShard(text)).toBeDefined();
  });
});
