import { describe, expect, it } from 'vitest';
import { ossWriterSchema } from '../../../../core/connectors/oss/config.ts';

const base = {
  endpoint: 'http://oss-cn-hangzhou.aliyuncs.com',
  bucket: 'bucket-a',
  accessId: 'id',
  accessKey: 'secret',
  object: 'd/part',
  writeMode: 'append',
};

const faults = (params: Readonly<Record<string, unknown>>): string[] => {
  const result = ossWriterSchema.safeParse({ ...base, ...params });
  return result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};
const parsed = (params: Readonly<Record<string, unknown>>) =>
  ossWriterSchema.parse({ ...base, fileFormat: 'parquet', ...params }).parquet;

describe('parameters of parquet objects', () => {
  it('have defaults', () => {
    expect(parsed({})).toEqual({
      codec: 'snappy',
      rowGroupRows: 32_768,
      rowGroupBytes: 33_554_432,
      pageBytes: 256 * 1024,
    });
  });

  it('are read as the job editor writes them, and what text needs is let be', () => {
    const format = parsed({
      compress: 'ZSTD',
      rowGroupSizeInMB: '16',
      rowGroupRows: 1000,
      pageSizeInKB: '64',
      parquetSchema: 'message m { required int64 id; }',
      fieldDelimiter: ',',
      nullFormat: '\\N',
      encoding: 'UTF-8',
      dateFormat: '',
    });
    expect(format).toMatchObject({
      codec: 'zstd',
      rowGroupRows: 1000,
      rowGroupBytes: 16 * 1024 * 1024,
      pageBytes: 65_536,
    });
    expect(format?.columns).toEqual([
      { name: 'id', physical: 'INT64', annotation: { kind: 'none' }, required: true },
    ]);
  });

  it.each([
    [{ compress: 'lzo' }, /^compress: .*none, snappy, gzip, zstd/],
    [{ encoding: 'GBK' }, /^encoding: .*always UTF-8/],
    [{ dateFormat: 'yyyy' }, /^dateFormat: .*remove it/],
    [{ byteEncoding: 'base64' }, /^byteEncoding: /],
    [{ header: ['a'] }, /^header: .*parquetSchema/],
    [{ rowGroupSizeInMB: 0 }, /^rowGroupSizeInMB: /],
    [{ rowGroupSizeInMB: '2000' }, /^rowGroupSizeInMB: .*1024/],
    [{ parquetSchema: 'message m { optional int96 a; }' }, /^parquetSchema: .*int96/],
  ])('%j are refused', (params, message) => {
    expect(faults({ fileFormat: 'parquet', ...params }).join('\n')).toMatch(message);
  });

  it('are refused for text', () => {
    expect(faults({ fileFormat: 'csv', parquetSchema: 'x', pageSizeInKB: 64, compress: 'snappy' })).toEqual([
      'parquetSchema: parquetSchema: only for `"fileFormat": "parquet"`',
      'pageSizeInKB: pageSizeInKB: only for `"fileFormat": "parquet"`',
      'compress: compress: `snappy` does not exist here; there is gzip',
    ]);
  });
});
