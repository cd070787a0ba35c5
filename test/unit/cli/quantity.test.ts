import { describe, expect, test } from 'vitest';
import {
  countOf,
  formatBytes,
  formatClock,
  formatDuration,
  formatInstant,
  formatRate,
  formatThroughput,
} from '../../../cli/quantity.ts';
import { formatPairs, formatTable, shorten, visibleWidth } from '../../../cli/table.ts';

describe('quantities', () => {
  test.each([
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [150 * 1024, '150 KiB'],
    [5 * 1024 ** 3, '5.0 GiB'],
  ])('%d bytes', (bytes, expected) => expect(formatBytes(bytes)).toBe(expected));

  test.each([
    [12, '12 ms'],
    [3_250, '3.3 s'],
    [65_000, '1 min 05 s'],
    [3_599_700, '1 h 00 min'],
    [7_500_000, '2 h 05 min'],
  ])('%d ms', (ms, expected) => expect(formatDuration(ms)).toBe(expected));

  test.each([
    [0, '00:00'],
    [61_900, '01:01'],
    [3_661_000, '1:01:01'],
    [-5, '00:00'],
  ])('clock of %d ms', (ms, expected) => expect(formatClock(ms)).toBe(expected));

  test('rates and counts', () => {
    expect([formatRate(950), formatRate(83_400), formatRate(1_450_000)]).toEqual([
      '950 rows/s',
      '83k rows/s',
      '1.45M rows/s',
    ]);
    expect(formatThroughput(12.34 * 1024 * 1024)).toBe('12.3 MiB/s');
    expect([countOf(1, 'row'), countOf(2_000, 'row')]).toEqual(['1 row', '2,000 rows']);
    expect(formatInstant(Date.UTC(2025, 2, 15, 8, 30))).toBe('2025-03-15 08:30:00Z');
  });
});

describe('tables', () => {
  test('columns are aligned and colours take no room', () => {
    const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;
    expect(visibleWidth(red('ab'))).toBe(2);
    expect(
      formatTable(
        ['a', 'n'],
        [
          [red('xyz'), '1'],
          ['y', '1000'],
        ],
        [1],
      ),
    ).toEqual(['a       n', `${red('xyz')}     1`, 'y    1000']);
  });

  test('pairs and shortening', () => {
    expect(
      formatPairs([
        ['a', '1'],
        ['long', '2'],
      ]),
    ).toEqual(['  a     1', '  long  2']);
    expect([shorten('abcdef', 4), shorten('abcd', 4), shorten('abc', 0)]).toEqual(['abc…', 'abcd', '…']);
  });
});
