// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is the notation of variables
import { describe, expect, test } from 'vitest';
import type { JobModel } from '../../../core/job/index.ts';
import { load } from './fake-connectors.ts';

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('the three dialects', () => {
  test('DataWorks 1.0 with comments after commas, numbers as text', async () => {
    const { job, warnings } = await load(
      `{
        "type": "job", # fixed
        "version": "1.0",
        "configuration": {
          "reader": {
            "plugin": "rows",
            "parameter": {
              "datasource": "shop",//where from
              "table": "orders_\${bdp.system.bizdate}",//which
              "column": [ # which columns
                {"name": "uid"},
                {"name": "name"},
              ],
              "range": {"begin": [{"type": "INF_MIN"}], "end": [{"type": "STRING", "value": "http://x//y#z"}], "split": [ # none
              ]},
            }
          },
          "writer": {
            "plugin": "files",
            "parameter": {"datasource": "lake", "object": "a/b/", "writeMode": "truncate", "fieldDelimiter": ","}
          },
          "setting": {
            "errorLimit": {"record": "0" /* none */},
            "speed": {"concurrent": "7",//workers
              "mbps": 7 // MB/s
            }
          }
        }
      }`,
    );
    expect(json(job)).toEqual({
      dialect: 'v1',
      reader: {
        type: 'rows',
        path: 'configuration.reader.parameter',
        params: {
          datasource: 'shop',
          table: 'orders_20251031',
          column: [{ name: 'uid' }, { name: 'name' }],
          range: {
            begin: [{ type: 'INF_MIN' }],
            end: [{ type: 'STRING', value: 'http://x//y#z' }],
            split: [],
          },
        },
      },
      writer: {
        type: 'files',
        path: 'configuration.writer.parameter',
        params: { datasource: 'lake', object: 'a/b/', writeMode: 'truncate', fieldDelimiter: ',' },
      },
      setting: {
        errorLimit: { kind: 'records', limit: 0 },
        speed: { concurrent: 7, mbps: 7 },
        timeZone: 'Asia/Shanghai',
      },
    });
    expect(warnings).toEqual([]);
  });

  test('DataWorks 2.0 with named steps in any order, a processor and display keys', async () => {
    const { job } = await load(`{
      "$schema": "./job.schema.json", "type": "job", "version": 2, "transform": false, "extend": {"mode": "wizard"},
      "order": {"hops": [{"from": "R1", "to": "W1"}]},
      "steps": [
        {"name": "Processor", "stepType": null, "category": "processor", "copies": 1, "parameter": {"anything": 1}},
        {"name": "W1", "stepType": "DevNull", "category": "writer", "parameter": {}, "gui": {"x": 1}},
        {"name": "R1", "stepType": "rowsreader", "category": "reader",
         "parameter": {"datasource": "shop", "table": 12, "column": ["id"], "maxRetryTime": "3", "newVersion": "TRUE"}}
      ],
      "setting": {
        "executeMode": null, "errorLimit": {"record": ""}, "timeZone": "America/New_York",
        "speed": {"concurrent": 1, "throttle": true, "mbps": "12"}
      }
    }`);
    expect(json(job)).toEqual({
      dialect: 'v2',
      reader: {
        type: 'rows',
        path: 'steps[2].parameter',
        params: { datasource: 'shop', table: 12, column: ['id'], maxRetryTime: '3', newVersion: 'TRUE' },
      },
      writer: { type: 'devnull', path: 'steps[1].parameter', params: {} },
      setting: {
        errorLimit: { kind: 'records', limit: 0 },
        speed: { concurrent: 1, mbps: 12 },
        timeZone: 'America/New_York',
      },
    });
  });

  test('DataX', async () => {
    const { job } = await load(
      `{"job": {
        "content": [{
          "reader": {"name": "devnullreader", "parameter": {"sliceRecordCount": "10"}},
          "writer": {"name": "fileswriter", "parameter": {
            "endpoint": "https://lake.example", "bucket": "lake", "accessId": "\${env:ID}", "accessKey": "\${env:KEY}",
            "object": "out/\${dt}", "writeMode": "nonConflict", "maxFileSize": 1.10}},
          "transformer": []
        }],
        "setting": {"speed": {"channel": 3, "byte": 3145728}, "errorLimit": {"record": 10, "percentage": "0"}, "dryRun": "false"}
      }}`,
      { assignments: 'dt=$bizdate' },
    );
    expect(json(job)).toEqual({
      dialect: 'datax',
      reader: {
        type: 'devnull',
        path: 'job.content[0].reader.parameter',
        params: { sliceRecordCount: '10' },
      },
      writer: {
        type: 'files',
        path: 'job.content[0].writer.parameter',
        params: {
          endpoint: 'https://lake.example',
          bucket: 'lake',
          accessId: '${env:ID}',
          accessKey: '${env:KEY}',
          object: 'out/20251031',
          writeMode: 'nonConflict',
          maxFileSize: '1.10',
        },
      },
      setting: {
        errorLimit: { kind: 'records', limit: 10 },
        speed: { concurrent: 3, mbps: 3 },
        timeZone: 'Asia/Shanghai',
      },
    });
  });
});

