import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readerSchema } from '../../../core/connectors/ots/config.ts';
import { ots } from '../../../core/connectors/ots/index.ts';
import { INF_MAX, INF_MIN } from '../../../core/tablestore/index.ts';

const minimal = {
  endpoint: 'https://inst.cn-hangzhou.ots.aliyuncs.com',
  instanceName: 'inst',
  accessId: 'id',
  accessKey: 'secret',
  table: 't',
  column: [{ name: 'pk' }],
};

/** Faults as `path: message`, path in JSON notation. */
function faultsOf(params: object): string[] {
  const result = readerSchema.safeParse(params);
  if (result.success) return [];
  return result.error.issues.map((issue) => `${z.core.toDotPath(issue.path)}: ${issue.message}`);
}

const parse = (extra: object) => readerSchema.parse({ ...minimal, ...extra });

describe('accepted', () => {
  test('the least that a job can say', () => {
    expect(parse({})).toEqual({
      connection: {
        endpoint: 'https://inst.cn-hangzhou.ots.aliyuncs.com',
        instanceName: 'inst',
        accessKeyId: 'id',
        accessKeySecret: 'secret',
        timeoutMs: 20_000,
      },
      table: 't',
      columns: [{ kind: 'name', name: 'pk' }],
      range: { begin: [], end: [], split: [] },
      includeEmptyRows: true,
      maxRetries: 18,
      retryPauseMs: 100,
    });
  });

  test('range values of every type, in any case', () => {
    const begin = [
      { type: 'inf_min' },
      { type: 'STRING', value: '' },
      { type: 'Int', value: '-9223372036854775808' },
      { type: 'binary', value: 'AP8=' },
      { type: 'INF_MAX', value: 'ignored' },
    ];
    expect(parse({ range: { begin } }).range.begin).toEqual([
      INF_MIN,
      '',
      -(2n ** 63n),
      Buffer.from([0, 255]),
      INF_MAX,
    ]);
  });

  test('constants of every type', () => {
    const column = [
      { type: 'string', value: 'x' },
      { type: 'INT', value: '9223372036854775807' },
      { type: 'double', value: '1e3' },
      { type: 'bool', value: 'TRUE' },
      { type: 'binary', value: '' },
      { name: 'pk', type: 'ignored', value: 'ignored' },
    ];
    const values = parse({ column }).columns.map((c) => (c.kind === 'constant' ? c.value : c.name));
    expect(values).toEqual(['x', 2n ** 63n - 1n, 1000, true, Buffer.alloc(0), 'pk']);
  });

  test('the second spelling of the credentials', () => {
    const { accessId: _id, accessKey: _key, ...rest } = minimal;
    const params = { ...rest, accessKeyId: 'a', accessKeySecret: 'b', securityToken: 'c' };
    expect(readerSchema.parse(params).connection).toMatchObject({
      accessKeyId: 'a',
      accessKeySecret: 'b',
      securityToken: 'c',
    });
  });

  test('parameters of DataX that have no effect here, and numbers as text', () => {
    const config = parse({
      newVersion: 'true',
      mode: 'Normal',
      isTimeseriesTable: false,
      metaMode: '',
      ioThreadCount: 4,
      maxConnectionCount: '8',
      socketTimeoutInMillisecond: '30000',
      connectTimeoutInMillisecond: 5000,
      maxRetryTime: '3',
      retryPauseInMillisecond: 50,
    });
    expect(config).toMatchObject({ maxRetries: 3, retryPauseMs: 50, connection: { timeoutMs: 35_000 } });
  });

  test('a connection alone', () => {
    const { table: _table, column: _column, ...connection } = minimal;
    expect(ots.connection?.parse(connection)).toMatchObject({ instanceName: 'inst', accessKeyId: 'id' });
  });
});

describe('refused', () => {
  test.each<[object, string]>([
    [{ table: ' ' }, 'table: is required'],
    [{ column: [] }, 'column: needs at least one column'],
    [{ column: [{}] }, 'column[0]: needs a "name", or "type" and "value" for a constant'],
    [{ column: [{ name: 'é' }] }, 'column[0].name: is not a column name of Tablestore'],
    [{ column: [{ type: 'int', value: '1.5' }] }, 'column[0]: the value is not a valid int'],
    [{ column: [{ type: 'int', value: 5 }] }, 'column[0].value: must be a JSON string, whatever the type'],
    [{ column: [{ type: 'double', value: '1e999' }] }, 'column[0]: the value is not a valid double'],
    [{ column: [{ type: 'bool', value: 'yes' }] }, 'column[0]: the value is not a valid bool'],
    [
      { column: [{ type: 'date', value: 'x' }] },
      'column[0]: type must be one of string, int, double, bool, binary',
    ],
    [
      { range: { begin: [{ type: 'INT', value: '9223372036854775808' }] } },
      'range.begin[0].value: must be a decimal integer of at most 64 bits',
    ],
    [
      { range: { end: [{ type: 'INT', value: 5 }] } },
      'range.end[0].value: must be a JSON string, for INT too: write "5", not 5',
    ],
    [{ range: { split: [{ type: 'STRING' }] } }, 'range.split[0].value: is required for type STRING'],
    [{ range: { begin: [{ type: 'BINARY', value: 'AP8' }] } }, 'range.begin[0].value: must be Base64'],
    [
      { range: { begin: [{ type: 'DOUBLE', value: '1' }] } },
      'range.begin[0].type: must be INF_MIN, INF_MAX, STRING, INT or BINARY',
    ],
    [{ mode: 'multiVersion' }, 'mode: mode multiVersion is not available yet'],
    [{ mode: 'fast' }, 'mode: must be normal'],
    [{ isTimeseriesTable: true }, 'isTimeseriesTable: reading time series tables is not available yet'],
    [{ metaMode: 'true' }, 'metaMode: metaMode is not available yet'],
    [{ timeRange: { begin: 1 } }, 'timeRange: belongs to mode multiVersion, which is not available yet'],
    [{ maxVersion: 3 }, 'maxVersion: belongs to mode multiVersion, which is not available yet'],
    [{ maxRetryTime: -1 }, 'maxRetryTime: must be a whole number from 0 to 1000'],
    [{ includeEmptyRows: 'yes' }, 'includeEmptyRows: must be true or false'],
    [{ endpoint: 'inst.ots.aliyuncs.com' }, 'endpoint: must be http(s)://host[:port], without a path'],
    [{ accessKeyId: 'other' }, 'accessKeyId: says something else than accessId; give one of the two'],
    [{ accessKey: undefined }, 'accessKey: is required'],
    [{ tabel: 't' }, ': Unrecognized key: "tabel"'],
  ])('%j', (extra, fault) => {
    expect(faultsOf({ ...minimal, ...extra })).toEqual([fault]);
  });

  test('several faults at once', () => {
    expect(faultsOf({ ...minimal, table: '', column: [{}], mode: 'x' })).toHaveLength(3);
  });
});

test('an editor schema can be made of it', () => {
  const json = z.toJSONSchema(readerSchema, { io: 'input', unrepresentable: 'any' });
  expect(json.required).toEqual(['endpoint', 'instanceName', 'table', 'column']);
});
