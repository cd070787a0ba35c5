import { expect, test } from 'vitest';
import { LineSplitter, LogTail } from './log-tail.ts';

test('the tail is the last 4 KiB', () => {
  const tail = new LogTail();
  tail.append('start');
  expect(tail.read()).toBe('start');
  for (let line = 0; line < 10_000; line++) tail.append(`${line}\n`);
  expect(Buffer.byteLength(tail.read())).toBe(4_096);
  expect(tail.read().endsWith('9998\n9999\n')).toBe(true);
});

test('lines are cut over chunks', () => {
  const splitter = new LineSplitter();
  expect(splitter.push('a')).toEqual([]);
  expect(splitter.push('b\nc\n\nd')).toEqual(['ab', 'c', '']);
  expect(splitter.flush()).toEqual(['d']);
  expect(splitter.flush()).toEqual([]);
});

test('an endless line is cut', () => {
  const splitter = new LineSplitter();
  expect(splitter.push('x'.repeat(65_536))).toEqual([]);
  expect(splitter.push('y')).toEqual([`${'x'.repeat(65_536)}y`]);
  expect(splitter.push('z\n')).toEqual(['z']);
});
