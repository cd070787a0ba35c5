import { describe, expect, it } from 'vitest';
import { ossReaderSchema } from '../../../core/connectors/oss/read/config.ts';

const base = {
  endpoint: 'http://oss-cn-hangzhou.aliyuncs.com',
  bucket: 'bucket-a',
  accessId: 'id',
  accessKey: 'secret',
  object: ['d/*.csv'],
  column: ['*'],
};

/** Paths of the faults. */
const faults = (params: Record<string, unknown>): string[] => {
  const result = ossReaderSchema.safeParse({ ...base, ...params });
  return result.success ? [] : result.error.issues.map(({ path }) => path.join('.'));
};

const textOf = (params: Record<string, unknown>) => {
  const { format } = ossReaderSchema.parse({ ...base, ...params });
  if (format.kind !== 'text') throw new Error('not text');
  return format.text;
};

describe('oss reader parameters', () => {
  it('fills in the defaults', () => {
    expect(ossReaderSchema.parse(base)).toMatchObject({
      objects: ['d/*.csv'],
      successOnNoObject: false,
      cutsObjects: true,
    });
    expect(textOf({})).toEqual({
      fileFormat: 'text',
      fieldDelimiter: ',',
      encoding: 'UTF-8',
      compress: 'none',
      skipHeader: false,
      columns: undefined,
      escape: 'doubled',
      multiLineCells: true,
      trimWhitespace: false,
      skipEmptyLines: true,
      byteEncoding: 'text',
      maxExpansion: 100,
    });
  });

  it('reads texts as the job editor writes them', () => {
    const text = textOf({
      object: 'one.csv',
      fileFormat: 'csv',
      compress: '',
      encoding: '',
      skipHeader: 'true',
      column: [
        { index: '0', type: 'LONG' },
        { value: 7, type: 'int' },
        { index: 1, type: 'date', format: 'yyyyMMdd' },
      ],
      csvReaderConfig: {
        textQualifier: "'",
        escapeMode: '2',
        safetySwitch: 'false',
        skipEmptyRecords: false,
      },
    });
    expect(text).toMatchObject({
      quote: "'",
      escape: 'backslash',
      skipHeader: true,
      skipEmptyLines: false,
      columns: [
        { index: 0, type: 'long' },
        { value: '7', type: 'long' },
        { index: 1, type: 'date', format: 'yyyyMMdd' },
      ],
    });
  });

  it('keeps empty lines where they are the only value', () => {
    const column = [{ index: 0, type: 'string' }];
    expect(textOf({ column }).skipEmptyLines).toBe(false);
    expect(textOf({ column, fileFormat: 'csv' }).skipEmptyLines).toBe(true);
  });

  it('takes names, indexes or everything of Parquet', () => {
    const parquet = (column: unknown) =>
      ossReaderSchema.parse({ ...base, fileFormat: 'parquet', column }).format;
    expect(parquet(['*'])).toEqual({ kind: 'parquet', columns: undefined });
    expect(parquet(['a', { name: 'b', type: 'string' }, { index: 2 }])).toEqual({
      kind: 'parquet',
      columns: [{ name: 'a' }, { name: 'b' }, { index: 2 }],
    });
  });

  it.each([
    [{ object: [] }, 'object'],
    [{ column: [] }, 'column'],
    [{ column: [{ type: 'string' }] }, 'column.0'],
    [{ column: [{ index: 1, value: 'x', type: 'string' }] }, 'column.0'],
    [{ column: [{ index: 1, type: 'wort' }] }, 'column.0.type'],
    [{ column: [{ index: 5000, type: 'string' }] }, 'column.0.index'],
    [{ column: ['name'] }, 'column.0'],
    [{ column: ['a', '*'] }, 'column.1'],
    [{ fileFormat: 'orc' }, 'fileFormat'],
    [{ compress: 'zip' }, 'compress'],
    [{ encoding: 'klingon' }, 'encoding'],
    [{ fileFormat: 'csv', fieldDelimiter: '||' }, 'fieldDelimiter'],
    [{ fileFormat: 'text', csvReaderConfig: { textQualifier: "'" } }, 'csvReaderConfig.textQualifier'],
    [{ fileFormat: 'parquet', compress: 'gzip' }, 'compress'],
    [{ fileFormat: 'parquet', column: [{ value: 'x' }] }, 'column.0'],
    [{ maxExpansion: -1 }, 'maxExpansion'],
    [{ accessKey: undefined }, 'accessKey'],
  ] as [Record<string, unknown>, string][])('refuses %j at %s', (params, path) => {
    expect(
      faults(params).some(
        (fault) => fault === path || fault.startsWith(`${path}.`) || path.startsWith(`${fault}.`),
      ),
    ).toBe(true);
    expect(faults(params)).not.toEqual([]);
  });

  it('knows no other keys', () => {
    expect(ossReaderSchema.safeParse({ ...base, skipheader: true }).success).toBe(false);
  });
});
