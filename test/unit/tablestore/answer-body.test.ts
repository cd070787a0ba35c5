import { expect, test } from 'vitest';
import { AnswerBody } from '../../../core/tablestore/answer-body.ts';

const bodyOf = (contentLength: string | undefined, ...chunks: string[]): string => {
  const body = new AnswerBody(contentLength);
  for (const chunk of chunks) body.add(Buffer.from(chunk));
  return body.finish().toString();
};

test.each<[string | undefined, string[]]>([
  ['4', ['ab', 'cd']],
  [undefined, ['ab', 'cd']],
  ['not a number', ['abcd']],
])('length %s: the chunks in order', (length, chunks) => {
  expect(bodyOf(length, ...chunks)).toBe('abcd');
});

test('no chunks are an empty body', () => {
  expect(bodyOf('0')).toBe('');
  expect(bodyOf(undefined)).toBe('');
});

test.each<[string, string, string[]]>([
  ['shorter than announced', '5', ['abcd']],
  ['longer than announced', '3', ['ab', 'cd']],
  ['announced beyond the limit', '999999999999', []],
])('%s', (_, length, chunks) => {
  expect(() => bodyOf(length, ...chunks)).toThrow(/body/);
});
