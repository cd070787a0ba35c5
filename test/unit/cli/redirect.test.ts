import { describe, expect, test } from 'vitest';
import { bucketsOf, redirectJob, redirectProject } from '../../../cli/redirect.ts';
import { type JobModel, type Project, parseProject } from '../../../core/job/index.ts';

const cloud = {
  endpoints: { ots: 'http://127.0.0.1:1', oss: 'http://127.0.0.1:2', fc: 'http://127.0.0.1:3' },
  accountId: '42',
  region: 'cn-local',
  service: 'millrace',
};

const project: Project = parseProject(
  JSON.stringify({
    dataSources: {
      tables: {
        type: 'ots',
        endpoint: 'https://a.ots.aliyuncs.com',
        instanceName: 'shop',
        accessId: 'AK',
        accessKey: 'hidden-1',
      },
      lake: {
        type: 'ossreader',
        endpoint: 'https://oss-cn-hangzhou.aliyuncs.com',
        bucket: 'lake',
        accessKeyId: 'AK',
        accessKeySecret: 'hidden-2',
        securityToken: 'hidden-3',
        cname: true,
      },
      other: { type: 'stream', x: 1 },
    },
    state: {
      endpoint: 'https://s.ots.aliyuncs.com',
      instanceName: 'state',
      accessKeyId: 'AK',
      accessKeySecret: 'hidden-4',
      securityToken: 'hidden-5',
      tablePrefix: 'p_',
    },
  }),
).project;

describe('redirectProject', () => {
  const local = redirectProject(project, cloud);

  test('addresses are the local ones, names stay', () => {
    expect(local.dataSources.tables).toMatchObject({
      type: 'ots',
      endpoint: cloud.endpoints.ots,
      instanceName: 'shop',
    });
    expect(local.dataSources.lake).toMatchObject({ endpoint: cloud.endpoints.oss, bucket: 'lake' });
    expect(local.dataSources.other).toEqual(project.dataSources.other);
    expect(local.state).toMatchObject({
      endpoint: cloud.endpoints.ots,
      instanceName: 'state',
      tablePrefix: 'p_',
    });
    expect(local.functions).toMatchObject({
      endpoint: cloud.endpoints.fc,
      accountId: '42',
      service: 'millrace',
    });
  });

  test('no credential and no address of the real cloud is left', () => {
    const text = JSON.stringify(local);
    expect(text).not.toContain('hidden');
    expect(text).not.toContain('aliyuncs');
    expect(text).not.toContain('securityToken');
  });

  test('what it makes is a project file again', () => {
    expect(parseProject(JSON.stringify(local)).project).toEqual(local);
    expect(parseProject(JSON.stringify(local)).warnings).toEqual([]);
  });
});

describe('redirectJob', () => {
  const step = (type: string, params: JobModel['reader']['params']): JobModel['reader'] => ({
    type,
    params,
    path: 'p',
  });
  const job = (reader: JobModel['reader'], writer: JobModel['writer']): JobModel => ({
    dialect: 'datax',
    reader,
    writer,
    setting: {
      errorLimit: { kind: 'records', limit: 0 },
      speed: { concurrent: 1 },
      timeZone: 'Asia/Shanghai',
    },
  });

  test('connections in the job itself never reach the real cloud', () => {
    const given = job(
      step('ots', { endpoint: 'https://x.ots.aliyuncs.com', accessId: 'a', accessKey: 'hidden', table: 't' }),
      step('oss', { datasource: 'lake', endpoint: 'https://oss.aliyuncs.com', object: 'o' }),
    );
    const local = redirectJob(given, cloud);
    expect(local.reader.params).toMatchObject({ endpoint: cloud.endpoints.ots, table: 't' });
    expect(local.writer.params).toMatchObject({
      endpoint: cloud.endpoints.oss,
      datasource: 'lake',
      object: 'o',
    });
    expect(JSON.stringify(local)).not.toMatch(/hidden|aliyuncs|"accessId"/);
  });

  test('steps that only name a data source stay as they are', () => {
    const given = job(step('ots', { datasource: 'tables', table: 't' }), step('stream', { endpoint: 'x' }));
    expect(redirectJob(given, cloud)).toEqual(given);
  });

  test('buckets come from data sources and steps, each once', () => {
    const given = job(step('stream', {}), step('oss', { bucket: 'inline' }));
    expect(bucketsOf(project, [given, given])).toEqual(['lake', 'inline']);
  });
});
