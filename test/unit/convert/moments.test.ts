import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayNumber, dayOf } from '../../../core/convert/civil-days.ts';
import { classifyCast, type TargetType } from '../../../core/convert/index.ts';
import { ZoneClock } from '../../../core/convert/zone-clock.ts';
import { castOf, DATE, DATETIME, INSTANT, INT64 } from './cast-of.ts';

const TIME: TargetType = { kind: 'time', scale: 6 };

describe('casts of text to moments', () => {
  it.each([
    ['2024-02-03 04:05:06', '2024-02-03 04:05:06'],
    ['2024-02-03 04:05:06.789', '2024-02-03 04:05:06.789'],
    ['2024-02-03T04:05:06', '2024-02-03 04:05:06'],
    ['2024-02-03T04:05:06Z', '2024-02-03 12:05:06'],
    ['2024-02-03 04:05:06.123456+00:00', '2024-02-03 12:05:06.123456'],
    ['2024-02-03 23:30:00-05:30', '2024-02-04 13:00:00'],
    ['2024-02-03 04:05:06+08', '2024-02-03 04:05:06'],
    ['2024-02-03 04:05:06+0530', '2024-02-03 06:35:06'],
    ['2024-02-03 04:05:06+08:05:43', '2024-02-03 03:59:23'],
    ['2024-02-03', '2024-02-03 00:00:00'],
    ['2024-02-29 00:00:00.1234560', '2024-02-29 00:00:00.123456'],
    ['2024-02-03 04:05:06.1234567', 'CNV-3012'],
    ['9999-12-31T23:59:59Z', 'CNV-3011'],
    ['2024-13-45', 'CNV-3013'],
    ['2023-02-29', 'CNV-3013'],
    ['1900-02-29', 'CNV-3013'],
    ['2024-2-3', 'CNV-3013'],
    ['20240203', 'CNV-3013'],
    ['2024/02/03', 'CNV-3013'],
    ['2024-02-03 24:00:00', 'CNV-3013'],
    ['2024-02-03 23:60:00', 'CNV-3013'],
    ['2024-02-03 04:05', 'CNV-3013'],
    ['2024-02-03 04:05:06.', 'CNV-3013'],
    ['2024-02-03 04:05:06.1234567890', 'CNV-3013'],
    ['2024-02-03 04:05:06 UTC', 'CNV-3013'],
    ['2024-02-03 04:05:06+16', 'CNV-3013'],
    ['2024-02-03 04:05:06+0', 'CNV-3013'],
    ['2024-02-03 04:05:06+080543', 'CNV-3013'],
    ['0000-00-00 00:00:00', 'CNV-3013'],
    ['04:05:06', 'CNV-3013'],
    ['1706904306000', 'CNV-3013'],
    ['', 'CNV-3013'],
    [' 2024-02-03', 'CNV-3013'],
  ])('reads %j as the datetime %j', (text, expected) => {
    expect(castOf('string', DATETIME)(text)).toBe(expected);
  });

  it.each([
    ['2024-02-03', '2024-02-03'],
    ['2024-02-03 00:00:00.000', '2024-02-03'],
    ['2024-02-03T16:00:00Z', '2024-02-04'],
    ['2024-02-03 00:00:01', 'CNV-3012'],
    ['0000-01-01', '0000-01-01'],
  ])('reads %j as the date %j', (text, expected) => {
    expect(castOf('string', DATE)(text)).toBe(expected);
  });

  it.each([
    ['04:05:06', '04:05:06'],
    ['04:05:06.5', '04:05:06.5'],
    ['23:59:59.999999', '23:59:59.999999'],
    ['24:00:00', 'CNV-3011'],
    ['-01:00:00', 'CNV-3011'],
    ['4:05:06', 'CNV-3013'],
    ['2024-02-03 04:05:06', 'CNV-3012'],
    ['2024-02-03', 'CNV-3013'],
    ['12:00:00+08', 'CNV-3013'],
  ])('reads %j as the time %j', (text, expected) => {
    expect(castOf('string', TIME)(text)).toBe(expected);
  });

  it('takes lengths of time where the target has them', () => {
    const cast = castOf('time', { kind: 'time', scale: 6, beyondDay: true });
    expect(cast('-838:59:59.000000')).toBe('-838:59:59.000000');
    expect(cast('839:00:00')).toBe('CNV-3013');
    expect(castOf('time', { kind: 'time', scale: 0, beyondDay: true })('-100:00:00.000')).toBe('-100:00:00');
    expect(castOf('time', { ...TIME, endOfDay: true } as TargetType)('24:00:00')).toBe('24:00:00');
    expect(castOf('time', { ...TIME, endOfDay: true } as TargetType)('24:00:00.1')).toBe('CNV-3011');
  });

  it('cuts what does not fit only if that is allowed', () => {
    const lossy = { allowLossy: true };
    expect(castOf('datetime', { ...DATETIME, scale: 0 } as TargetType, lossy)('2024-02-03 04:05:06.9')).toBe(
      '2024-02-03 04:05:06',
    );
    expect(castOf('datetime', DATE, lossy)('2024-02-03 04:05:06.9')).toBe('2024-02-03');
    expect(castOf('datetime', TIME, lossy)('2024-02-03 04:05:06.9')).toBe('04:05:06.9');
  });

  it('passes infinity and far years only to targets that have them', () => {
    const wide: TargetType = { kind: 'datetime', scale: 6, zoned: false, wide: true };
    expect(castOf('datetime', wide)('infinity')).toBe('infinity');
    expect(castOf('datetime', wide)('12024-01-01 00:00:00')).toBe('12024-01-01 00:00:00');
    expect(castOf('string', wide)('infinity')).toBe('CNV-3013');
    expect(castOf('datetime', DATETIME)('infinity')).toBe('CNV-3013');
  });
});

