import { describe, expect, it } from 'vitest';
import {
  describeParquetColumn,
  parquetColumn,
  parseParquetSchema,
} from '../../../../core/formats/parquet/index.ts';
import type { Column } from '../../../../core/types/index.ts';

const faults = (text: string): string => {
  const parsed = parseParquetSchema(text);
  return 'faults' in parsed ? parsed.faults.join('\n') : 'none';
};
const message = (field: string): string => `message m { ${field} }`;

describe('the schema of a job', () => {
  it('reads every type and annotation', () => {
    const parsed = parseParquetSchema(`message user_profile {
      required int64 id;
      optional binary name (UTF8);
      optional BINARY raw;
      optional int32 born (DATE);
      optional fixed_len_byte_array(16) amount (DECIMAL(38, 10));
      optional int64 small (DECIMAL(18,2));
      optional int64 at (TIMESTAMP_MICROS);
      optional int64 civil (TIMESTAMP(NANOS,false));
      optional int64 clock (TIME(MICROS,false));
      optional boolean flag;
      optional double score;
      optional int64 big (UINT_64);
      optional int32 tiny (INTEGER(8,true));
      optional binary extra (JSON);
    }`);
    if ('faults' in parsed) throw new Error(parsed.faults.join());
    expect(
      parsed.columns.map(
        (column) => `${column.name} ${describeParquetColumn(column)}${column.required ? '!' : ''}`,
      ),
    ).toEqual([
      'id INT64!',
      'name BYTE_ARRAY string',
      'raw BYTE_ARRAY',
      'born INT32 date',
      'amount FIXED_LEN_BYTE_ARRAY(16) decimal(38,10)',
      'small INT64 decimal(18,2)',
      'at INT64 timestamp(MICROS, UTC)',
      'civil INT64 timestamp(NANOS)',
      'clock INT64 time(MICROS)',
      'flag BOOLEAN',
      'score DOUBLE',
      'big INT64 uint64',
      'tiny INT32 int8',
      'extra BYTE_ARRAY json',
    ]);
  });

  it.each([
    ['', /message NAME/],
    ['message m {}', /no columns/],
    ['message m { optional int64 a }', /semicolon/],
    [message('int64 a;'), /is no column/],
    [message('optional int96 a;'), /int96.*TIMESTAMP/],
    [message('optional float a;'), /use double/],
    [message('optional group a (LIST) { repeated int32 x; };'), /lists, maps and structs/],
    [message('optional string a;'), /no type string/],
    [message('optional int64 a (UTF8);'), /needs BYTE_ARRAY/],
    [message('optional int32 a (DECIMAL(10,2));'), /too small for 10 digits/],
    [message('optional fixed_len_byte_array(8) a (DECIMAL(19,2));'), /length of 9 to 16/],
    [message('optional fixed_len_byte_array a;'), /needs one/],
    [message('optional binary a (DECIMAL(39,2));'), /up to 38 digits/],
    [message('optional int64 a (MICROS);'), /no annotation MICROS/],
    [message('optional int64 a; optional int32 a;'), /twice/],
  ])('refuses %j', (text, expected) => {
    expect(faults(text)).toMatch(expected);
  });

  it('reports every fault at once', () => {
    expect(
      faults('message m { optional int96 a; optional float b; optional int64 c; }').split('\n'),
    ).toHaveLength(2);
  });
});

describe('the column for a source column', () => {
  const made = (type: Column['type'], facts: Column['facts'] = {}): string => {
    const column = parquetColumn({ name: 'c', type, facts });
    return 'refused' in column ? `refused: ${column.refused}` : describeParquetColumn(column);
  };

  it.each([
    ['long', {}, 'INT64'],
    ['long', { width: 4 }, 'INT32'],
    ['long', { width: 4, unsigned: true }, 'INT64'],
    ['long', { width: 2, unsigned: true }, 'INT32'],
    ['long', { width: 8, unsigned: true }, 'INT64 uint64'],
    ['double', { width: 4 }, 'DOUBLE'],
    ['decimal', { precision: 9, scale: 9 }, 'INT32 decimal(9,9)'],
    ['decimal', { precision: 10 }, 'INT64 decimal(10,0)'],
    ['decimal', { precision: 19, scale: 2 }, 'FIXED_LEN_BYTE_ARRAY(9) decimal(19,2)'],
    ['decimal', { precision: 38, scale: 0 }, 'FIXED_LEN_BYTE_ARRAY(16) decimal(38,0)'],
    ['datetime', { scale: 3 }, 'INT64 timestamp(MICROS)'],
    ['datetime', { scale: 9, zoned: true }, 'INT64 timestamp(NANOS, UTC)'],
    ['time', { scale: 7 }, 'INT64 time(NANOS)'],
  ] as const)('%s %j is %s', (type, facts, expected) => {
    expect(made(type, facts)).toBe(expected);
  });

  it('is refused where no type is exact', () => {
    expect(made('any')).toMatch(/^refused/);
    expect(made('decimal')).toMatch(/^refused.*bound/);
    expect(made('decimal', { precision: 65, scale: 30 })).toMatch(/^refused.*65 digits/);
  });
});
