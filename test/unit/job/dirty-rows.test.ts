/** `setting.dirtyRows`, and the same default of a project. */
import { describe, expect, test } from 'vitest';
import { jobJsonSchema, loadJob, parseProject } from '../../../core/job/index.ts';
import type { JobModel } from '../../../core/job/model.ts';
import { fakes, faultsOf } from './fake-connectors.ts';

const dataSources = { lake: { type: 'oss', bucket: 'lake' }, shop: { type: 'mysql' } };
const step = (kind: string): string => `{"stepType": "devnull", "category": "${kind}", "parameter": {}}`;
const STEPS = `[${step('reader')}, ${step('writer')}]`;
const SIDE = (key: string): string =>
  `"reader": {"${key}": "devnull", "parameter": {}}, "writer": {"${key}": "devnull", "parameter": {}}`;

/** A job of each dialect with these members in its setting. */
const jobs = (setting: string): Record<string, string> => ({
  v2: `{"type": "job", "version": "2.0", "steps": ${STEPS}, "setting": {${setting}}}`,
  v1: `{"type": "job", "version": "1.0", "configuration": {${SIDE('plugin')}, "setting": {${setting}}}}`,
  datax: `{"job": {"content": [{${SIDE('name')}}], "setting": {"speed": {"channel": 1}, ${setting}}}}`,
});

const load = async (text: string, defaultDirtyRows?: JobModel['setting']['dirtyRows']) =>
  (
    await loadJob(text, {
      schedule: { scheduledMs: 0, timeZone: 'Asia/Shanghai' },
      params: {},
      findConnector: async (type) => fakes[type],
      dataSources,
      ...(defaultDirtyRows && { defaultDirtyRows }),
    })
  ).job.setting.dirtyRows;

const place = (text: string): string => `"dirtyRows": ${text}`;
const GOOD = place('{"datasource": "lake", "prefix": "a/b/"}');

describe.each(['v2', 'v1', 'datax'])('in a job of dialect %s', (dialect) => {
  const job = (setting: string): string => jobs(setting)[dialect]!;

  test('a place is a data source and a prefix, whose last slash means nothing', async () => {
    expect(await load(job(GOOD))).toEqual({ datasource: 'lake', prefix: 'a/b' });
  });

  test('the default is that of the project, and the job wins', async () => {
    const fallback = { datasource: 'lake', prefix: 'all' };
    expect(await load(job('"timeZone": "UTC"'))).toBeUndefined();
    expect(await load(job('"timeZone": "UTC"'), fallback)).toEqual(fallback);
    expect(await load(job(place('null')), fallback)).toEqual(fallback);
    expect(await load(job(GOOD), fallback)).toEqual({ datasource: 'lake', prefix: 'a/b' });
  });

  test.each([
    [
      '{"datasource": "lakes", "prefix": "a"}',
      'JOB-1018',
      'dirtyRows.datasource',
      /no data source is named `lakes`/,
    ],
    [
      '{"datasource": "shop", "prefix": "a"}',
      'JOB-1019',
      'dirtyRows.datasource',
      /`mysql`, which cannot hold/,
    ],
    ['{"datasource": "lake"}', 'JOB-1005', 'dirtyRows.prefix', /`prefix` is missing/],
    ['{"datasource": "lake", "prefix": "/a"}', 'JOB-1007', 'dirtyRows.prefix', /begins with a slash/],
    ['{"datasource": "lake", "prefix": "a/../b"}', 'JOB-1007', 'dirtyRows.prefix', /segment `\.` or `\.\.`/],
    [
      `{"datasource": "lake", "prefix": "${'é'.repeat(257)}"}`,
      'JOB-1007',
      'dirtyRows.prefix',
      /longer than 512/,
    ],
    ['{"datasource": "lake", "prefix": "a", "prefx": "b"}', 'JOB-1004', 'dirtyRows.prefx', /unknown key/],
    ['"lake"', 'JOB-1006', 'dirtyRows', /must be an object/],
  ])('%s is refused by name: %s', async (text, code, path, message) => {
    const faults = await faultsOf(() => load(job(place(text))));
    expect(faults).toMatchObject([{ code, message: expect.stringMatching(message) }]);
    expect(faults[0]?.path.endsWith(`setting.${path}`)).toBe(true);
    expect(faults[0]?.line).toBe(1);
  });
});

describe('in the defaults of a project', () => {
  const project = (text: string): string => `{
    "dataSources": {"lake": {"type": "oss"}, "shop": {"type": "mysql"}},
    "state": {"endpoint": "https://s.example", "instanceName": "s",
      "accessKeyId": "\${env:ID}", "accessKeySecret": "\${env:KEY}"},
    "defaults": {"dirtyRows": ${text}}}`;

  test('it is read and checked in the same way', async () => {
    const good = parseProject(project('{"datasource": "lake", "prefix": "refused/"}'));
    expect(good.project.defaults).toEqual({ dirtyRows: { datasource: 'lake', prefix: 'refused' } });
    for (const [text, code] of [
      ['{"datasource": "late", "prefix": "a"}', 'JOB-1018'],
      ['{"datasource": "shop", "prefix": "a"}', 'JOB-1019'],
    ] as const) {
      expect(await faultsOf(async () => parseProject(project(text)))).toMatchObject([
        { code, path: 'defaults.dirtyRows.datasource', line: 5 },
      ]);
    }
  });
});

test('the JSON Schema knows it in every dialect', () => {
  const { $defs } = jobJsonSchema(Object.values(fakes)) as { $defs: Record<string, Record<string, object>> };
  expect($defs.dirtyRows).toMatchObject({
    properties: { datasource: { type: 'string' }, prefix: { type: 'string' } },
    required: ['datasource', 'prefix'],
    additionalProperties: false,
  });
  expect($defs.setting?.properties).toMatchObject({ dirtyRows: { $ref: '#/$defs/dirtyRows' } });
  expect(JSON.stringify($defs.datax)).toContain('#/$defs/dirtyRows');
});
