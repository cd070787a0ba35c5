import { expect, test } from 'vitest';
import { isTransient, withRetry } from './retry.ts';

const coded = (code: string): Error => Object.assign(new Error(code), { code });

test.each([
  ['ECONNRESET', true],
  ['ResourceThrottled', true],
  ['InvalidArgument', false],
  ['FunctionNotFound', false],
])('%s', (code, expected) => {
  expect(isTransient(coded(code))).toBe(expected);
});

test('a client timeout is transient', () => {
  expect(isTransient(Object.assign(new Error('ReadTimeout'), { name: 'RequestTimeoutError' }))).toBe(true);
  expect(isTransient('text')).toBe(false);
});

test('repeats transient failures only', async () => {
  let calls = 0;
  const step = async (): Promise<string> => {
    calls += 1;
    if (calls < 3) throw coded('ECONNRESET');
    return 'done';
  };
  expect(await withRetry(step)).toBe('done');
  expect(calls).toBe(3);
  calls = 0;
  const refused = async (): Promise<never> => {
    calls += 1;
    throw coded('InvalidArgument');
  };
  await expect(withRetry(refused)).rejects.toThrow('InvalidArgument');
  expect(calls).toBe(1);
});