const SIDES = `"reader": {"plugin": "devnull"}, "writer": {"plugin": "devnull"}`;
const v1Setting = async (setting: string, zone?: string): Promise<JobModel['setting']> => {
  const text = `{"configuration": {${SIDES}, "setting": ${setting}}}`;
  return (await load(text, zone === undefined ? {} : { defaultTimeZone: zone })).job.setting;
};

const v2Text = (setting: string): string => `{"steps": [
  {"category": "reader", "stepType": "devnull"}, {"category": "writer", "stepType": "devnull"}], "setting": ${setting}}`;
const v2Setting = async (setting: string): Promise<JobModel['setting']> =>
  (await load(v2Text(setting))).job.setting;

const dataxSetting = async (setting: string, more = ''): Promise<JobModel['setting']> => {
  const content = '{"reader": {"name": "devnullreader"}, "writer": {"name": "devnullwriter"}}';
  return (await load(`{"job": {"content": [${content}], "setting": ${setting}}${more}}`)).job.setting;
};

describe('speed', () => {
  test.each([
    ['{}', { concurrent: 1 }],
    ['{"speed": {}}', { concurrent: 1 }],
    ['{"speed": {"concurrent": 1000}}', { concurrent: 1000 }],
    ['{"speed": {"mbps": "5"}}', { concurrent: 1, mbps: 5 }],
    ['{"speed": {"mbps": 1.5, "throttle": "True"}}', { concurrent: 1, mbps: 1.5 }],
    ['{"speed": {"mbps": 5, "throttle": false}}', { concurrent: 1 }],
    ['{"speed": {"concurrent": "1e2"}}', { concurrent: 100 }],
  ])('1.0: %s', async (setting, speed) => {
    expect((await v1Setting(setting)).speed).toEqual(speed);
  });

  test.each([
    ['{"speed": {"concurrent": 2, "throttle": false}}', { concurrent: 2 }],
    ['{"speed": {"concurrent": 2, "mbps": 9}}', { concurrent: 2 }],
    ['{"speed": {"throttle": "true", "mbps": "1"}}', { concurrent: 1, mbps: 1 }],
    ['null', { concurrent: 1 }],
  ])('2.0: %s', async (setting, speed) => {
    expect((await v2Setting(setting)).speed).toEqual(speed);
  });

  const channel = (limits: string): string => `, "core": {"transport": {"channel": {"speed": ${limits}}}}`;
  test.each([
    ['{"speed": {"channel": 5}}', '', { concurrent: 5 }],
    ['{"speed": {"byte": 1}}', '', { concurrent: 1, mbps: 1 / 1048576 }],
    ['{"speed": {"byte": 4294967296, "channel": "2"}}', '', { concurrent: 2, mbps: 4096 }],
    ['{"speed": {"record": "100"}}', '', { concurrent: 1, recordsPerSecond: 100 }],
    ['{"speed": {"channel": 2, "byte": -1, "record": 0}}', '', { concurrent: 2 }],
    ['{"speed": {"byte": 5000}}', channel('{"byte": 1000}'), { concurrent: 5, mbps: 5000 / 1048576 }],
    ['{"speed": {"byte": 500}}', channel('{"byte": 1000}'), { concurrent: 1, mbps: 500 / 1048576 }],
    [
      '{"speed": {"byte": 5000, "record": 30, "channel": 9}}',
      channel('{"byte": 1000, "record": 10}'),
      { concurrent: 3, mbps: 5000 / 1048576, recordsPerSecond: 30 },
    ],
    ['{"speed": {"channel": 4}}', channel('{"byte": 1048576, "record": -1}'), { concurrent: 4, mbps: 4 }],
  ])('DataX: %s %s', async (setting, more, speed) => {
    expect((await dataxSetting(setting, more)).speed).toEqual(speed);
  });
});

