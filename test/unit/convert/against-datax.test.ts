import { describe, expect, it } from 'vitest';
import type { TargetType } from '../../../core/convert/index.ts';
import type { CellValue, LogicalType } from '../../../core/types/index.ts';
import { BOOL, castOf, DATE, DATETIME, DOUBLE, INT32, INT64, TEXT, UINT64 } from './cast-of.ts';

type Case = [from: LogicalType, value: CellValue, to: TargetType, result: string, why: string];

const SPECIAL_DOUBLE: TargetType = { kind: 'double', bits: 64, specials: true };

describe('casts that DataX makes too', () => {
  it.each<[LogicalType, CellValue, TargetType, string]>([
    ['string', ' 5', INT64, 'CNV-3010'],
    ['string', '', INT64, 'CNV-3010'],
    ['string', '0x10', INT64, 'CNV-3010'],
    ['string', '1e3', INT64, '1000'],
    ['string', '9223372036854775808', INT64, 'CNV-3011'],
    ['long', '18446744073709551615', UINT64, '18446744073709551615'],
    ['long', '18446744073709551615', TEXT, '18446744073709551615'],
    ['decimal', '1.50', TEXT, '1.50'],
    ['double', '1e-07', TEXT, '1e-07'],
    ['double', 1e-7, TEXT, '0.00000010'],
    ['string', '1', BOOL, 'CNV-3015'],
    ['string', 'TRUE', BOOL, '1'],
    ['bool', true, INT64, '1'],
    ['bool', true, DATETIME, 'CNV-3020'],
    ['long', 0n, DATETIME, '1970-01-01 08:00:00'],
    ['datetime', '2024-01-01 00:00:00', DOUBLE, 'CNV-3020'],
    ['string', 'NaN', SPECIAL_DOUBLE, 'NaN'],
    ['string', 'NaN', INT64, 'CNV-3010'],
    ['bytes', Buffer.from('héé'), TEXT, 'héé'],
  ])('%s %s to %o is %s', (from, value, to, result) => {
    expect(castOf(from, to)(value)).toBe(result);
  });
});

describe('casts that DataX makes otherwise', () => {
  it.each<Case>([
    ['string', '1.9', INT64, 'CNV-3012', 'it gives 1: a fraction is lost unseen'],
    ['double', 1.9, INT64, 'CNV-3012', 'it gives 1'],
    ['long', 3_000_000_000n, INT32, 'CNV-3011', 'it wraps to -1294967296 in MaxCompute'],
    ['long', 9007199254740993n, DOUBLE, 'CNV-3012', 'it gives 9007199254740992'],
    [
      'string',
      '2024-02-03T04:05:06Z',
      DATETIME,
      '2024-02-03 12:05:06',
      'it gives midnight: time and zone are lost',
    ],
    ['string', '2024-02-03 04:05:06.789', DATETIME, '2024-02-03 04:05:06.789', 'it cuts the fraction'],
    ['string', '2024-13-45', DATETIME, 'CNV-3013', 'it gives 2025-02-14'],
    ['string', '2024-2-3', DATETIME, 'CNV-3013', 'it guesses'],
    ['string', '20240203', DATE, 'CNV-3013', 'it guesses; a column may have a format that says so'],
    ['string', '24:61:61', DATETIME, 'CNV-3013', 'it gives 1970-01-02 01:02:01'],
    ['string', 'Infinity', SPECIAL_DOUBLE, 'Infinity', 'it refuses Infinity, but takes -Infinity'],
    ['bytes', Uint8Array.of(0xff, 0xfe, 0x41), TEXT, 'CNV-3017', 'it replaces bytes by U+FFFD'],
    ['datetime', '2024-01-01 12:34:56.789012', TEXT, '2024-01-01 12:34:56.789012', 'it cuts microseconds'],
  ])('%s %s to %o is %s: %s', (from, value, to, result) => {
    expect(castOf(from, to)(value)).toBe(result);
  });

  it('keep null booleans null, where it makes them false', () => {
    expect(castOf('bool', BOOL)(null)).toBeNull();
    expect(castOf('bool', TEXT)(null)).toBeNull();
  });
});
