import { Cron } from 'croner';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTriggerTime, InvalidExpressionError, parseSchedule } from './expression.ts';

const at = (time: string): number => Date.parse(time);

/** The next instants of an expression. */
function instants(expression: string, from: string, count: number): string[] {
  const schedule = parseSchedule(expression);
  const found: string[] = [];
  for (let ms = at(from); found.length < count; ) {
    ms = schedule.next(ms);
    found.push(formatTriggerTime(ms));
  }
  return found;
}

test.each([
  ['0 0 4 * * *', '2026-01-01T04:00:00Z', ['2026-01-02T04:00:00Z', '2026-01-03T04:00:00Z']],
  ['0 0/20 * * * *', '2026-01-01T00:00:00Z', ['2026-01-01T00:20:00Z', '2026-01-01T00:40:00Z']],
  ['30 15 10 ? * MON-FRI', '2026-01-02T12:00:00Z', ['2026-01-05T10:15:30Z', '2026-01-06T10:15:30Z']],
  ['0 0 0 1 JUL ?', '2026-01-01T00:00:00Z', ['2026-07-01T00:00:00Z', '2027-07-01T00:00:00Z']],
  // Both day fields restricted: either one matches.
  ['0 0 0 15 * WED', '2026-01-12T00:00:00Z', ['2026-01-14T00:00:00Z', '2026-01-15T00:00:00Z']],
  ['CRON_TZ=Asia/Shanghai 0 0 4 * * *', '2026-01-01T00:00:00Z', ['2026-01-01T20:00:00Z']],
  ['@every 1h30m', '2026-01-01T00:00:10Z', ['2026-01-01T01:30:10Z', '2026-01-01T03:00:10Z']],
  ['@every 90s', '2026-01-01T00:00:00Z', ['2026-01-01T00:01:30Z']],
])('%s', (expression, from, expected) => {
  expect(instants(expression, from, expected.length)).toEqual(expected);
});

test('summer time: a local hour that is skipped still has one instant that day', () => {
  const expression = 'CRON_TZ=Europe/Berlin 0 30 2 * * *';
  const found = instants(expression, '2026-03-27T12:00:00Z', 3);
  expect(found[0]).toBe('2026-03-28T01:30:00Z');
  expect(found[1]?.slice(0, 10)).toBe('2026-03-29');
  expect(found[2]).toBe('2026-03-30T00:30:00Z');
});

test('winter time: a local hour that happens twice fires once', () => {
  const found = instants('CRON_TZ=Europe/Berlin 0 30 2 * * *', '2026-10-24T12:00:00Z', 2);
  expect(found[0]?.slice(0, 10)).toBe('2026-10-25');
  expect(found[1]).toBe('2026-10-26T01:30:00Z');
});

test.each([
  ['0 4 * * *', 'expected 6 fields, found 5'],
  ['0 0 4 * * * 2026', 'expected 6 fields, found 7'],
  ['0 0 4 L * *', "'L' is not supported"],
  ['0 0 4 15W * *', "'15W' is not supported"],
  ['0 0 4 * * 5#2', "'5#2' is not supported"],
  ['0 0 4 * * FRIL', "'FRIL' is not supported"],
  ['0 0 4 * * 7', "'7' is not supported"],
  ['H 0 4 * * *', "'H' is not supported"],
  ['0 60 4 * * *', 'is invalid'],
  ['0 0 24 * * *', 'is invalid'],
  ['0 0 0 31 2 *', 'is invalid'],
  ['', 'expected 6 fields'],
  ['@daily', 'only @every'],
  ['@every', 'only @every'],
  ['@every 0s', 'at least one second'],
  ['@every 5', 'expected a duration'],
  ['@every 1d', 'expected a duration'],
  ['@every 1.5h', 'expected a duration'],
  ['CRON_TZ=Nowhere/Land 0 0 4 * * *', "unknown time zone 'Nowhere/Land'"],
])('refuses %s', (expression, message) => {
  expect(() => parseSchedule(expression)).toThrow(InvalidExpressionError);
  expect(() => parseSchedule(expression)).toThrow(message);
});

test('a late tick of @every keeps the phase; one of cron takes the next instant of the clock', () => {
  const every = parseSchedule('@every 1m');
  expect(every.following(at('2026-01-01T00:00:10Z'), at('2026-01-01T00:03:30Z'))).toBe(
    at('2026-01-01T00:04:10Z'),
  );
  expect(every.following(at('2026-01-01T00:00:10Z'), at('2026-01-01T00:01:10Z'))).toBe(
    at('2026-01-01T00:02:10Z'),
  );
  const cron = parseSchedule('0 * * * * *');
  expect(cron.following(at('2026-01-01T00:01:00Z'), at('2026-01-01T00:03:30Z'))).toBe(
    at('2026-01-01T00:04:00Z'),
  );
});

test('agrees with another implementation on random schedules, in UTC and in a zone without summer time', () => {
  const field = (min: number, max: number) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min, max }).map(String) },
      { weight: 2, arbitrary: fc.constant('*') },
      fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
        .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
      fc.integer({ min: 2, max: 7 }).map((step) => `*/${step}`),
      fc
        .uniqueArray(fc.integer({ min, max }), { minLength: 2, maxLength: 3 })
        .map((values) => values.sort((a, b) => a - b).join(',')),
    );
  const expressions = fc
    .tuple(field(0, 59), field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
    .map((fields) => fields.join(' '));
  const start = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2035-01-01T00:00:00Z') });
  fc.assert(
    fc.property(expressions, fc.constantFrom('UTC', 'Asia/Shanghai'), start, (expression, timezone, from) => {
      const other = new Cron(expression, { timezone, mode: '6-part', paused: true });
      expect(parseSchedule(`CRON_TZ=${timezone} ${expression}`).next(from)).toBe(
        other.nextRun(new Date(from))?.getTime(),
      );
    }),
    { numRuns: 300 },
  );
});

test('the next instant is always later', () => {
  const expressions = fc.constantFrom('0 0 4 * * *', 'CRON_TZ=America/New_York 0 30 1,2 * * *', '@every 7s');
  const start = fc.integer({ min: 0, max: at('2035-01-01T00:00:00Z') });
  fc.assert(
    fc.property(expressions, start, (expression, from) => parseSchedule(expression).next(from) > from),
  );
});