describe('instants', () => {
  it('reads integers as milliseconds since 1970', () => {
    expect(castOf('long', DATETIME)(0n)).toBe('1970-01-01 08:00:00');
    expect(castOf('long', DATETIME)('-1')).toBe('1970-01-01 07:59:59.999');
    expect(castOf('any', DATETIME)(1706904306123n)).toBe('2024-02-03 04:05:06.123');
    expect(castOf('long', DATE)(0n)).toBe('CNV-3012');
    expect(castOf('long', DATE)(57_600_000n)).toBe('1970-01-02');
    expect(castOf('long', DATETIME)(10n ** 18n)).toBe('CNV-3011');
  });

  it('gives milliseconds since 1970 for integers', () => {
    expect(castOf('datetime', INT64)('1970-01-01 08:00:00')).toBe('0');
    expect(castOf('datetime', INT64)('2024-02-03 04:05:06.123')).toBe('1706904306123');
    expect(castOf('datetime', INT64)('2024-02-03 04:05:06.1234')).toBe('CNV-3012');
    expect(castOf('date', INT64)('1970-01-02')).toBe('57600000');
  });

  it('refuses wall-clock times that the zone skips, as instants only', () => {
    const zone = { timeZone: 'America/New_York' };
    expect(castOf('datetime', INSTANT, zone)('2024-03-10 02:30:00')).toBe('CNV-3014');
    expect(castOf('datetime', INSTANT, zone)('2024-03-10 03:00:00')).toBe('2024-03-10 03:00:00');
    expect(castOf('datetime', INSTANT, zone)('2024-11-03 01:30:00')).toBe('2024-11-03 01:30:00');
    expect(castOf('datetime', DATETIME, zone)('2024-03-10 02:30:00')).toBe('2024-03-10 02:30:00');
    expect(castOf('datetime', INSTANT, zone, { zoned: true })('2024-03-10 02:30:00')).toBe(
      '2024-03-10 02:30:00',
    );
    expect(castOf('string', INSTANT, zone)('2024-03-10T07:00:00Z')).toBe('2024-03-10 03:00:00');
    expect(castOf('string', INSTANT, zone)('2024-03-10T06:59:59Z')).toBe('2024-03-10 01:59:59');
  });

  it('agrees with the runtime about the wall clock of zones', () => {
    const zones = ['Asia/Shanghai', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'UTC'];
    const shown = (zone: string) =>
      new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
    const formats = new Map(zones.map((zone) => [zone, shown(zone)]));
    const clocks = new Map(zones.map((zone) => [zone, new ZoneClock(zone)]));
    const instants = fc.integer({ min: -2_000_000_000, max: 4_000_000_000 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, (zone, instant) => {
        const text = `${new Date(instant * 1000).toISOString().slice(0, 19)}Z`;
        const expected = formats.get(zone)?.format(instant * 1000);
        expect(castOf('string', DATETIME, { timeZone: zone })(text)).toBe(expected);
        const clock = clocks.get(zone)!;
        const civil = clock.civilAt(instant);
        const first = clock.instantOf(civil);
        expect(first === instant || clock.civilAt(first ?? Number.NaN) === civil).toBe(true);
      }),
    );
  });

  it('counts days as the runtime does', () => {
    fc.assert(
      fc.property(fc.integer({ min: -800_000, max: 2_900_000 }), (day) => {
        const date = new Date(day * 86_400_000);
        const expected = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
        expect(dayOf(day)).toEqual(expected);
        expect(dayNumber(expected[0]!, expected[1]!, expected[2]!)).toBe(day);
      }),
    );
  });
});

describe('years', () => {
  it.each([
    ['2024', '2024'],
    ['0', '0000'],
    ['1901', '1901'],
    ['1900', 'CNV-3011'],
    ['2156', 'CNV-3011'],
    ['x', 'CNV-3010'],
  ])('reads %j as %j', (text, expected) => {
    expect(castOf('string', { kind: 'year' })(text)).toBe(expected);
  });
});

describe('judgements about moments', () => {
  const of = (facts: object, target: TargetType) =>
    classifyCast({ name: 'c', type: 'datetime', facts }, target).class;
  it('calls cuts lossy and skipped times checked', () => {
    expect(of({ scale: 6 }, { kind: 'datetime', scale: 3, zoned: false })).toBe('lossy');
    expect(of({ scale: 3 }, { kind: 'datetime', scale: 3, zoned: true })).toBe('checked');
    expect(of({ scale: 3, zoned: true }, { kind: 'datetime', scale: 3, zoned: true, wide: true })).toBe(
      'lossless',
    );
    expect(of({}, DATE)).toBe('lossy');
    expect(of({}, { kind: 'bool' })).toBe('impossible');
  });
});
