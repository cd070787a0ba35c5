// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is the notation of variables
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Findings } from '../../../core/job/findings.ts';
import { evaluateBrace, evaluateBracket } from '../../../core/job/time/expression.ts';
import { type ScheduleOptions, scheduleTime } from '../../../core/job/time/schedule.ts';
import { evaluateAssignments } from '../../../core/job/variables/assignments.ts';
import { faultsOf } from './fake-connectors.ts';

const SHANGHAI = 'Asia/Shanghai';
/** An instant from its wall clock in Shanghai, which is eight hours ahead all year. */
const shanghai = (iso: string): number => Date.parse(`${iso}+08:00`);
const schedule = (iso: string, more: Partial<ScheduleOptions> = {}): ScheduleOptions => ({
  scheduledMs: shanghai(iso),
  timeZone: SHANGHAI,
  ...more,
});

/** The value of one assignment, or the reason why it has none. */
function assignedValue(expression: string, options: ScheduleOptions): string {
  const findings = new Findings('');
  const { values } = evaluateAssignments(`x=${expression}`, scheduleTime(options), findings);
  try {
    findings.throwIfAny();
  } catch (error) {
    return `refused: ${String(error)}`;
  }
  return values.get('x') ?? '';
}

const T = '2025-11-01T02:30:45';

describe('documented values at 2025-11-01 02:30:45', () => {
  test.each([
    ['${yyyymmdd}', '20251031'],
    ['${yyyy-mm-dd}', '2025-10-31'],
    ['${yyyymm}', '202510'],
    ['${yyyymm-1}', '202509'],
    ['${yyyy-1}', '2024'],
    ['${yy-1}', '24'],
    ['${yyyymmdd-1}', '20251030'],
    ['${yyyymmdd-7*1}', '20251024'],
    ['${yyyymmdd-7}', '20251024'],
    ['${yyyymmdd+1}', '20251101'],
    ['$[yyyymmdd]', '20251101'],
    ['$[yyyymmdd-1]', '20251031'],
    ['$[yyyymmdd-7*1]', '20251025'],
    ['$[yyyymmdd-2*7]', '20251018'],
    ['$[yyyymmddhh24miss]', '20251101023045'],
    ['$[hh24]', '02'],
    ['$[hh12]', '02'],
    ['$[hh]', '02'],
    ['$[mi]', '30'],
    ['$[ss]', '45'],
    ['$[hh24:mi:ss-1/24/60]', '02:29:45'],
    ['$[yyyymmddhh24miss-3/24]', '20251031233045'],
    ['$[yyyymmdd-1-1/24]', '20251031'],
    ['$[yyyymmddhh24miss-1-1/24]', '20251031013045'],
    ['$[hh24miss-15/24/60]', '021545'],
    ['$[add_months(yyyymmdd,-1)]', '20251001'],
    ['$[add_months(yyyymmdd,12*1)]', '20261101'],
    ['$[add_months(yyyymmdd,-12)-1/24]', '20241101'],
    ['$bizdate', '20251031'],
    ['$cyctime', '20251101023045'],
    ['$gmtdate', '20251101'],
    ['$bizmonth', '202510'],
    ['${yyyymm}01', '20251001'],
    ['pre_$[hh24]_post', 'pre_02_post'],
    ["'123'", '123'],
    ['"abc"', 'abc'],
    ['abc', 'abc'],
    ['', ''],
    ['${bdp.system.bizdate}', '20251031'],
    ['$[YYYYMMDD]', '20251101'],
  ])('%s is %s', (expression, expected) => {
    expect(assignedValue(expression, schedule(T))).toBe(expected);
  });
});

