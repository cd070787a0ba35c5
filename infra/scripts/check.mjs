// `npm run check`: types, lint and format, import rules. All three run; the exit code is 1 if any failed.
import { spawnSync } from 'node:child_process';

const CHECKS = [
  ['kernels', 'node', ['infra/scripts/write-kernels.mjs', '--check']],
  ['types', 'tsc', ['-p', 'tsconfig.json']],
  ['lint and format', 'biome', ['check', '--error-on-warnings', '.']],
  [
    'import rules',
    'depcruise',
    ['--config', '.dependency-cruiser.cjs', 'core', 'functions', 'infra', 'events', 'cli', 'bench', 'test'],
  ],
];

let failed = 0;
for (const [name, command, args] of CHECKS) {
  const startedMs = Date.now();
  const { status } = spawnSync('npx', ['--no-install', command, ...args], { stdio: 'inherit' });
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'}  ${name}  ${seconds} s`);
  if (status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
