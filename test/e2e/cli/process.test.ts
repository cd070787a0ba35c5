/** The program as it is installed: its own process, real signals, a real terminal. */
import { execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OrdersProject, SLICE_ROWS } from './orders-project.ts';

const run = promisify(execFile);
const BIN = path.resolve('cli/bin.js');

let project: OrdersProject;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A program whose output is watched while it runs. */
class Watched {
  out = '';
  err = '';
  readonly ended: Promise<Ended>;
  readonly #child;
  #onText: () => void = () => undefined;

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(command, args, { cwd: project.folder, env: { ...process.env, CI: '', ...env } });
    this.#child.stdout.on('data', (chunk) => this.#take('out', chunk));
    this.#child.stderr.on('data', (chunk) => this.#take('err', chunk));
    this.ended = new Promise((resolve) => {
      this.#child.on('close', (code) => resolve({ code, out: this.out, err: this.err }));
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Resolves when one of the streams has shown the pattern. */
  shown(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      this.#onText = () => {
        if (pattern.test(this.out) || pattern.test(this.err)) resolve();
      };
      this.#onText();
    });
  }

  #take(stream: 'out' | 'err', chunk: Buffer): void {
    this[stream] += chunk.toString('utf8');
    this.#onText();
  }
}

const millrace = (...args: string[]) => new Watched(process.execPath, [BIN, ...args]);
const toEnd = (...args: string[]): Promise<Ended> => millrace(...args).ended;

beforeAll(async () => {
  await run(process.execPath, ['infra/scripts/build.mjs']);
  project = await OrdersProject.create();
  const { code, out, err } = await toEnd('cloud', 'up', '--detach');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('The local cloud is running.');
  await project.slow();
});

afterAll(async () => {
  expect((await toEnd('cloud', 'reset')).out).toContain('Removed .millrace/data');
  expect((await toEnd('cloud', 'status')).code).toBe(3);
  await project[Symbol.asyncDispose]();
});

describe('the program', () => {
  test('is found by npx in its own folder', async () => {
    const { stdout } = await run('npx', ['--no-install', 'millrace', '--version'], {
      cwd: path.resolve('.'),
    });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('runs, and its data survive a restart of the cloud', async () => {
    const first = await toEnd('--local', 'run', 'measure.json');
    expect(first).toMatchObject({ code: 0, out: expect.stringContaining('SUCCEEDED after') });
    expect((await toEnd('cloud', 'down')).out).toContain('has ended');
    expect((await toEnd('cloud', 'up', '--detach')).code).toBe(0);
    const { out } = await toEnd('--local', 'runs');
    expect(out).toMatch(/measure\/\S+ +SUCCEEDED/);
  });

  test('a port that is taken is told, by the detached process too', async () => {
    const { ots } = (await project.cloudFile()).endpoints;
    const base = new URL(ots).port;
    const other = await OrdersProject.create();
    const { code, err } = await run(
      process.execPath,
      [
        BIN,
        'cloud',
        'up',
        '--detach',
        '--port-base',
        base,
        '--project',
        path.join(other.folder, 'millrace.json'),
      ],
      { cwd: other.folder },
    ).then(
      () => ({ code: 0, err: '' }),
      (error: { code: number; stderr: string }) => ({ code: error.code, err: error.stderr }),
    );
    await other[Symbol.asyncDispose]();
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringMatching(/CLI-0007.*EADDRINUSE/s) });
  });

  test('a reader that goes away early is no fault', async () => {
    const { stdout } = await run('sh', ['-c', `"${process.execPath}" "${BIN}" schema | head -c 20`]);
    expect(stdout).toHaveLength(20);
  });
});

describe('signals', () => {
  const RESUME = /millrace resume (slow\/\S+) --local/;

  test('Ctrl-C in a terminal: the display goes, the run is resumable, the code is 6', async () => {
    const command = `stty cols 70 rows 20; exec "${process.execPath}" "${BIN}" --local run slow.json`;
    const terminal = new Watched('script', ['-qec', command, '/dev/null'], {
      SHELL: '/bin/sh',
      TERM: 'xterm',
    });
    await terminal.shown(/shards 0\/4.*rows\/s/s);
    terminal.type('\u0003');
    const { code, out } = await terminal.ended;
    expect(out).toContain('Ctrl-C again ends at once');
    expect(code).toBe(6);
    expect(out.lastIndexOf('\u001b[?25h')).toBeGreaterThan(out.lastIndexOf('\u001b[?25l'));
    const name = RESUME.exec(out)?.[1] ?? '';
    const resumed = await toEnd('--local', 'resume', name, '--json');
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.out).receipt.counters.read).toBe(4 * SLICE_ROWS);
  });

  test('SIGTERM stops in good order', async () => {
    const watched = millrace('--local', 'run', 'slow.json');
    await watched.shown(/Run slow/);
    watched.signal('SIGTERM');
    const { code, out } = await watched.ended;
    expect({ code, paused: out.includes('PAUSED') }).toEqual({ code: 6, paused: true });
  });

  test('a second Ctrl-C ends at once', async () => {
    const watched = millrace('--local', 'run', 'slow.json');
    await watched.shown(/Run slow/);
    watched.signal('SIGINT');
    await watched.shown(/Stopping|PAUSED/);
    watched.signal('SIGINT');
    const { code, out, err } = await watched.ended;
    // The first may have been quick enough to stop everything.
    expect(code === 130 || (code === 6 && out.includes('PAUSED'))).toBe(true);
    expect(out + err).toMatch(RESUME);
  });

  test('a killed process loses nothing: the run goes on from its checkpoints', async () => {
    const watched = millrace('--local', 'run', 'slow.json');
    await watched.shown(/Run slow/);
    const name = /Run (\S+)/.exec(watched.out)?.[1] ?? '';
    await expect
      .poll(async () => JSON.parse((await toEnd('--local', 'show', name, '--json')).out).counters.read, {
        timeout: 60_000,
      })
      .toBeGreaterThan(0);
    watched.signal('SIGKILL');
    await watched.ended;
    const resumed = await toEnd('--local', 'resume', name, '--json');
    expect(JSON.parse(resumed.out)).toMatchObject({ state: 'SUCCEEDED', counters: { read: 4 * SLICE_ROWS } });
  });
});