describe('documented corners', () => {
  test.each([
    ['$[add_months(yyyymmdd,-1)]', '2025-03-31T00:00:00', '20250228'],
    ['$[add_months(yyyymmdd,-12)]', '2024-02-29T00:00:00', '20230228'],
    ['$[add_months(yyyymmdd,12*1)]', '2024-02-29T00:00:00', '20250228'],
    ['$[yyyymmdd-1/24]', '2025-01-01T00:30:00', '20241231'],
    ['$[hh24-1/24]', '2025-01-01T00:30:00', '23'],
    ['${yyyymmdd}', '2025-01-01T00:30:00', '20241231'],
    ['$[yyyy-1/24]', '2025-01-01T00:30:00', '2024'],
    ['$[yyyy-15/24/60]', '2025-01-01T00:10:00', '2024'],
    ['$[yyyy-mm-dd-2]', '2019-01-14T00:00:00', '2019-01-12'],
    ['${yyyymm}01', '2023-10-28T00:00:00', '20231001'],
    ['$[hh12]', '2025-01-01T00:30:00', '12'],
    ['$[hh]', '2025-01-01T12:30:00', '12'],
    ['$[hh12]', '2025-01-01T23:30:00', '11'],
  ])('%s at %s is %s', (expression, at, expected) => {
    expect(assignedValue(expression, schedule(at))).toBe(expected);
  });

  test('a backfill counts as due on the day after its business date', () => {
    const options = schedule('2030-01-01T00:00:00', { businessDate: '20250315' });
    expect(assignedValue('${yyyymmdd}', options)).toBe('20250315');
    expect(assignedValue('$[yyyymmddhh24miss]', options)).toBe('20250316000000');
    expect(assignedValue('$gmtdate', options)).toBe('20250316');
  });

  test.each([
    ['20251119', '202510'],
    ['20251031', '202510'],
    ['20250930', '202509'],
  ])('$bizmonth of %s, asked for in November, is %s', (businessDate, expected) => {
    const options = schedule('2025-11-20T00:00:00', { businessDate, nowMs: shanghai('2025-11-20T10:00:00') });
    expect(assignedValue('$bizmonth', options)).toBe(expected);
  });
});

describe('refusals say what to write instead', () => {
  test.each([
    ['${hh24}', /time of day/],
    ['${yyyy-mm-dd-1/24}', /no offset/],
    ['${yyyymmdd-}x${}', /no date/],
    ['$[yyyy-1]', /years/],
    ['$[yy+1]', /years/],
    ['$[mm+1]', /months/],
    ['$[yyyymm-1]', /months/],
    ['$[yyyy-mm-7*1]', /months/],
    ['$[yyyy-1-1/24]', /years/],
    ['$[yyyymmdd-1/23]', /no offset/],
    ['$[yyyymmdd-1/24/59]', /no offset/],
    ['$[last_day(yyyymmdd)]', /no date or time/],
    ['$[add_months(yyyyxx,1)]', /no format/],
    ['$[]', /no date or time/],
    ['$[yyyymmdd', /not closed/],
    ['$1', /positional/],
    ['$jobid', /outside DataWorks/],
    ['$bizdat', /no built-in/],
    ["'$bizdate'", /constant/],
    ['$[add_months(yyyymmdd,-999999)]', /leaves the years/],
    ['${yyyymmdd-999999}', /leaves the years/],
  ])('%s', (expression, reason) => {
    expect(assignedValue(expression, schedule(T))).toMatch(/^refused/);
    expect(assignedValue(expression, schedule(T))).toMatch(reason);
  });

  test('the hint for a shift of months names the function', () => {
    const result = evaluateBracket('yyyymm-1', scheduleTime(schedule(T)));
    expect(result).toMatchObject({ ok: false, hint: expect.stringContaining('$[add_months(yyyymm,-N)]') });
    const years = evaluateBracket('yyyy-1', scheduleTime(schedule(T)));
    expect(years).toMatchObject({ ok: false, hint: expect.stringContaining('$[add_months(yyyy,-12*N)]') });
  });

  test.each([
    ['x', /no assignment/],
    ['a=1 b', /no assignment/],
    ['1a=1', /no name/],
    ['a=1 a=2', /twice/],
    ['a=b=c', /second/],
    ['a=$[yyyymmdd hh24]', /not closed/],
  ])('the assignment list `%s`', async (text, reason) => {
    const faults = await faultsOf(() => {
      const findings = new Findings('');
      evaluateAssignments(text, scheduleTime(schedule(T)), findings);
      findings.throwIfAny();
    });
    expect(faults.map((fault) => fault.message).join('\n')).toMatch(reason);
  });

  test.each([
    { scheduledMs: 0, timeZone: 'Mars/Base' },
    { scheduledMs: 0, timeZone: '+08:00' },
    { scheduledMs: Number.NaN, timeZone: SHANGHAI },
    { scheduledMs: 9e15, timeZone: SHANGHAI },
    { scheduledMs: 0, timeZone: SHANGHAI, businessDate: '20250230' },
    { scheduledMs: 0, timeZone: SHANGHAI, businessDate: '2025-02-03' },
  ])('the schedule %j', async (options) => {
    const [fault] = await faultsOf(() => scheduleTime(options));
    expect(fault).toMatchObject({ code: 'JOB-1007', path: expect.stringMatching(/^schedule\./) });
  });
});

