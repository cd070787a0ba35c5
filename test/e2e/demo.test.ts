/** `npm run demo` as somebody in a pipe sees it: the story's facts, the exit code, and that nothing stays behind. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** The fewest that leave every shard partly done for a moment. */
const ROWS = 60_000;

/** Folder for temporary files of the demo and all of its processes: those with it in their arguments are its own. */
let temporary: string;

beforeEach(() => {
  temporary = mkdtempSync(path.join(os.tmpdir(), 'demo-test-'));
});

afterEach(() => {
  rmSync(temporary, { recursive: true, force: true });
});

interface Demo {
  readonly child: ChildProcess;
  /** What it wrote so far. */
  readonly output: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

function startDemo(...args: readonly string[]): Demo {
  const { CI: _ci, FORCE_COLOR: _color, ...env } = process.env;
  const child = spawn(process.execPath, ['infra/scripts/run-ts.mjs', 'cli/demo/main.ts', ...args], {
    env: { ...env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that a signal can reach all of it, as one of a terminal does.
    detached: true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  return { child, output: () => text, ended };
}

/** Resolves when the output has the text; throws when the demo ends without it. */
async function untilSaid({ child, output, ended }: Demo, text: string): Promise<void> {
  while (!output().includes(text)) {
    const news = await Promise.race([once(child.stdout!, 'data').then(() => 'more'), ended]);
    if (news !== 'more') throw new Error(`the demo ended without saying '${text}':\n${output()}`);
  }
}

/** Command lines of living processes of the demo. */
const processes = (): string[] =>
  execFileSync('ps', ['-Ao', 'pid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(temporary));

const CLOUD_PROCESS = /as process (\d+)\./;
const LEFTOVER_LIMIT_MS = 20_000;
const LOOK_MS = 50;

/** Waits until no process and no file of the demo is left; throws when that takes too long. */
async function untilGone(output: string): Promise<void> {
  const cloud = numberIn(output, CLOUD_PROCESS);
  const deadlineMs = performance.now() + LEFTOVER_LIMIT_MS;
  for (;;) {
    const left = [...processes(), ...readdirSync(temporary), ...(isAlive(cloud) ? [`cloud ${cloud}`] : [])];
    if (left.length === 0) return;
    if (performance.now() > deadlineMs) throw new Error(`left behind: ${left.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** The number at the place of the group, without its thousands separators. */
function numberIn(output: string, pattern: RegExp): number {
  const found = pattern.exec(output)?.[1];
  if (found === undefined) throw new Error(`${pattern} is not in:\n${output}`);
  return Number(found.replaceAll(',', ''));
}

describe('the demo', () => {
  it('kills a worker, recovers from its checkpoint, and every row arrives once', async () => {
    const demo = startDemo('--rows', String(ROWS));
    await untilSaid(demo, 'killed on purpose');
    const victim = numberIn(demo.output(), /Worker process (\d+) killed on purpose/);
    const { code } = await demo.ended;
    const output = demo.output();

    expect(code, output).toBe(0);
    expect(isAlive(victim)).toBe(false);
    expect(numberIn(output, /was taken over after .* as epoch (\d+)/)).toBeGreaterThanOrEqual(2);
    const checkpoint = numberIn(output, /after its last checkpoint, at ([\d,]+) rows/);
    expect(checkpoint).toBeGreaterThan(0);
    expect(checkpoint).toBeLessThan(ROWS);
    expect(numberIn(output, /cells in (\d+) shards/)).toBeGreaterThanOrEqual(8);
    const count = ROWS.toLocaleString('en-US');
    expect(output).toContain(`rows      ${count} read, ${count} written, 0 dirty`);
    expect(output).toMatch(new RegExp(`in the export +${count} rows`));
    for (const none of ['missing', 'twice', 'different']) expect(output).toMatch(new RegExp(`${none} +0\n`));
    // The awkward values, as they are in the file.
    expect(output).toContain('c0000,-9223372036854775808,new,9223372036854775807,');
    expect(output).toContain('"sent ""express"", fragile"');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a pipe must get none of these
    expect(output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
    await untilGone(output);
  });

  it.each([
    ['SIGINT', { code: 130, signal: null }],
    ['SIGTERM', { code: 143, signal: null }],
    ['SIGHUP', { code: null, signal: 'SIGHUP' }],
  ] as const)('leaves nothing behind after %s from its terminal', async (signal, end) => {
    const demo = startDemo('--rows', String(ROWS));
    await untilSaid(demo, 'Fill the table');
    expect(readdirSync(temporary)).not.toEqual([]);
    expect(processes()).not.toEqual([]);
    process.kill(-demo.child.pid!, signal);
    expect(await demo.ended).toEqual(end);
    await untilGone(demo.output());
  });

  it('leaves nothing behind when it is killed', async () => {
    const demo = startDemo('--rows', String(ROWS));
    await untilSaid(demo, 'Fill the table');
    demo.child.kill('SIGKILL');
    expect(await demo.ended).toEqual({ code: null, signal: 'SIGKILL' });
    await untilGone(demo.output());
  });

  it('fails at once when its cloud dies', async () => {
    const demo = startDemo('--rows', String(ROWS));
    await untilSaid(demo, 'Fill the table');
    process.kill(numberIn(demo.output(), CLOUD_PROCESS), 'SIGKILL');
    expect((await demo.ended).code).toBe(1);
    expect(demo.output()).toContain('The demo failed: CLI-0007 the local cloud ended by SIGKILL');
    await untilGone(demo.output());
  });

  it.each(['--rows 10', '--rows', '--rows 1e6', '--nope'])('refuses %s', async (line) => {
    const demo = startDemo(...line.split(' '));
    expect((await demo.ended).code).toBe(2);
    expect(demo.output()).toContain('usage: npm run demo');
  });
});
