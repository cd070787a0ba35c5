import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jobIdOf, parseErrorLimit, parseParams, parseSchedule } from '../../../cli/job-file.ts';
import { SyncError } from '../../../core/errors/index.ts';
import { scheduledRunId } from '../../../core/run/index.ts';

const NOW = Date.UTC(2026, 5, 1, 3, 4, 5);
const codeOf = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    if (error instanceof SyncError) return error.code;
    throw error;
  }
  return 'none';
};

describe('schedule', () => {
  test('nothing named: now, and the run is its own', () => {
    expect(parseSchedule({}, NOW)).toMatchObject({
      scheduledMs: NOW,
      isNamed: false,
      timeZone: 'Asia/Shanghai',
    });
  });

  test('a business date means the midnight after it, whenever the command is given', () => {
    const at = (nowMs: number) => parseSchedule({ bizdate: '20250315' }, nowMs);
    expect(at(NOW)).toMatchObject({ scheduledMs: Date.parse('2025-03-16T00:00:00+08:00'), isNamed: true });
    expect(at(NOW + 12_345_678).scheduledMs).toBe(at(NOW).scheduledMs);
    expect(scheduledRunId(at(NOW).scheduledMs)).toBe('20250315T160000Z');
  });

  test('in the zone of the project', () => {
    const { scheduledMs } = parseSchedule({ bizdate: '20250315' }, NOW, 'Europe/Berlin');
    expect(scheduledMs).toBe(Date.parse('2025-03-16T00:00:00+01:00'));
  });

  test('a time, and a business date at that time of day', () => {
    expect(parseSchedule({ at: '2025-03-16T01:30:00+08:00' }, NOW).scheduledMs).toBe(
      Date.UTC(2025, 2, 15, 17, 30),
    );
    const both = parseSchedule({ at: '2025-07-01T01:30:00+08:00', bizdate: '20250315' }, NOW);
    expect(both.scheduledMs).toBe(Date.parse('2025-03-16T01:30:00+08:00'));
  });

  test.each([
    { at: 'yesterday' },
    { at: '2025-03-16' },
    { at: '2025-03-16T00:00:00' },
    { at: '2025-13-16T00:00:00Z' },
    { bizdate: '20250230' },
    { bizdate: '2025-03-15' },
  ])('%j is refused', (options) => {
    expect(codeOf(() => parseSchedule(options, NOW))).toBe('CLI-0001');
  });
});

describe('parameters', () => {
  test('the first equals sign ends the name', () => {
    expect(parseParams(['a=1', 'b=x=y', 'c='])).toEqual({ a: '1', b: 'x=y', c: '' });
  });

  test.each([[['a']], [['=1']], [['a=1', 'a=2']]])('%j is refused', (given) => {
    expect(codeOf(() => parseParams(given))).toBe('CLI-0001');
  });
});

describe('error limit', () => {
  test.each([
    ['0', { kind: 'records', limit: 0 }],
    ['100', { kind: 'records', limit: 100 }],
    ['0.5%', { kind: 'share', limit: 0.005 }],
    ['100%', { kind: 'share', limit: 1 }],
  ])('%s', (text, expected) => expect(parseErrorLimit(text)).toEqual(expected));

  test.each(['-1', '1.5', '101%', 'many', ''])('%j is refused', (text) => {
    expect(codeOf(() => parseErrorLimit(text))).toBe('CLI-0001');
  });
});

describe('name of the job', () => {
  test.each([
    ['jobs/orders.json', 'orders'],
    ['orders.datax.json', 'orders-datax'],
    ['a b (c).json', 'a-b-c-'],
    ['订单.json', 'job'],
  ])('%s → %s', (file, expected) => expect(jobIdOf(file, undefined)).toBe(expected));

  test('always one that state rows and events accept', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(jobIdOf(`${name}.json`, undefined)).toMatch(/^[A-Za-z0-9_-]{1,100}$/);
      }),
    );
  });

  test('a given one is taken as it is or refused', () => {
    expect(jobIdOf('x.json', 'nightly_1')).toBe('nightly_1');
    expect(codeOf(() => jobIdOf('x.json', 'a/b'))).toBe('CLI-0001');
  });
});
