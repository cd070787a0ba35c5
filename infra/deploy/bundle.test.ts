import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { formatBundles, packageOfInput } from './bundle.ts';
import { PREAMBLE } from './loader-source.ts';

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
      cacheBytes: 2_000,
      packages: [{ name: 'zod', bytes: 9_000 }],
    },
  ]);
  expect(table).toBe(
    'function  code     cache   zip     largest parts\nworker    12.3 kB  2.0 kB  1.5 kB  zod 9.0 kB',
  );
});

const MIB = 1024 * 1024;
/** Keeps many objects alive for a while, then says how large the space of young objects has become. */
const CHURN = `
  let kept = [];
  for (let i = 0; i < 3e6; i++) { kept.push({ i }); if (kept.length > 1e5) kept = []; }
  const { getHeapSpaceStatistics } = require('node:v8');
  console.log(getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size);
`;

test('the space of young objects stays small under what a package does first', () => {
  const sizeAfter = (code: string): number =>
    Number(spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' }).stdout);
  expect(sizeAfter(CHURN)).toBeGreaterThan(8 * MIB);
  expect(sizeAfter(`${PREAMBLE}\n${CHURN}`)).toBeLessThan(4 * MIB);
});
