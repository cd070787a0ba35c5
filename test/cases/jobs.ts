/** Jobs as files, loaded by the real plug-ins and moved by the whole engine. */
import { findConnector } from '../../core/connectors/systems.ts';
import { ConfigError, type ConfigFault } from '../../core/errors/index.ts';
import { type LoadedJob, type LoadOptions, loadJob } from '../../core/job/index.ts';
import type { Counters, RunRow } from '../../core/run/index.ts';
import { createRun, defaultRunOptions, zeroCounters } from '../../core/run/index.ts';
import { RelationalRuns } from '../integration/verify/relational-systems.ts';

/** An instant from its wall clock in Shanghai. */
export const shanghai = (iso: string): number => Date.parse(`${iso}+08:00`);

/** 2025-11-01 02:30:45 in Shanghai: the scheduled time of jobs that do not care. */
export const SCHEDULED_MS = shanghai('2025-11-01T02:30:45');

/** Loads a job file as the command line and the functions do. */
export const loadText = (text: string, changes: Partial<LoadOptions> = {}): Promise<LoadedJob> =>
  loadJob(text, {
    file: 'job.json',
    schedule: { scheduledMs: SCHEDULED_MS, timeZone: 'Asia/Shanghai' },
    params: {},
    findConnector,
    dataSources: {},
    ...changes,
  });

/** The faults of a job that must be refused. */
export async function faultsOf(
  text: string,
  changes: Partial<LoadOptions> = {},
): Promise<readonly ConfigFault[]> {
  try {
    await loadText(text, changes);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** One side of a job: the name of its plug-in and its parameters. */
export type Step = readonly [plugin: string, params: Readonly<Record<string, unknown>>];

/** A source that needs nothing. */
export const ANY_READER: Step = ['stream', { column: [{ value: 'x' }], sliceRecordCount: 1 }];
/** A target that needs nothing. */
export const ANY_WRITER: Step = ['stream', {}];

/** A job of DataWorks 2.0. */
export const v2Job = (reader: Step, writer: Step, setting: object = {}): string =>
  JSON.stringify({
    type: 'job',
    version: '2.0',
    steps: [
      { category: 'reader', name: 'Reader', stepType: reader[0], parameter: reader[1] },
      { category: 'writer', name: 'Writer', stepType: writer[0], parameter: writer[1] },
    ],
    order: { hops: [{ from: 'Reader', to: 'Writer' }] },
    setting,
  });

/** A job of DataX; `content` holds what stands beside reader and writer. */
export const dataxJob = (
  reader: Step,
  writer: Step,
  setting: object = { speed: { channel: 1 } },
  content: object = {},
  more: object = {},
): string =>
  JSON.stringify({
    job: {
      content: [
        {
          reader: { name: `${reader[0]}reader`, parameter: reader[1] },
          writer: { name: `${writer[0]}writer`, parameter: writer[1] },
          ...content,
        },
      ],
      setting,
    },
    ...more,
  });

/** What a test looks at after a run. */
export interface Outcome {
  readonly run: RunRow;
  readonly counters: Counters;
  /** Codes of the refused rows with their columns, in order. */
  readonly dirty: readonly string[];
}

let count = 0;

/** Loads a job and moves it to its end, whatever that is. */
export async function runText(text: string, changes: Partial<LoadOptions> = {}): Promise<Outcome> {
  const { job } = await loadText(text, changes);
  const runs = new RelationalRuns();
  const ref = { jobId: 'case', runId: `run-${++count}` };
  await createRun(runs.deps, { ...ref, job, options: defaultRunOptions, scheduledMs: SCHEDULED_MS });
  const run = await runs.settle(ref);
  const dirty = await runs.deps.state.listDirtyRows(ref, 1000);
  return {
    run,
    counters: run.receipt?.counters ?? zeroCounters,
    dirty: dirty.map(({ code, column }) => `${code} ${column}`),
  };
}

/** As `runText`, for a job that must succeed. */
export async function succeed(text: string, changes: Partial<LoadOptions> = {}): Promise<Outcome> {
  const outcome = await runText(text, changes);
  const { state, failure } = outcome.run;
  if (state !== 'SUCCEEDED') throw new Error(`the run is ${state}: ${JSON.stringify(failure)}`);
  return outcome;
}
