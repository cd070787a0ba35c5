import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCivilText } from '../../../core/formats/civil-text.ts';
import { daysInMonth, isRealMoment } from '../../../core/formats/date-pattern.ts';
import { type CivilFields, DatePattern, datePatternKeeps } from '../../../core/formats/index.ts';

/** Fields that may name a moment or be just beside one. */
const anyFields: fc.Arbitrary<CivilFields> = fc.record({
  year: fc.oneof(fc.constantFrom(0, 1, 4, 1582, 1900, 2000, 2024, 9999), fc.integer({ min: 0, max: 9999 })),
  month: fc.integer({ min: 0, max: 13 }),
  day: fc.oneof(fc.constantFrom(28, 29, 30, 31), fc.integer({ min: 0, max: 32 })),
  hour: fc.integer({ min: 0, max: 25 }),
  minute: fc.integer({ min: 0, max: 61 }),
  second: fc.integer({ min: 0, max: 61 }),
  milli: fc.integer({ min: 0, max: 999 }),
});
const realFields = anyFields.filter(exists);

/** Whether the calendar of the platform has the moment: it turns any other into a different one. */
function exists(f: CivilFields): boolean {
  const date = new Date(0);
  date.setUTCFullYear(f.year, f.month - 1, f.day);
  date.setUTCHours(f.hour, f.minute, f.second, f.milli);
  return (
    date.getUTCFullYear() === f.year &&
    date.getUTCMonth() === f.month - 1 &&
    date.getUTCDate() === f.day &&
    date.getUTCHours() === f.hour &&
    date.getUTCMinutes() === f.minute &&
    date.getUTCSeconds() === f.second
  );
}

const two = (n: number): string => String(n).padStart(2, '0');
const dateText = (f: CivilFields): string =>
  `${String(f.year).padStart(4, '0')}-${two(f.month)}-${two(f.day)}`;
const timeText = (f: CivilFields): string => `${two(f.hour)}:${two(f.minute)}:${two(f.second)}`;

/** A fraction of one to nine digits and its whole milliseconds; absent now and then. */
const fraction = fc.option(fc.stringMatching(/^\d{1,9}$/), { nil: undefined });
const milliOf = (digits: string | undefined): number => Math.floor(Number(`0.${digits ?? 0}`) * 1000 + 1e-7);
const suffix = (digits: string | undefined): string => (digits === undefined ? '' : `.${digits}`);

describe('moments', () => {
  it('exist exactly where the calendar has them', () => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        expect(isRealMoment(fields)).toBe(exists(fields));
      }),
      { numRuns: 400 },
    );
  });

  it('have as many days in each month as the calendar', () => {
    for (const year of [0, 4, 100, 400, 1900, 1999, 2000, 2023, 2024, 2100, 9999]) {
      for (let month = 1; month <= 12; month++) {
        const last = new Date(0);
        last.setUTCFullYear(year, month, 0);
        expect(daysInMonth(year, month), `${year}-${month}`).toBe(last.getUTCDate());
      }
    }
  });
});

describe('the text of a civil cell', () => {
  it('reads as its own fields if it names a real moment, and otherwise not at all', () => {
    fc.assert(
      fc.property(anyFields, fraction, (f, digits) => {
        const milli = milliOf(digits);
        const day = { year: f.year, month: f.month, day: f.day };
        const clock = { hour: f.hour, minute: f.minute, second: f.second, milli };
        const midnight = { ...day, hour: 0, minute: 0, second: 0, milli: 0 };
        const epochDay = { year: 1970, month: 1, day: 1, ...clock };
        const onlyReal = (fields: CivilFields) => (exists(fields) ? fields : undefined);
        expect(parseCivilText(dateText(f), 'date')).toEqual(onlyReal(midnight));
        expect(parseCivilText(timeText(f) + suffix(digits), 'time')).toEqual(onlyReal(epochDay));
        const text = `${dateText(f)} ${timeText(f)}${suffix(digits)}`;
        expect(parseCivilText(text, 'datetime')).toEqual(onlyReal({ ...day, ...clock }));
      }),
      { numRuns: 400 },
    );
  });

  it('is of one type only, and nothing may stand before, behind or instead of a part', () => {
    const texts = { date: '2024-02-29', time: '23:59:59.9', datetime: '2024-02-29 23:59:59' } as const;
    for (const [own, text] of Object.entries(texts)) {
      for (const type of ['date', 'time', 'datetime'] as const) {
        expect(parseCivilText(text, type) !== undefined).toBe(type === own);
        for (const wrong of [` ${text}`, `${text} `, `${text}\n`, `${text}Z`, `+${text}`, text.slice(1)]) {
          expect(parseCivilText(wrong, type), JSON.stringify(wrong)).toBeUndefined();
        }
      }
    }
    for (const wrong of ['12:00:00.', '12:00:00.1234567890', '12:00', '1:00:00', '１２:00:00']) {
      expect(parseCivilText(wrong, 'time'), wrong).toBeUndefined();
    }
  });
});

describe('a date pattern', () => {
  const parts = ['yyyy', 'MM', 'dd', 'HH', 'mm', 'ss', 'SSS'] as const;
  const literal = fc.oneof(
    fc.string({ unit: fc.constantFrom('-', '/', ':', '.', ' ', '_', '中', '0', '9'), maxLength: 2 }),
    fc.constantFrom("'T'", "''", "'o''clock'", "'yyyy'"),
  );
  /** All parts, in any order, with literals between them. */
  const pattern = fc
    .tuple(
      fc.shuffledSubarray([...parts], { minLength: 7 }),
      fc.array(literal, { minLength: 8, maxLength: 8 }),
    )
    .map(([order, literals]) => literals[7] + order.map((part, i) => part + literals[i]).join(''));

  it('with all parts reads back every moment that it writes', () => {
    fc.assert(
      fc.property(pattern, realFields, (text, fields) => {
        const compiled = new DatePattern(text);
        expect(compiled.parse(compiled.format(fields))).toEqual(fields);
        expect(datePatternKeeps(text, ['year', 'month', 'day', 'hour', 'minute', 'second', 'milli'])).toBe(
          true,
        );
      }),
      { numRuns: 400 },
    );
  });

  it('reads nothing that is longer, shorter or no real moment', () => {
    fc.assert(
      fc.property(pattern, anyFields, (text, fields) => {
        const compiled = new DatePattern(text);
        const written = compiled.format(fields);
        expect(compiled.parse(written)).toEqual(exists(fields) ? fields : undefined);
        expect(compiled.parse(`${written}0`)).toBeUndefined();
        expect(compiled.parse(written.slice(0, -1))).toBeUndefined();
      }),
      { numRuns: 400 },
    );
  });

  it('without a part keeps the others, and the part is that of 1970-01-01', () => {
    const epoch: CivilFields = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, milli: 0 };
    fc.assert(
      fc.property(fc.subarray(['yyyy', 'HH', 'mm', 'ss', 'SSS']), realFields, (kept, fields) => {
        const text = kept.join('|');
        const names = { yyyy: 'year', HH: 'hour', mm: 'minute', ss: 'second', SSS: 'milli' } as const;
        const expected = { ...epoch };
        for (const part of kept)
          expected[names[part as keyof typeof names]] = fields[names[part as keyof typeof names]];
        const compiled = new DatePattern(text);
        expect(compiled.parse(compiled.format(fields))).toEqual(expected);
        expect(datePatternKeeps(text, ['day'])).toBe(false);
      }),
    );
  });
});
