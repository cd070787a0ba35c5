import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import type { JobModel } from '../../core/job/model.ts';
import { bundleFunction } from '../../infra/deploy/bundle.ts';
import { type DeployFunction, readDeployModel } from '../../infra/deploy/model.ts';
import type { JobAnswer, JobInput } from '../subjects/millrace-job.ts';
import { type CommandTime, quoted, runCommand } from './command.ts';

/** What our side took: the whole command, and what it says of itself. */
export interface JobTime extends CommandTime, JobAnswer {}

const ENTRY = 'bench/subjects/millrace-job';
/** Calls the handler of the package with the path of its input, as an instance does with an event. */
const START = `require(process.argv[1]).main(process.argv[2]).then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);`;
/** Share of a function's memory that the heap of old objects may take, as the embedded Function Compute starts it. */
const HEAP_SHARE = 0.9;

/**
 * Jobs as whole commands: a process per run, started cold, with the code bundled and the process started as those of the
 * deployed worker are.
 */
export class WorkerCommand implements AsyncDisposable {
  readonly #folder: string;
  readonly #heapMb: number;
  readonly #profile: string | undefined;

  private constructor(folder: string, heapMb: number, profile: string | undefined) {
    this.#folder = folder;
    this.#heapMb = heapMb;
    this.#profile = profile;
  }

  /** `profile`: a folder for profiles of the processor; the code is readable then. */
  static async create(profile?: string): Promise<WorkerCommand> {
    const { functions } = await readDeployModel('serverless.yml');
    const worker = functions.find(({ name }) => name === 'worker');
    if (!worker) throw new Error('serverless.yml has no worker');
    const folder = await mkdtemp(path.join(os.tmpdir(), 'millrace-bench-worker-'));
    const definition: DeployFunction = { ...worker, handler: `${ENTRY}.main` };
    const { zip } = await bundleFunction(definition, {
      root: process.cwd(),
      readable: profile !== undefined,
    });
    for (const [name, bytes] of Object.entries(unzipSync(zip))) {
      await mkdir(path.join(folder, path.dirname(name)), { recursive: true });
      await writeFile(path.join(folder, name), bytes);
    }
    return new WorkerCommand(folder, Math.floor(worker.memoryMb * HEAP_SHARE), profile);
  }

  /** Runs the job once, in a process of its own. */
  async run(job: JobModel): Promise<JobTime> {
    const [input, answer] = ['input.json', 'answer.json'].map((name) => path.join(this.#folder, name)) as [
      string,
      string,
    ];
    await rm(answer, { force: true });
    const given: JobInput = { job, answer };
    await writeFile(input, JSON.stringify(given));
    const flags = [`--max-old-space-size=${this.#heapMb}`];
    if (this.#profile) flags.push('--cpu-prof', `--cpu-prof-dir=${this.#profile}`);
    const words = [process.execPath, ...flags, '-e', START, path.join(this.#folder, `${ENTRY}.js`), input];
    const time = await runCommand(words.map(quoted).join(' '));
    const found = JSON.parse(await readFile(answer, 'utf8')) as JobAnswer;
    return { ...time, ...found };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }
}
