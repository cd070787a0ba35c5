import { expect, it } from 'vitest';
import { rowChecksum } from '../../../core/types/index.ts';
import { repeated, times } from './repeated-rows.ts';

it('the row checksum stays exact where the sum of the hashes is more than a number can hold', () => {
  const one = rowChecksum(repeated(1));
  const count = 2_300_000;
  expect(BigInt(`0x${one.slice(0, 16)}`) * BigInt(count)).toBeGreaterThan(2n ** 53n);
  expect(rowChecksum(repeated(count))).toBe(times(one, BigInt(count)));
});
