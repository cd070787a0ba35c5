// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is the notation of variables
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LoadOptions } from '../../../core/job/index.ts';
import { faultsOf, load } from './fake-connectors.ts';

const jobWith = (object: string): string => `{"steps": [
  {"category": "reader", "stepType": "devnull"},
  {"category": "writer", "stepType": "files",
   "parameter": {"datasource": "lake", "writeMode": "append", "object": ${JSON.stringify(object)}}}]}`;

/** The text after substitution, as the writer gets it. */
async function substituted(object: string, options: Partial<LoadOptions> = {}): Promise<unknown> {
  return (await load(jobWith(object), options)).job.writer.params.object;
}

describe('values', () => {
  test.each([
    ['dt=${bdp.system.bizdate}', 'dt=20251031'],
    ['${bdp.system.cyctime}', '20251101023045'],
    ['${bizdate}', '20251031'],
    ['a/${yyyymmdd-1}/b', 'a/20251030/b'],
    ['${yyyy-mm-dd}', '2025-10-31'],
    ['$[yyyy-mm-dd hh24:mi:ss]', '2025-11-01 02:30:45'],
    ['$[add_months(yyyymmdd, -1)]', '20251001'],
    ['${a}${b}', 'x y'],
    ['$${a}', '${a}'],
    ['$$[yyyy]', '$[yyyy]'],
    ['$$bizdate', '$bizdate'],
    ['$$${a}', '$${a}'],
    ['price: 5$', 'price: 5$'],
    ['$other', '$other'],
    ['{a}', '{a}'],
  ])('%s → %s', async (text, expected) => {
    expect(await substituted(text, { params: { a: 'x', b: ' y' } })).toBe(expected);
  });

  test('given parameters win over assignments, assignments over formats', async () => {
    const options = { assignments: 'mm=assigned dd=assigned', params: { mm: 'given' } };
    expect(await substituted('${mm}-${dd}-${yyyy}', options)).toBe('given-assigned-2025');
  });

  test('an assignment list is evaluated', async () => {
    const assignments = "dt=$bizdate  hour=$[hh24-1/24]\nfirst=${yyyymm}01 fixed='7'";
    expect(await substituted('${dt} ${hour} ${first} ${fixed}', { assignments })).toBe(
      '20251031 01 20251001 7',
    );
  });

  test('a whole-text variable takes the type of its field', async () => {
    const text = `{"steps": [{"category": "reader", "stepType": "devnull", "parameter": {"sliceRecordCount": "\${n}"}},
      {"category": "writer", "stepType": "devnull", "parameter": {"print": "\${p}"}}],
      "setting": {"speed": {"concurrent": "\${c}"}}}`;
    const { job } = await load(text, { params: { n: '12', p: 'false', c: '4' } });
    expect(job.setting.speed.concurrent).toBe(4);
    expect(job.reader.params.sliceRecordCount).toBe('12');
  });

  test('keys are never substituted', async () => {
    const faults = await faultsOf(() => load('{"${a}": 1, "steps": []}', { params: { a: 'setting' } }));
    expect(faults[0]).toMatchObject({ code: 'JOB-1004', path: '["${a}"]' });
  });
});

describe('faults and warnings', () => {
  test('every unresolved name is told with its own place', async () => {
    const faults = await faultsOf(() => substituted('${one}/${two}/${one}'));
    expect(faults.map((fault) => [fault.code, fault.message.match(/\{(\w+)\}/)?.[1]])).toEqual([
      ['JOB-1015', 'one'],
      ['JOB-1015', 'two'],
      ['JOB-1015', 'one'],
    ]);
    expect(new Set(faults.map((fault) => fault.column)).size).toBe(3);
  });

  test('faults of assignments and parameters come with those of the job', async () => {
    const options = { assignments: 'a=$[yyyy-1] b', params: { '1x': 'v' } };
    const faults = await faultsOf(() => substituted('${nope}', options));
    expect(faults.map((fault) => fault.code).sort()).toEqual([
      'JOB-1015',
      'JOB-1016',
      'JOB-1017',
      'JOB-1017',
    ]);
  });

  test('an unassigned bizdate is noted', async () => {
    const { warnings } = await load(jobWith('${bizdate}'));
    expect(warnings).toEqual([expect.objectContaining({ code: 'JOB-1024', line: 4 })]);
    expect((await load(jobWith('${bizdate}'), { assignments: 'bizdate=$bizdate' })).warnings).toEqual([]);
  });

  test('an unused parameter is noted with the name that was meant', async () => {
    const { warnings } = await load(jobWith('${date}'), { assignments: 'date=1', params: { dat: '2' } });
    expect(warnings).toEqual([
      expect.objectContaining({ code: 'JOB-1023', path: 'params.dat', hint: 'did you mean `date`?' }),
    ]);
  });

  test.each([
    ['d=$[yyyymmdd] h=$[hh24-1/24]', '${d}${h}', 1],
    ['h=$[hh24-1/24]', '$[yyyymmdd]${h}', 1],
    ['d=$[yyyymmdd-1/24] h=$[hh24-1/24]', '${d}${h}', 0],
    ['d=$[yyyymmdd] h=$[hh24]', '${d}${h}', 0],
  ])('an unshifted date beside a shifted hour: %s', async (assignments, text, count) => {
    const { warnings } = await load(jobWith(text), { assignments });
    expect(warnings.filter((warning) => warning.code === 'JOB-1022')).toHaveLength(count);
  });

  test('variables cannot grow a job without bound', async () => {
    const faults = await faultsOf(() =>
      substituted('${a}'.repeat(20), { params: { a: 'x'.repeat(65_536) } }),
    );
    expect(faults.map((fault) => fault.code)).toEqual(['JOB-1008']);
    const [tooLong] = await faultsOf(() => substituted('${a}', { params: { a: 'x'.repeat(65_537) } }));
    expect(tooLong).toMatchObject({ code: 'JOB-1008', path: 'params.a' });
  });
});

describe('no injection', () => {
  test('a value stays one text, whatever it holds', async () => {
    expect(await substituted('<${a}>', { params: { a: 'x","y' } })).toBe('<x","y>');
  });

  test('values are inserted as they are and change nothing else', async () => {
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom('${b}', '$[yyyy]', '"', '\\', '$&', "$'", '$1', '//', '#', '$$'),
    );
    await fc.assert(
      fc.asyncProperty(value, value, async (a, b) => {
        const { job } = await load(jobWith('<${a}|${b}>'), { params: { a, b } });
        const clean = await load(jobWith('<>'));
        expect(job.writer.params.object).toBe(`<${a}|${b}>`);
        expect({ ...job.writer.params, object: '<>' }).toEqual({ ...clean.job.writer.params });
        expect(job.setting).toEqual(clean.job.setting);
      }),
    );
  });
});
