// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is the notation of variables
/** Cases 1 to 14: the file of a job, and the times and variables in it (docs/conformance-cases.md). */
import { describe, expect, it } from 'vitest';
import type { LoadOptions, ScheduleOptions } from '../../core/job/index.ts';
import { ANY_READER, ANY_WRITER, faultsOf, loadText, shanghai, v2Job } from './jobs.ts';

const LAKE = {
  endpoint: 'http://127.0.0.1:1',
  bucket: 'lake',
  accessId: 'i',
  accessKey: 'k',
  writeMode: 'append',
};

const jobFor = (object: string): string => v2Job(ANY_READER, ['oss', { ...LAKE, object }]);

/** What the writer gets for a text of the job. */
async function inCode(text: string, changes: Partial<LoadOptions> = {}): Promise<unknown> {
  return (await loadText(jobFor(text), changes)).job.writer.params.object;
}

/** What an assignment gives to a job that is due at a time of Shanghai. */
const assigned = (expression: string, at: string, more: Partial<ScheduleOptions> = {}): Promise<unknown> =>
  inCode('${x}', {
    assignments: `x=${expression}`,
    schedule: { scheduledMs: shanghai(at), timeZone: 'Asia/Shanghai', ...more },
  });

/** Assignments with their values at one time. */
async function assignedAll(at: string, expressions: readonly string[]): Promise<unknown[]> {
  return Promise.all(expressions.map((expression) => assigned(expression, at)));
}

describe('the file', () => {
  // The parser of DataX refuses comments inside of objects, although the documented samples have them.
  it('case 1: a 1.0 job with line comments behind its commas loads as it is', async () => {
    const text = `{
      "type": "job",
      "version": "1.0",
      "configuration": {
        "reader": {"plugin": "mysql", "parameter": {
          "host": "h", "username": "u", "password": "p", "database": "hpg",//where from
          "table": "hpg",//which
          "column": ["id", "name"] // in this order
        }},
        "writer": {"plugin": "postgresql", "parameter": {
          "host": "h", "username": "u", "password": "p", "database": "d", // where to
          "table": "public.person", "column": ["id", "name"]
        }},
        "setting": {"speed": {"concurrent": 7,//most at once
          "mbps": 7}}
      }
    }`;
    const { job } = await loadText(text);
    expect([job.reader.type, job.reader.params.table]).toEqual(['mysql', 'hpg']);
    expect([job.writer.type, job.writer.params.table]).toEqual(['postgresql', 'public.person']);
    expect(job.setting.speed).toEqual({ concurrent: 7, mbps: 7 });
    // The sample reads MaxCompute, which is no plug-in here: it is refused by its name and not passed over.
    const [fault] = await faultsOf(text.replace('"plugin": "mysql"', '"plugin": "odps"'));
    expect(fault).toMatchObject({ code: 'JOB-1012', message: expect.stringContaining('odps') });
  });

  it('case 2: a hop goes by the names of steps, and one to nowhere is refused by that name', async () => {
    const hop = (to: string): string =>
      jobFor('o')
        .replace('"name":"Reader"', '"name":"R1"')
        .replace('"name":"Writer"', '"name":"W1"')
        .replace('"from":"Reader","to":"Writer"', `"from":"R1","to":"${to}"`);
    await expect(loadText(hop('W1'))).resolves.toBeDefined();
    expect(await faultsOf(hop('Writer'))).toEqual([
      expect.objectContaining({ path: 'order.hops[0].to', message: expect.stringContaining('`Writer`') }),
    ]);
  });

  // DataX reads a `#` after a comma as the beginning of a key, and so gets two keys that nobody wrote.
  it('case 3: text behind the end is refused with its place, a comma before the end and # are not', async () => {
    expect(await faultsOf('{"a":1}x')).toEqual([expect.objectContaining({ line: 1, column: 8 })]);
    const text = jobFor('o')
      .replace(/}$/, ',}')
      .replace('"value":"x"}]', '"value":"x",},]')
      .replace('"stepType":"oss"', '#c\n"stepType":"oss"');
    expect(text).toContain(',#c\n');
    expect(text).toContain(',},]');
    expect(JSON.stringify((await loadText(text)).job)).toBe(
      JSON.stringify((await loadText(jobFor('o'))).job),
    );
  });

  it('case 4: what looks like a comment inside of a text is text', async () => {
    const column = ['http://h/p//q', '#x', '/*y*/'].map((value) => ({ value }));
    const { job } = await loadText(v2Job(['stream', { column, sliceRecordCount: 1 }], ANY_WRITER));
    expect(JSON.parse(JSON.stringify(job.reader.params.column))).toEqual(column);
  });
});

