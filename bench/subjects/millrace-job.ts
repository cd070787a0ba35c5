/**
 * The subject: a job as a run of Millrace in one process, with its plan, checkpoints and commit; status in memory. A
 * command: the file named by its argument says what to do and where to write what came of it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { InProcessInvoker } from '../../cli/in-process-invoker.ts';
import { createSystems } from '../../core/connectors/systems.ts';
import type { JobModel } from '../../core/job/model.ts';
import { silentLogger, systemClock, systemRandom } from '../../core/ports/system.ts';
import { createRun, defaultRunOptions, isTerminal, type RunRow } from '../../core/run/index.ts';
import { MemoryRowTable } from '../../core/stores/memory-row-table.ts';
import { createStateStore } from '../../core/stores/state-store.ts';
import { peakMiB } from '../processor-use.ts';

export { rehearse } from '../../functions/runtime/rehearsal.ts';

/** What the subject is given. */
export interface JobInput {
  readonly job: JobModel;
  /** Where the answer is written. */
  readonly answer: string;
}

/** What it says of itself. */
export interface JobAnswer {
  readonly rows: number;
  readonly bytes: number;
  readonly shards: number;
  /** From the start of the run to its end, without the start of the process and loading the code. */
  readonly invocationMs: number;
  readonly peakMiB: number;
}

const LOOK_MS = 10;

async function play(job: JobModel): Promise<RunRow> {
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  const tables = new Map<string, MemoryRowTable>();
  const open = (name: string): MemoryRowTable => {
    const table = tables.get(name) ?? new MemoryRowTable();
    tables.set(name, table);
    return table;
  };
  const state = createStateStore(open, systemRandom);
  const invoker = new InProcessInvoker();
  const secrets = { env: () => undefined, file: () => undefined };
  const systems = createSystems({ ...ports, dataSources: {}, secrets });
  const deps = { ...ports, state, systems, invoker };
  const run = { jobId: 'bench', runId: `r${process.pid}-${Date.now()}` };
  invoker.attach(deps, run);
  await createRun(deps, { ...run, job, options: defaultRunOptions, scheduledMs: Date.now() });
  for (;;) {
    const row = (await state.runs.get(run))?.value;
    if (row && isTerminal(row.state)) return row;
    await systemClock.sleep(LOOK_MS);
  }
}

/** Runs the job that the file tells of, and writes the answer. */
export async function main(file: string): Promise<void> {
  const { job, answer } = JSON.parse(readFileSync(file, 'utf8')) as JobInput;
  const startedMs = performance.now();
  const { receipt, failure } = await play(job);
  const invocationMs = performance.now() - startedMs;
  if (!receipt) throw new Error(`the run failed: ${failure?.code} ${failure?.message}`);
  const found: JobAnswer = {
    rows: receipt.counters.written,
    bytes: receipt.bytesWritten,
    shards: receipt.shards,
    invocationMs,
    peakMiB: peakMiB('self') ?? 0,
  };
  writeFileSync(answer, JSON.stringify(found));
}
