import { expect, test } from 'vitest';
import { formatBundles, packageOfInput } from './bundle.ts';

test.each([
  ['core/plan/plan.ts', '(own)'],
  ['node_modules/zod/v4/core.js', 'zod'],
  ['node_modules/@middy/core/index.js', '@middy/core'],
  ['node_modules/ali-oss/node_modules/debug/src/index.js', 'debug'],
])('the package of %s', (input, expected) => {
  expect(packageOfInput(input)).toBe(expected);
});

test('the size table', () => {
  const table = formatBundles([
    {
      name: 'worker',
      zip: new Uint8Array(1_500),
      codeBytes: 12_345,
      packages: [{ name: 'zod', bytes: 9_000 }],
    },
  ]);
  expect(table).toBe('function  code     zip     largest parts\nworker    12.3 kB  1.5 kB  zod 9.0 kB');
});
