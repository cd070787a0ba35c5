import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';

/** What a measured process reports about its own work; loading of modules and connecting is not counted. */
export interface Measured {
  readonly wallMs: number;
  /** User and system time of the process. */
  readonly cpuMs: number;
  /** The same with what came before: loading and preparing. */
  readonly wholeCpuMs: number;
  /** Highest resident set of the process, MiB, loading included. */
  readonly peakMiB: number;
  readonly rows: number;
  readonly bytes: number;
}

/** Work to measure: `prepare` is not counted, what it returns is. */
export type Subject<I> = (
  input: I,
) => Promise<() => Promise<{ readonly rows: number; readonly bytes: number }>>;

const MIB = 1024 * 1024;
/** Enough for peers that hold all rows in memory. */
const HEAP_MB = 6_144;

/** Bundles an entry of `bench/subjects` into a folder of its own; `run` executes it in a fresh process each time. */
export async function subjectProcess(entry: string): Promise<SubjectProcess> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'millrace-bench-'));
  const outfile = path.join(folder, 'subject.cjs');
  await build({
    entryPoints: [path.resolve('bench/subjects', entry)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    // A bundle in strict mode would break the tablestore SDK, which assigns to undeclared variables.
    tsconfigRaw: { compilerOptions: { alwaysStrict: false, strict: false } },
    external: ['proxy-agent', 'cloudflare:sockets', 'pg-native', '@duckdb/*', '@bokuweb/zstd-wasm'],
    // CommonJS has no import.meta: modules that locate files beside themselves get the bundle's own place.
    define: { 'import.meta.url': '__bundleUrl' },
    banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'error',
  });
  return new SubjectProcess(outfile, folder);
}

/** A bundled subject. */
export class SubjectProcess {
  readonly #file: string;
  readonly #folder: string;

  constructor(file: string, folder: string) {
    this.#file = file;
    this.#folder = folder;
  }

  /** Runs the subject once in a new process. */
  run(input: unknown): Promise<Measured> {
    return new Promise((resolve, reject) => {
      const child = fork(this.#file, {
        execArgv: ['--no-deprecation', `--max-old-space-size=${HEAP_MB}`],
        // The bundle lies elsewhere; packages with binaries or companions stay where they are.
        env: { ...process.env, NODE_PATH: path.resolve('node_modules') },
      });
      child.once('message', (answer: { measured?: Measured; error?: string }) => {
        if (answer.measured) resolve(answer.measured);
        else reject(new Error(answer.error));
      });
      child.once('exit', (code) => reject(new Error(`the subject ended with ${code}`)));
      child.send({ input });
    });
  }

  close(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }
}

/** The other side of `SubjectProcess`: called once by each subject's file. */
export function serveSubject<I>(subject: Subject<I>): void {
  process.once('message', (message: { input: I }) => {
    void measure(subject, message.input).then(
      (measured) => process.send?.({ measured }, () => process.exit(0)),
      (error: unknown) =>
        process.send?.({ error: String(error instanceof Error ? error.stack : error) }, () =>
          process.exit(1),
        ),
    );
  });
}

async function measure<I>(subject: Subject<I>, input: I): Promise<Measured> {
  const work = await subject(input);
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const { rows, bytes } = await work();
  const wallMs = performance.now() - startedMs;
  const used = process.cpuUsage(cpu);
  const peakMiB = (process.resourceUsage().maxRSS * 1024) / MIB;
  const whole = process.cpuUsage();
  const milliseconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;
  return { wallMs, cpuMs: milliseconds(used), wholeCpuMs: milliseconds(whole), peakMiB, rows, bytes };
}
