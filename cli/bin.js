#!/usr/bin/env node
// The program as npm links it: starts what `npm run build` has made of cli/main.ts.
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/main.mjs', import.meta.url);

if (!existsSync(built)) {
  console.error('millrace is not built yet: run `npm run build` in its folder (`npm install` does it too).');
  process.exit(2);
}
const { main } = await import(built.href);
await main();