describe('error limit', () => {
  test.each([
    ['{}', { kind: 'records', limit: 0 }],
    ['{"record": null}', { kind: 'records', limit: 0 }],
    ['{"record": ""}', { kind: 'records', limit: 0 }],
    ['{"record": "1"}', { kind: 'records', limit: 1 }],
    ['{"record": 10, "percentage": 0.5}', { kind: 'records', limit: 10 }],
    ['{"percentage": "0.02"}', { kind: 'share', limit: 0.02 }],
    ['{"record": "", "percentage": 1}', { kind: 'share', limit: 1 }],
  ])('%s', async (limit, expected) => {
    expect((await v2Setting(`{"errorLimit": ${limit}}`)).errorLimit).toEqual(expected);
    expect((await dataxSetting(`{"speed": {"channel": 1}, "errorLimit": ${limit}}`)).errorLimit).toEqual(
      expected,
    );
  });
});

describe('time zone', () => {
  test('the project can set another default, the job wins', async () => {
    expect((await v1Setting('{}', 'Europe/Berlin')).timeZone).toBe('Europe/Berlin');
    expect((await v1Setting('{"timeZone": "UTC"}', 'Europe/Berlin')).timeZone).toBe('UTC');
    expect((await v1Setting('{"timeZone": ""}')).timeZone).toBe('Asia/Shanghai');
  });
});

describe('warnings', () => {
  test.each([
    ['{"speed": {"mbps": 5}}', 'setting.speed.mbps', /limits nothing/],
    ['{"errorLimit": {"record": 1, "percentage": 1}}', 'setting.errorLimit.percentage', /beside `record`/],
    ['{"executeMode": "distribute"}', 'setting.executeMode', /concurrent/],
  ])('%s', async (setting, path, message) => {
    const { warnings } = await load(v2Text(setting));
    expect(warnings).toEqual([
      expect.objectContaining({ code: 'JOB-1023', path, message: expect.stringMatching(message) }),
    ]);
  });

  test('no warning for a job that distributes to enough workers', async () => {
    const { warnings } = await load(v2Text('{"executeMode": "distribute", "speed": {"concurrent": 8}}'));
    expect(warnings).toEqual([]);
  });

  test('tuning of the DataX engine is ignored with a warning', async () => {
    const text = `{"job": {"content": [{"reader": {"name": "devnull"}, "writer": {"name": "devnull"}}],
      "setting": {"speed": {"channel": 1}}}, "core": {"transport": {"channel": {"capacity": 512}}}}`;
    const { warnings } = await load(text);
    expect(warnings.map((warning) => warning.path)).toEqual(['core.transport.channel.capacity']);
  });
});
