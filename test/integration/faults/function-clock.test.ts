/** The time that a function sees is the one that the test sets. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FunctionClock } from '../../support/function-clock.ts';

const run = promisify(execFile);
let folder: string;
let clock: FunctionClock;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'millrace-clock-'));
  clock = new FunctionClock(folder);
});
afterEach(async () => {
  clock.close();
  await rm(folder, { recursive: true, force: true });
});

/** What a process prints that was started with the clock. */
async function printed(expression: string): Promise<number> {
  const { environment, script } = clock;
  const args = ['--require', script, '-p', expression];
  const { stdout } = await run(process.execPath, args, { env: { ...process.env, ...environment } });
  return Number(stdout);
}

describe('the clock of functions', () => {
  it('stands still, and moves as far as it is moved', async () => {
    const startMs = clock.nowMs;
    expect(await printed('Date.now()')).toBe(startMs);
    clock.advance(7 * 24 * 3_600_000);
    expect(await printed('Date.now()')).toBe(startMs + 7 * 24 * 3_600_000);
    expect(await printed('performance.now()')).toBe(clock.nowMs);
    clock.restart();
    expect(await printed('Date.now()')).toBe(clock.nowMs);
  });

  it('leaves dates of signatures and short timers alone, and makes limits of calls longer', async () => {
    clock.advance(7 * 24 * 3_600_000);
    expect(await printed('Number(new Date())')).toBeLessThan(clock.nowMs);
    const lengthOf = (ms: number) => `const t = setTimeout(() => {}, ${ms}); t.unref(); t._idleTimeout`;
    expect(await printed(lengthOf(100))).toBe(100);
    expect(await printed(lengthOf(20_000))).toBe(1_200_000);
  });
});
