// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is the notation of variables and references
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { connectors } from '../../../core/connectors/registry.ts';
import { findConnector } from '../../../core/connectors/systems.ts';
import {
  jobJsonSchema,
  type LoadOptions,
  loadJob,
  parseProject,
  resolveStep,
  type SecretSource,
} from '../../../core/job/index.ts';
import { faultsOf, SCHEDULED_MS } from './fake-connectors.ts';

const dataSources = {
  shop_ots: {
    type: 'ots',
    endpoint: 'https://shop.cn-hangzhou.ots.aliyuncs.com',
    instanceName: 'shop',
    accessId: '${env:ID}',
    accessKey: '${env:KEY}',
  },
  lake: {
    type: 'oss',
    endpoint: '${env:ENDPOINT}',
    bucket: 'lake-raw',
    accessKeyId: '${env:ID}',
    accessKeySecret: '${env:KEY}',
  },
};
const secrets: SecretSource = {
  env: (name) => ({ ID: 'id', KEY: 'key', ENDPOINT: 'http://127.0.0.1:1' })[name],
  file: () => undefined,
};
const options: LoadOptions = {
  file: 'job.json',
  schedule: { scheduledMs: SCHEDULED_MS, timeZone: 'Asia/Shanghai' },
  params: {},
  assignments: 'date=$bizdate',
  findConnector,
  dataSources,
};

const EXPORT = `{
  "type": "job", # fixed
  "version": "1.0",
  "configuration": {
    "setting": {"errorLimit": {"record": "0"}, "speed": {"mbps": "1", "concurrent": "2"}},
    "reader": {"plugin": "ots", "parameter": {
      "datasource": "shop_ots", "table": "orders",
      "column": [{"name": "uid"}, {"name": "total"}], # exported columns
      "range": {"begin": [{"type": "INF_MIN"}], "end": [{"type": "INF_MAX"}], "split": []}
    }},
    "writer": {"plugin": "oss", "parameter": {
      "datasource": "lake", "object": "orders/\${date}/", "writeMode": "truncate", "fileFormat": "csv",
      "encoding": "UTF-8", "nullFormat": "null", "dateFormat": "yyyy-MM-dd HH:mm:ss", "fieldDelimiter": ",",
    }}
  }
}`;

describe('jobs of the real connectors', () => {
  test('a full export loads and resolves on both sides', async () => {
    const { job, warnings } = await loadJob(EXPORT, options);
    expect(warnings).toEqual([]);
    expect(job.writer.params).toMatchObject({ datasource: 'lake', object: 'orders/20251031/' });
    const reader = resolveStep(job.reader, 'reader', (await findConnector('ots'))!, dataSources, secrets);
    expect(reader).toMatchObject({ table: 'orders', connection: { accessKeySecret: 'key' } });
    const writer = resolveStep(job.writer, 'writer', (await findConnector('oss'))!, dataSources, secrets);
    expect(writer).toMatchObject({
      object: 'orders/20251031/',
      connection: { endpoint: 'http://127.0.0.1:1' },
    });
  });

  test('a step may spell its credentials in the other way', async () => {
    const text = EXPORT.replace(
      '"datasource": "lake",',
      '"datasource": "lake", "accessId": "${env:ID}", "accessKey": "${env:KEY}",',
    );
    const { job } = await loadJob(text, options);
    const writer = resolveStep(job.writer, 'writer', (await findConnector('oss'))!, dataSources, secrets);
    expect(writer).toMatchObject({ connection: { accessKeyId: 'id', accessKeySecret: 'key' } });
  });

  test('faults of both sides come together, with places and near names', async () => {
    const text = EXPORT.replace('"name": "uid"', '"nam": "uid"')
      .replace('"INF_MIN"', '"INFMIN"')
      .replace('"truncate"', '"truncat"')
      .replace('"nullFormat"', '"nullFormats"');
    const faults = await faultsOf(() => loadJob(text, options));
    expect(faults.map((fault) => [fault.code, fault.line, fault.path.split('.').slice(-1)[0]])).toEqual([
      ['JOB-1025', 8, 'column[0]'],
      ['JOB-1004', 8, 'nam'],
      ['JOB-1007', 9, 'type'],
      ['JOB-1007', 12, 'writeMode'],
      ['JOB-1004', 13, 'nullFormats'],
    ]);
    expect(faults[4]?.hint).toBe('did you mean `nullFormat`?');
  });

  test('a DataX job of the stream plug-ins loads', async () => {
    const { job } = await loadJob(
      `{"job": {"content": [{
        "reader": {"name": "streamreader", "parameter": {"column": [{"value": "x", "type": "string"}], "sliceRecordCount": 10}},
        "writer": {"name": "streamwriter", "parameter": {}}}],
        "setting": {"speed": {"channel": 3}}}}`,
      options,
    );
    expect([job.reader.type, job.writer.type]).toEqual(['stream', 'stream']);
  });

  test('every connector has a JSON Schema', async () => {
    const defs = await Promise.all(Object.values(connectors).map((open) => open()));
    const text = JSON.stringify(jobJsonSchema(defs));
    for (const def of defs) {
      if (def.reader) expect(text).toContain(`"${def.type}.reader":`);
      if (def.writer) expect(text).toContain(`"${def.type}.writer":`);
    }
  });

  test('an unknown plug-in is told with those that exist', async () => {
    const faults = await faultsOf(() =>
      loadJob(EXPORT.replace('"plugin": "oss"', '"plugin": "odps"'), options),
    );
    expect(faults).toEqual([
      expect.objectContaining({ code: 'JOB-1012', hint: expect.stringContaining('oss') }),
    ]);
  });

  test('a secret in clear is warned about at its place, and not repeated', async () => {
    const text = EXPORT.replace('"table": "orders"', '"table": "orders", "accessKey": "hunter2"');
    const { warnings } = await loadJob(text, options);
    expect(warnings).toEqual([
      expect.objectContaining({
        code: 'JOB-1021',
        line: 7,
        path: 'configuration.reader.parameter.accessKey',
      }),
    ]);
    expect(JSON.stringify(warnings)).not.toContain('hunter2');
  });

  test('the documented files load', async () => {
    const page = readFileSync(new URL('../../../docs/job-files.md', import.meta.url), 'utf8');
    const blocks = [...page.matchAll(/```jsonc\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
    const projects = blocks.filter((block) => block.includes('"dataSources"'));
    const jobs = blocks.filter((block) => !projects.includes(block));
    expect([projects.length, jobs.length]).toEqual([1, 3]);
    const { project, warnings } = parseProject(projects[0] ?? '');
    expect(warnings).toEqual([]);
    for (const job of jobs) {
      const loaded = await loadJob(job, {
        ...options,
        assignments: 'bizdate=$bizdate',
        dataSources: project.dataSources,
      });
      expect(loaded.warnings).toEqual([]);
    }
  });
});