describe('scheduled time and business date', () => {
  it('case 5: formats of both, with offsets of days, months and years', async () => {
    const written = ['${yyyymmdd}', '$[yyyymmddhh24miss]', '${yyyymmdd-1}', '${yyyymm-1}', '${yyyy-1}'];
    const values = ['20251031', '20251101023045', '20251030', '202509', '2024'];
    expect(await assignedAll('2025-11-01T02:30:45', written)).toEqual(values);
  });

  it('case 6: offsets of hours and minutes, several of them added', async () => {
    const written = [
      '$[yyyymmdd-1-1/24]',
      '$[yyyymmddhh24miss-1-1/24]',
      '$[hh24miss-15/24/60]',
      '$[yyyymmddhh24miss-3/24]',
    ];
    const values = ['20251031', '20251031013045', '021545', '20251031233045'];
    expect(await assignedAll('2025-11-01T02:30:45', written)).toEqual(values);
  });

  it('case 7: months end on a day that they have', async () => {
    expect(await assigned('$[add_months(yyyymmdd,-1)]', '2025-03-31T00:00:00')).toBe('20250228');
    expect(await assigned('$[add_months(yyyymmdd,-12)]', '2024-02-29T00:00:00')).toBe('20230228');
    expect(await assigned('$[add_months(yyyymmdd,12*1)]', '2024-02-29T00:00:00')).toBe('20250228');
  });

  it('case 8: an hour back just after midnight of the new year', async () => {
    const written = ['$[yyyymmdd-1/24]', '$[hh24-1/24]', '${yyyymmdd}', '$[yyyy-1/24]'];
    const values = ['20241231', '23', '20241231', '2024'];
    expect(await assignedAll('2025-01-01T00:30:00', written)).toEqual(values);
  });

  // The last two are documented as unsupported elsewhere; read literally they would count days in silence.
  it('case 9: times of a business date, and years and months counted in days, are refused', async () => {
    for (const expression of ['${yyyy-mm-dd-1/24}', '${hh24}', '$[yyyy-1]', '$[mm+1]']) {
      const faults = await faultsOf(jobFor('out${x}'), { assignments: `x=${expression}` });
      expect(faults, expression).toMatchObject([{ code: 'JOB-1016', path: 'assignments.x' }]);
    }
  });

  it('case 10: a hyphen before digits at the end is an offset, and what follows a brace stays', async () => {
    expect(await assigned('$[yyyy-mm-dd-2]', '2019-01-14T00:00:00')).toBe('2019-01-12');
    expect(await assigned('${yyyymm}01', '2023-10-28T00:00:00')).toBe('20231001');
  });

  it('case 11: a backfill is due on the day behind its business date', async () => {
    const day = { businessDate: '20250315' };
    const at = '2030-01-01T00:00:00';
    expect(await assigned('${yyyymmdd}', at, day)).toBe('20250315');
    expect(await assigned('$[yyyymmddhh24miss]', at, day)).toBe('20250316000000');
    expect(await assigned('$gmtdate', at, day)).toBe('20250316');
  });

  it('case 12: the business month is the one before when it is still running', async () => {
    const nowMs = shanghai('2025-11-20T10:00:00');
    const month = (businessDate: string): Promise<unknown> =>
      assigned('$bizmonth', '2025-11-20T00:00:00', { businessDate, nowMs });
    expect(await Promise.all(['20251119', '20251031', '20250930'].map(month))).toEqual([
      '202510',
      '202510',
      '202509',
    ]);
  });
});

describe('variables', () => {
  // DataX leaves a variable without a value as it is written: it would become the name of a path or a partition.
  it('case 13: the system name of the business date needs no assignment, an unknown name is refused', async () => {
    expect(await inCode('pt=${bdp.system.bizdate}')).toBe('pt=20251031');
    expect(await faultsOf(jobFor('${nope}'))).toEqual([
      expect.objectContaining({ code: 'JOB-1015', message: expect.stringContaining('${nope}') }),
    ]);
  });

  // DataX replaces in the text of the file, where such a value would end its text and add another.
  it('case 14: a value with quotes stays inside of its text', async () => {
    const value = 'x","y';
    expect(await inCode('${v}', { params: { v: value } })).toBe(value);
  });
});
