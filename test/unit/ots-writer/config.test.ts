import { describe, expect, it } from 'vitest';
import { ots } from '../../../core/connectors/ots/index.ts';
import type { OtsWriterConfig } from '../../../core/connectors/ots/write/writer-config.ts';

const minimal = {
  endpoint: 'https://inst.cn-hangzhou.ots.aliyuncs.com',
  instanceName: 'inst',
  accessId: 'id',
  accessKey: 'secret',
  table: 't',
  primaryKey: [{ name: 'id', type: 'int' }],
  column: [{ name: 'a', type: 'string' }],
  writeMode: 'PutRow',
};

const parse = (changes: object = {}): OtsWriterConfig => ots.writer!.schema.parse({ ...minimal, ...changes });

/** Faults as `path: message`. */
function faults(changes: object): string[] {
  const { error } = ots.writer!.schema.safeParse({ ...minimal, ...changes });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('parameters of the writer', () => {
  it('have the defaults of DataX', () => {
    expect(parse()).toEqual({
      connection: {
        endpoint: 'https://inst.cn-hangzhou.ots.aliyuncs.com',
        instanceName: 'inst',
        accessKeyId: 'id',
        accessKeySecret: 'secret',
        timeoutMs: 20_000,
      },
      table: 't',
      key: [{ name: 'id', type: 'INTEGER' }],
      attributes: [{ name: 'a', type: 'STRING' }],
      operation: 'put',
      batchRows: 100,
      batchBytes: 1_048_576,
      concurrency: 5,
      maxKeyBytes: 1024,
      maxAttributeBytes: 2 * 1024 * 1024,
      allowLossy: false,
      maxRetries: 18,
      retryPauseMs: 100,
    });
  });

  it('are taken as generated jobs write them', () => {
    const config = parse({
      primaryKey: ['p', { name: 'q', type: 'BINARY' }],
      column: [
        { name: 'a', type: 'Int' },
        { name: 'b', type: 'double' },
        { name: 'c', type: 'BOOL' },
        { name: 'd', type: 'binary' },
      ],
      writeMode: 'updaterow',
      mode: 'Normal',
      defaultTimestampInMillisecond: 1_706_904_245_006,
      requestTotalSizeLimitation: '1000',
      batchWriteCount: '200',
      newVersion: 'true',
      isTimeseriesTable: 'false',
      enableAutoIncrement: false,
      ioThreadCount: 3,
    });
    expect(config).toMatchObject({
      key: [{ name: 'p' }, { name: 'q', type: 'BINARY' }],
      attributes: [{ type: 'INTEGER' }, { type: 'DOUBLE' }, { type: 'BOOLEAN' }, { type: 'BINARY' }],
      operation: 'update',
      version: 1_706_904_245_006n,
      batchBytes: 1000,
      batchRows: 200,
    });
    expect(parse({ defaultTimestampInMillisecond: -1 })).not.toHaveProperty('version');
    expect(parse({ writeMode: 'DeleteRow', column: [] })).toMatchObject({ operation: 'delete' });
    expect(parse({ column: [] })).toMatchObject({ attributes: [] });
  });

  it.each([
    [{ writeMode: undefined }, 'writeMode: must be PutRow, UpdateRow or DeleteRow'],
    [{ writeMode: 'insert' }, 'writeMode: must be PutRow, UpdateRow or DeleteRow'],
    [{ mode: 'multiVersion' }, 'mode: mode multiVersion is not available yet'],
    [{ isTimeseriesTable: true }, 'isTimeseriesTable: writing time series tables is not available yet'],
    [{ timeunit: 'SECONDS' }, 'timeunit: belongs to time series tables, which are not available yet'],
    [
      { columnNamePrefixFilter: 'x' },
      'columnNamePrefixFilter: belongs to mode multiVersion, which is not available yet',
    ],
    [{ primaryKey: [] }, 'primaryKey: needs at least one column'],
    [{ primaryKey: ['a', 'b', 'c', 'd', 'e'] }, 'primaryKey: a table has at most 4 key columns'],
    [{ column: [{ name: 'id', type: 'int' }] }, 'column.0: `id` stands twice among primaryKey and column'],
    [{ column: [{ name: 'a b', type: 'int' }] }, 'column.0.name: is not a column name of Tablestore'],
    [
      { column: [{ name: 'a', type: 'long' }] },
      'column.0.type: must be one of string, int, binary, double, bool',
    ],
    [{ writeMode: 'UpdateRow', column: [] }, 'column: UpdateRow needs at least one attribute'],
    [{ writeMode: 'DeleteRow' }, 'column: DeleteRow takes the key alone: must be empty'],
    [{ attributeColumnMaxCount: 1025 }, 'attributeColumnMaxCount: must be a whole number from 1 to 1024'],
    [{ batchWriteCount: 201 }, 'batchWriteCount: must be a whole number of rows from 1 to 200'],
    [
      { requestTotalSizeLimitation: 4_194_305 },
      'requestTotalSizeLimitation: must be a whole number of bytes from 1 to 4194304',
    ],
    [{ accessKey: undefined }, 'accessKey: is required'],
  ])('refuse %o', (changes, fault) => {
    expect(faults(changes)).toEqual([fault]);
  });

  it('refuse auto-increment by name, an unknown key, and tell all faults at once', () => {
    expect(faults({ enableAutoIncrement: true })[0]).toMatch(/^enableAutoIncrement: .*not available yet$/);
    expect(faults({ batchSize: 3 })).toEqual([': Unrecognized key: "batchSize"']);
    const two = [
      { name: 'a', type: 'int' },
      { name: 'a', type: 'int' },
    ];
    expect(faults({ column: two, attributeColumnMaxCount: 1 })).toEqual([
      'column.1: `a` stands twice among primaryKey and column',
      'column: attributeColumnMaxCount allows 1',
    ]);
  });
});
