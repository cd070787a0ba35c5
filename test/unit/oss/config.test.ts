import { describe, expect, it } from 'vitest';
import { ossWriterSchema } from '../../../core/connectors/oss/config.ts';
import { stream } from '../../../core/connectors/stream/index.ts';

const base = {
  endpoint: 'http://oss-cn-hangzhou.aliyuncs.com',
  bucket: 'bucket-a',
  accessId: 'id',
  accessKey: 'secret',
  object: 'd/part',
  writeMode: 'truncate',
};

/** JSON paths and messages of the faults. */
const faults = (params: Record<string, unknown>): string[] => {
  const result = ossWriterSchema.safeParse({ ...base, ...params });
  return result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

describe('oss writer parameters', () => {
  it('fills in the defaults of DataX', () => {
    expect(ossWriterSchema.parse(base)).toEqual({
      connection: {
        endpoint: 'http://oss-cn-hangzhou.aliyuncs.com',
        bucket: 'bucket-a',
        accessKeyId: 'id',
        accessKeySecret: 'secret',
        cname: false,
      },
      object: 'd/part',
      suffix: '',
      writeMode: 'truncate',
      format: {
        fileFormat: 'text',
        fieldDelimiter: ',',
        lineDelimiter: '\n',
        encoding: 'UTF-8',
        nullFormat: 'null',
        byteEncoding: 'text',
      },
      gzip: false,
      maxFileSizeMb: 100_000,
      generateEmptyFile: true,
      objectHeaders: {},
    });
  });

  it('reads texts as the job editor writes them', () => {
    const config = ossWriterSchema.parse({
      ...base,
      fileFormat: 'txt',
      writeSingleObject: 'false',
      encrypt: 'true',
      maxFileSize: '5',
      compress: '',
      dateFormat: '',
      encoding: '',
      suffix: 'csv',
      nullFormat: '',
    });
    expect(config).toMatchObject({
      suffix: '.csv',
      maxFileSizeMb: 5,
      gzip: false,
      objectHeaders: { 'x-oss-server-side-encryption': 'AES256' },
      format: { fileFormat: 'text', encoding: 'UTF-8', nullFormat: '' },
    });
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [{ fileFormat: 'orc' }, /^fileFormat: .*orc.*csv, text and parquet/],
    [{ fileFormat: 'orc' }, /orc/],
    [{ compress: 'bzip2' }, /^compress: .*bzip2.*gzip/],
    [{ writeMode: 'Truncate' }, /^writeMode: /],
    [{ writeMode: undefined }, /^writeMode: /],
    [{ writeSingleObject: true }, /^writeSingleObject: /],
    [{ partition: ['a'] }, /^partition: /],
    [{ csvWriterConfig: { forceQualifier: true } }, /^csvWriterConfig: /],
    [{ blockSizeInMB: 20 }, /^blockSizeInMB: /],
    [{ writerMode: 'append' }, /writerMode/],
    [{ fileFormat: 'csv', fieldDelimiter: '||' }, /^fieldDelimiter: /],
    [{ encoding: 'klingon' }, /^encoding: /],
    [{ dateFormat: 'yyyy-MM-dd hh' }, /^dateFormat: .*hh/],
    [{ object: '' }, /^object: /],
    [{ object: '/abs' }, /^object: /],
    [{ object: 'a/../b' }, /^object: /],
    [{ object: 'x'.repeat(1000) }, /^object: .*1023/],
    [{ object: 'd/_millrace/x' }, /^object: .*reserved/],
    [{ suffix: 'a/b' }, /^object: .*slash/],
    [{ endpoint: undefined }, /^endpoint: /],
    [{ endpoint: 'ftp://x' }, /^endpoint: /],
    [{ endpoint: 'http://u:p@x' }, /^endpoint: .*credentials/],
    [{ accessKeyId: 'id' }, /^accessKeyId: /],
    [{ accessKey: undefined }, /^accessKey: /],
    [{ bucket: 'Bad_Bucket' }, /^bucket: /],
    [{ maxFileSize: 0 }, /^maxFileSize: /],
  ])('refuses %j', (params, message) => {
    expect(faults(params).join('\n')).toMatch(message);
  });

  it('reports several faults at once and shows no secret', () => {
    const all = faults({ encoding: 'x', object: '//', accessKeySecret: 'very-secret' });
    expect(all.length).toBeGreaterThanOrEqual(3);
    expect(all.join()).not.toContain('very-secret');
  });
});

describe('stream parameters', () => {
  const reader = stream.reader!.schema;
  const writer = stream.writer!.schema;
  it.each([
    [{ column: [], sliceRecordCount: 1 }],
    [{ column: [{ value: 'x' }], sliceRecordCount: 0 }],
    [{ column: [{}], sliceRecordCount: 1 }],
    [{ column: [{ type: 'long', value: '1.5' }], sliceRecordCount: 1 }],
    [{ column: [{ type: 'long', random: '5,1' }], sliceRecordCount: 1 }],
    [{ column: [{ type: 'date', value: '2024-02-30 00:00:00' }], sliceRecordCount: 1 }],
    [{ column: [{ type: 'date', value: '2024', dateFormat: 'YYYY' }], sliceRecordCount: 1 }],
    [{ column: [{ type: 'decimal', value: '1' }], sliceRecordCount: 1 }],
  ])('the reader refuses %j', (params) => {
    expect(reader.safeParse(params).success).toBe(false);
  });

  it('the writer takes {} and print false, and says why it does not print', () => {
    expect(writer.safeParse({}).success).toBe(true);
    expect(writer.safeParse({ print: false, fieldDelimiter: '\t' }).success).toBe(true);
    expect(writer.safeParse({ print: true }).error?.issues[0]?.message).toMatch(/never printed/);
    expect(writer.safeParse({ prnt: false }).success).toBe(false);
  });
});
