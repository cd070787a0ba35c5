// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${env:NAME}` is the notation of references
import { describe, expect, test } from 'vitest';
import { parseProject } from '../../../core/job/index.ts';
import { faultsOf } from './fake-connectors.ts';

const STATE = `"state": {"type": "tablestore", "endpoint": "https://s.example", "instanceName": "s",
  "accessKeyId": "\${env:ID}", "accessKeySecret": "\${env:KEY}"}`;
const project = (more: string): string => `{\n${STATE},\n${more}}`;

describe('the project file', () => {
  test('is JSON with comments, with defaults', () => {
    const { project: parsed, warnings } = parseProject(
      `{ // for editors
        "$schema": "./schema.json",
        ${STATE},
        "dataSources": {
          "shop": {"type": "ots", "endpoint": "https://o.example", "accessKey": "\${file:o.key}"}, # secret by reference
        },
        "functions": {"endpoint": "http://127.0.0.1:1", "accountId": 1234567890123456, "accessKeyId": "i", "accessKeySecret": "\${env:K}"},
        "defaults": {"timeZone": "Europe/Berlin"},
      }`,
      'millrace.json',
    );
    expect(JSON.parse(JSON.stringify(parsed))).toEqual({
      dataSources: { shop: { type: 'ots', endpoint: 'https://o.example', accessKey: '${file:o.key}' } },
      state: {
        type: 'tablestore',
        endpoint: 'https://s.example',
        instanceName: 's',
        accessKeyId: '${env:ID}',
        accessKeySecret: '${env:KEY}',
        tablePrefix: 'millrace_',
      },
      functions: {
        endpoint: 'http://127.0.0.1:1',
        accountId: '1234567890123456',
        accessKeyId: 'i',
        accessKeySecret: '${env:K}',
        region: 'cn-hangzhou',
        service: 'millrace',
      },
      defaults: { timeZone: 'Europe/Berlin' },
    });
    expect(warnings).toEqual([]);
  });

  test('needs only the state', () => {
    const { project: parsed } = parseProject(`{${STATE}}`);
    expect(parsed.dataSources).toEqual({});
    expect(Object.hasOwn(parsed, 'functions')).toBe(false);
    expect(Object.hasOwn(parsed, 'defaults')).toBe(false);
  });

  test('warns about secrets in clear, without repeating them', () => {
    const source = project(
      '"dataSources": {"a": {"type": "ots", "accessKey": "hunter2", "password": "hunter2"}}',
    );
    const { warnings } = parseProject(source, 'millrace.json');
    expect(warnings.map((warning) => [warning.code, warning.path, warning.line])).toEqual([
      ['JOB-1021', 'dataSources.a.accessKey', 4],
      ['JOB-1021', 'dataSources.a.password', 4],
    ]);
    expect(JSON.stringify(warnings)).not.toContain('hunter2');
  });

  test.each([
    ['{}', 'JOB-1005', 'state', 1, /`state` is missing/],
    [project('"datasources": {}'), 'JOB-1004', 'datasources', 4, /unknown key/],
    [project('"dataSources": {"1a": {"type": "x"}}'), 'JOB-1007', 'dataSources["1a"]', 4, /1a/],
    [project('"dataSources": {"a": {}}'), 'JOB-1005', 'dataSources.a.type', 4, /is missing/],
    [project('"dataSources": {"a": 1}'), 'JOB-1006', 'dataSources.a', 4, /an object, not 1/],
    [
      project('"dataSources": {"a": {"type": "x", "endpoint": "${dt}.x"}}'),
      'JOB-1020',
      'dataSources.a.endpoint',
      4,
      /no secret reference/,
    ],
    [
      project('"dataSources": {"a": {"type": "x", "accessKey": "secret://v/k"}}'),
      'JOB-1020',
      'dataSources.a.accessKey',
      4,
      /no secret reference/,
    ],
    [
      project('"defaults": {"timeZone": "Nowhere"}'),
      'JOB-1007',
      'defaults.timeZone',
      4,
      /no IANA time zone.*Nowhere/,
    ],
    [
      project(
        '"functions": {"accountId": "a", "region": "r", "accessKeyId": "i", "accessKeySecret": "${env:K}"}',
      ),
      'JOB-1007',
      'functions.accountId',
      4,
      /"a"/,
    ],
    [
      project('"functions": {"accountId": "1", "accessKeyId": "i", "accessKeySecret": "${env:K}"}'),
      'JOB-1025',
      'functions',
      4,
      /`endpoint` or a `region`/,
    ],
    [
      `{${STATE.replace('https://s.example', 's.example')}}`,
      'JOB-1007',
      'state.endpoint',
      1,
      /http:\/\/.*"s\.example"/,
    ],
    [
      `{${STATE.replace('"type": "tablestore"', '"type": "redis"')}}`,
      'JOB-1007',
      'state.type',
      1,
      /"redis"; allowed: tablestore/,
    ],
    ['{"state": {"tablePrefix": "9"}, "state": {}}', 'JOB-1003', 'state', 1, /twice/],
    ['{"constructor": {}}', 'JOB-1009', 'constructor', 1, /reserved/],
  ])('refuses %s', async (source, code, path, line, message) => {
    const faults = await faultsOf(() => parseProject(source, 'millrace.json'));
    const fault = faults.find((candidate) => candidate.code === code && candidate.path === path);
    expect(fault ?? faults).toMatchObject({ code, path, line, file: 'millrace.json' });
    expect(fault?.message).toMatch(message);
  });

  test('tells every fault at once', async () => {
    const source = '{"state": {"endpoint": 5, "tablePrefix": "9"}, "datasource": {}}';
    const faults = await faultsOf(() => parseProject(source));
    expect(faults.map((fault) => fault.path).sort()).toEqual([
      'datasource',
      'state.accessKeyId',
      'state.accessKeySecret',
      'state.endpoint',
      'state.instanceName',
      'state.tablePrefix',
    ]);
  });
});
