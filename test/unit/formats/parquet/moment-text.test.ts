import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteBuffer } from '../../../../core/formats/byte-buffer.ts';
import {
  appendClock,
  appendDate,
  appendDatetime,
} from '../../../../core/formats/parquet/read/moment-text.ts';

const textOf = (append: (out: ByteBuffer) => void): string => {
  const out = new ByteBuffer(4);
  append(out);
  return out.take().toString('latin1');
};

describe('the text of stored moments', () => {
  it('has every date from 0000 to 9999, however often it is asked for', () => {
    const day = fc.integer({ min: -719_528, max: 2_932_896 });
    fc.assert(
      fc.property(fc.array(day, { minLength: 1, maxLength: 20 }), (days) => {
        for (const number of [...days, ...days.map((n) => n + 4096), ...days]) {
          if (number > 2_932_896) continue;
          const iso = new Date(number * 86_400_000).toISOString().slice(0, 10);
          expect(textOf((out) => appendDate(number, out))).toBe(iso);
        }
      }),
    );
  });

  it.each([
    [2_932_897, '10000-01-01'],
    [-719_529, '-0001-12-31'],
    [-(2 ** 31), '-5877641-06-23'],
    [2 ** 31 - 1, '5881580-07-11'],
  ])('day %i is %s', (days, text) => {
    expect(textOf((out) => appendDate(days, out))).toBe(text);
  });

  it('leaves out zeros at the end of a second', () => {
    expect(textOf((out) => appendClock(0, 0, 6, out))).toBe('00:00:00');
    expect(textOf((out) => appendClock(86_399, 120_000, 6, out))).toBe('23:59:59.12');
    expect(textOf((out) => appendDatetime(-1, 1, 9, out))).toBe('1969-12-31 23:59:59.000000001');
  });
});
