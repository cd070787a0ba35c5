import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CastCell, createCaster, type TargetType } from '../../../../core/convert/index.ts';
import { laneOf } from '../../../../core/relational/write/lanes.ts';
import { type Column, RowBlockBuilder } from '../../../../core/types/index.ts';

const TARGETS: readonly TargetType[] = [
  ...([8, 16, 24, 32, 64] as const).flatMap((bits): TargetType[] => [
    { kind: 'long', bits, unsigned: false },
    { kind: 'long', bits, unsigned: true },
  ]),
  { kind: 'decimal' },
  { kind: 'decimal', precision: 5, scale: 2 },
  { kind: 'decimal', precision: 4, scale: 0 },
  { kind: 'date' },
  { kind: 'time', scale: 0 },
  { kind: 'time', scale: 6 },
  { kind: 'datetime', scale: 0, zoned: false },
  { kind: 'datetime', scale: 3, zoned: true },
];

const digit = fc.constantFrom(...'0123456789');
const pair = fc.tuple(digit, digit).map((two) => two.join(''));
const date = fc
  .tuple(pair, pair, fc.constantFrom('-', '-', '/'), pair, pair)
  .map(([a, b, s, m, d]) => `${a}${b}-${m}${s}${d}`);
const clock = fc
  .tuple(pair, pair, pair, fc.option(fc.string({ unit: digit, maxLength: 8 })))
  .map(([h, m, s, f]) => `${h}:${m}:${s}${f === null ? '' : `.${f}`}`);
const number = fc
  .tuple(
    fc.constantFrom('', '-', '+'),
    fc.string({ unit: digit, maxLength: 20 }),
    fc.option(fc.string({ unit: digit, maxLength: 4 })),
  )
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}`);
const texts = fc.oneof(
  number,
  date,
  clock,
  fc.tuple(date, clock).map((both) => both.join(' ')),
  fc.string({ maxLength: 20 }),
  fc.constantFrom('NaN', 'infinity', '1e5', ' 5', '5\n', '', '-'),
);

describe('the lanes of plain text', () => {
  it('let nothing through that the caster would not, and change nothing', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.constantFrom(...TARGETS), texts, (target, text) => {
        const column: Column = {
          name: 'c',
          type: target.kind as Column['type'],
          ...(target.kind === 'datetime' && { facts: { zoned: target.zoned } }),
        };
        const lane = laneOf(column, target);
        if (!lane) throw new Error(`no lane for ${target.kind}`);
        const block = new RowBlockBuilder([column]).add('left').add(text).build();
        const out = Buffer.alloc(64, 0x23);
        const end = lane(block.bytes, block.starts[1]!, block.ends[1]!, out, 3);
        if (end < 0) return;
        taken++;
        expect(out.toString('latin1', 3, end)).toBe(text);
        const cell = new CastCell();
        const code = createCaster(column, target, { timeZone: 'UTC', emptyAsNull: true }).cast(
          block,
          1,
          cell,
        );
        expect([code, cell.text()]).toEqual([undefined, text]);
      }),
      { numRuns: 20_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it('are there for equal types only', () => {
    expect(
      laneOf({ name: 'c', type: 'string' }, { kind: 'long', bits: 64, unsigned: false }),
    ).toBeUndefined();
    expect(laneOf({ name: 'c', type: 'string' }, { kind: 'string' })).toBeUndefined();
    expect(laneOf({ name: 'c', type: 'any' }, { kind: 'date' })).toBeUndefined();
    const zoned: Column = { name: 'c', type: 'datetime', facts: { zoned: true } };
    expect(laneOf(zoned, { kind: 'datetime', scale: 6, zoned: false })).toBeUndefined();
  });

  it.each([
    [{ kind: 'long', bits: 64, unsigned: false }, '-99999999999999999'],
    [{ kind: 'decimal', precision: 5, scale: 2 }, '-123.45'],
    [{ kind: 'date' }, '2024-02-28'],
    [{ kind: 'time', scale: 6 }, '23:59:59.999999'],
    [{ kind: 'datetime', scale: 3, zoned: false }, '2024-12-01 00:00:00.123'],
  ] as const)('take what is ordinary: %j %s', (target, text) => {
    const lane = laneOf({ name: 'c', type: target.kind }, target)!;
    const bytes = Buffer.from(text);
    expect(lane(bytes, 0, bytes.length, Buffer.alloc(64), 0)).toBe(bytes.length);
  });
});
