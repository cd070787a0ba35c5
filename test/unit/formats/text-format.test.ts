import { describe, expect, it } from 'vitest';
import {
  DatePattern,
  DEFAULT_TEXT_FORMAT,
  datePatternFault,
  formatFaults,
  type TextFormat,
} from '../../../core/formats/index.ts';

const faults = (format: Partial<TextFormat>): string[] =>
  formatFaults({ ...DEFAULT_TEXT_FORMAT, fileFormat: 'csv', ...format }).map(({ option }) => option);

describe('formatFaults', () => {
  it.each<[Partial<TextFormat>, string[]]>([
    [{}, []],
    [{ fieldDelimiter: '||' }, ['fieldDelimiter']],
    [{ fieldDelimiter: '' }, ['fieldDelimiter']],
    [{ fieldDelimiter: '"' }, ['fieldDelimiter']],
    [{ fieldDelimiter: '\n' }, ['fieldDelimiter', 'lineDelimiter']],
    [{ fieldDelimiter: '🙂' }, []],
    [{ lineDelimiter: '' }, ['lineDelimiter']],
    [{ lineDelimiter: ',\n' }, ['lineDelimiter']],
    [{ nullFormat: 'a,b' }, ['nullFormat']],
    [{ nullFormat: '\\N' }, []],
    [{ encoding: 'UTF-16' }, ['encoding']],
    [{ encoding: 'base64' }, ['encoding']],
    [{ encoding: 'gbk' }, []],
    [{ encoding: 'GBK', header: ['🙂'] }, ['header']],
    [{ dateFormat: 'yyyy-MM-dd EEE' }, ['dateFormat']],
    [{ fileFormat: 'text', fieldDelimiter: '||', nullFormat: ',' }, []],
    [{ fileFormat: 'text', lineDelimiter: '' }, ['lineDelimiter']],
  ])('%j has faults in %j', (format, options) => {
    expect(faults(format)).toEqual(options);
  });
});

describe('DatePattern', () => {
  const moment = { year: 2024, month: 2, day: 29, hour: 3, minute: 4, second: 5, milli: 67 };

  it.each([
    ['yyyyMMddHHmmss', '20240229030405'],
    ["yyyy-MM-dd'T'HH:mm:ss.SSS", '2024-02-29T03:04:05.067'],
    ["''yyyy''", "'2024'"],
    ["'it''s' yyyy", "it's 2024"],
    ['yyyy年MM月dd日', '2024年02月29日'],
  ])('%s writes %s and reads it back', (pattern, text) => {
    expect(new DatePattern(pattern).format(moment)).toBe(text);
    const read = new DatePattern(pattern).parse(text);
    expect(read).toBeDefined();
    expect(new DatePattern(pattern).format(read!)).toBe(text);
  });

  it.each(['yy', 'YYYY', 'MMM', 'D', 'hh', 'a', 'Z', 'SSSSSS', "'open", 'T'])('refuses %s', (pattern) => {
    expect(datePatternFault(pattern)).toBeDefined();
    expect(() => new DatePattern(pattern)).toThrow(RangeError);
  });

  it('reads only whole texts that name real moments', () => {
    const pattern = new DatePattern('yyyy-MM-dd HH:mm:ss');
    const bad = [
      '2024-02-30 00:00:00',
      '2023-02-29 00:00:00',
      '2024-01-01 24:00:00',
      '2024-01-01',
      '2024-01-01 00:00:00x',
    ];
    for (const text of bad) expect(pattern.parse(text)).toBeUndefined();
    expect(pattern.parse('2024-12-31 23:59:59')).toMatchObject({ month: 12, second: 59 });
  });
});
