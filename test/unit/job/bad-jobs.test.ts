// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is the notation of variables and references
import { describe, expect, test } from 'vitest';
import { findCode } from '../../../core/errors/index.ts';
import { R, v2, W, writer } from './bad-job.ts';
import { shape, syntax } from './bad-job-files.ts';
import { connections, parameters, settings, variables } from './bad-job-steps.ts';
import { faultsOf, load } from './fake-connectors.ts';

const cases = [...syntax, ...shape, ...settings, ...parameters, ...connections, ...variables];

/** Line and column of the mark, 1-based. */
function placeOf(text: string): { line: number; column: number } {
  const before = text.slice(0, text.indexOf('¦')).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

describe('bad jobs', () => {
  test.each(cases)('$name', async ({ text, code, path, message, hint, options }) => {
    expect(text.split('¦')).toHaveLength(2);
    const faults = await faultsOf(() => load(text.replace('¦', ''), options));
    const fault = faults.find((candidate) => candidate.code === code && candidate.path === path);
    expect(fault ?? faults).toMatchObject({ code, path, file: 'job.json', ...placeOf(text) });
    expect(fault?.message).toMatch(message);
    if (hint) expect(fault?.hint).toMatch(hint);
    expect(findCode(code)).toBeDefined();
  });

  test('names of the cases are unique', () => {
    expect(new Set(cases.map((entry) => entry.name)).size).toBe(cases.length);
  });

  test('everything is told at once, in file order: structure, variables and both steps', async () => {
    const text = v2({
      setting: '{"speed": {"concurrent": 0}}',
      reader: '{"datasource": "shop", "table": "${a}", "column": [], "modus": 1}',
      writer: '{"datasource": "lake", "object": "${b}", "writeMode": "x"}',
      more: '"extra": 1,',
    });
    const faults = await faultsOf(() => load(text));
    expect(faults.map((fault) => [fault.code, fault.path])).toEqual([
      ['JOB-1004', 'extra'],
      ['JOB-1015', `${R}.table`],
      ['JOB-1007', `${R}.column`],
      ['JOB-1004', `${R}.modus`],
      ['JOB-1015', `${W}.object`],
      ['JOB-1007', `${W}.writeMode`],
      ['JOB-1007', 'setting.speed.concurrent'],
    ]);
  });

  test('an unknown data source hides no other fault of its step, and its missing connection is no further one', async () => {
    const text = v2({ reader: '{"datasource": "nope", "table": "t", "column": [], "modus": 1}' });
    const faults = await faultsOf(() => load(text));
    expect(faults.map((fault) => [fault.code, fault.path])).toEqual([
      ['JOB-1018', `${R}.datasource`],
      ['JOB-1007', `${R}.column`],
      ['JOB-1004', `${R}.modus`],
    ]);
  });

  test('a variable without a value is the only fault at its place', async () => {
    const faults = await faultsOf(() =>
      load(v2({ setting: '{"speed": {"concurrent": "${c}"}, "timeZone": "${z}"}' })),
    );
    expect(faults.map((fault) => fault.code)).toEqual(['JOB-1015', 'JOB-1015']);
  });

  test('a secret is never repeated in a message', async () => {
    const text = writer('"accessKey": 123456789, "accessId": "hunter2-id", "bucket": ""');
    const faults = await faultsOf(() => load(text.replace('123456789', '["hunter2"]')));
    expect(JSON.stringify(faults)).not.toContain('hunter2"');
    expect(faults.some((fault) => fault.path === `${W}.accessKey` && fault.message.includes('******'))).toBe(
      true,
    );
  });
});