describe('clock changes', () => {
  const newYork = (iso: string, more: Partial<ScheduleOptions> = {}): ScheduleOptions => ({
    scheduledMs: Date.parse(iso),
    timeZone: 'America/New_York',
    ...more,
  });

  test('an hour back is an hour of real time', () => {
    // 2025-03-09 03:30 EDT; an hour before it was 01:30 EST.
    expect(assignedValue('$[hh24:mi-1/24]', newYork('2025-03-09T03:30:00-04:00'))).toBe('01:30');
    // The second 01:30 of 2025-11-02; an hour before it was the first.
    expect(assignedValue('$[hh24:mi-1/24]', newYork('2025-11-02T01:30:00-05:00'))).toBe('01:30');
  });

  test('a day back keeps the time of day', () => {
    expect(assignedValue('$[yyyymmddhh24mi-1]', newYork('2025-03-10T00:30:00-04:00'))).toBe('202503090030');
    expect(assignedValue('$[yyyymmdd-1]', newYork('2025-03-10T00:30:00-04:00'))).toBe('20250309');
  });

  test('a backfill to a time that the clock skips moves forward', () => {
    const options = newYork('2025-06-01T02:30:00-04:00', { businessDate: '20250308' });
    expect(assignedValue('$[yyyymmddhh24mi]', options)).toBe('202503090330');
  });

  test('a backfill to a time that occurs twice takes the first', () => {
    const options = newYork('2025-06-01T01:30:00-04:00', { businessDate: '20251101' });
    expect(scheduleTime(options).dueMs).toBe(Date.parse('2025-11-02T01:30:00-04:00'));
  });
});

const instants = fc.integer({ min: Date.UTC(1970, 0, 2), max: Date.UTC(2100, 0, 1) });
const zones = fc.constantFrom(
  'Asia/Shanghai',
  'America/New_York',
  'Europe/London',
  'Australia/Lord_Howe',
  'UTC',
);

describe('properties', () => {
  test('shifting days forth and back in a brace is the identity', () => {
    fc.assert(
      fc.property(instants, zones, fc.nat(5000), (scheduledMs, timeZone, days) => {
        const time = scheduleTime({ scheduledMs, timeZone });
        const back = evaluateBrace(`yyyymmdd-${days}`, time);
        if (!back.ok) throw new Error(back.why);
        const later = scheduleTime({ scheduledMs, timeZone, businessDate: back.text });
        expect(evaluateBrace(`yyyymmdd+${days}`, later)).toEqual(evaluateBrace('yyyymmdd', time));
      }),
    );
  });

  test('minutes add up to hours, whatever the zone', () => {
    fc.assert(
      fc.property(instants, zones, fc.nat(10_000), (scheduledMs, timeZone, hours) => {
        const time = scheduleTime({ scheduledMs, timeZone });
        const byHours = evaluateBracket(`yyyymmddhh24miss-${hours}/24`, time);
        const byMinutes = evaluateBracket(`yyyymmddhh24miss-${hours * 60}/24/60`, time);
        expect(byHours.ok).toBe(true);
        expect(byMinutes).toEqual(byHours);
      }),
    );
  });

  test('the business date is always the day before the date of the schedule', () => {
    fc.assert(
      fc.property(instants, zones, (scheduledMs, timeZone) => {
        const time = scheduleTime({ scheduledMs, timeZone });
        expect(evaluateBrace('yyyymmdd+1', time)).toMatchObject({
          text: (evaluateBracket('yyyymmdd', time) as { text: string }).text,
        });
      }),
    );
  });
});
