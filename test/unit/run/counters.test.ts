import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addCounters, type Counters, sumCounters, zeroCounters } from '../../../core/run/counters.ts';

const hex64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => n.toString(16).padStart(16, '0'));
const counters: fc.Arbitrary<Counters> = fc.record({
  read: fc.nat(),
  written: fc.nat(),
  dirty: fc.nat(),
  bytes: fc.nat(),
  checksum: fc.tuple(hex64, hex64).map((lanes) => lanes.join('')),
});

const lanes = ({ checksum }: Counters): bigint[] =>
  [checksum.slice(0, 16), checksum.slice(16)].map((lane) => BigInt(`0x${lane}`));

describe('counters', () => {
  it('add up field by field, checksums per 64-bit lane without a carry between the lanes', () => {
    fc.assert(
      fc.property(counters, counters, (a, b) => {
        const sum = addCounters(a, b);
        const { checksum: _checksum, ...counts } = sum;
        expect(counts).toEqual({
          read: a.read + b.read,
          written: a.written + b.written,
          dirty: a.dirty + b.dirty,
          bytes: a.bytes + b.bytes,
        });
        expect(sum.checksum).toMatch(/^[0-9a-f]{32}$/);
        expect(lanes(sum)).toEqual(lanes(a).map((lane, i) => BigInt.asUintN(64, lane + lanes(b)[i]!)));
      }),
    );
  });

  it('give the same sum in whatever order and grouping', () => {
    fc.assert(
      fc.property(fc.array(counters, { maxLength: 6 }), fc.nat(), (all, cut) => {
        const at = cut % (all.length + 1);
        const sum = sumCounters(all);
        expect(sumCounters([...all].reverse())).toEqual(sum);
        expect(addCounters(sumCounters(all.slice(0, at)), sumCounters(all.slice(at)))).toEqual(sum);
        expect(addCounters(sum, zeroCounters)).toEqual(sum);
      }),
    );
  });

  it('of nothing are zero', () => {
    const checksum = '00000000000000000000000000000000';
    expect(sumCounters([])).toEqual({ read: 0, written: 0, dirty: 0, bytes: 0, checksum });
  });

  it('wrap at 64 bits in each lane alone', () => {
    const full: Counters = { ...zeroCounters, checksum: 'f'.repeat(32) };
    const one: Counters = { ...zeroCounters, checksum: '00000000000000010000000000000002' };
    expect(addCounters(full, one).checksum).toBe('00000000000000000000000000000001');
  });
});
