/** A cloud with the deployed functions, on which runs are disturbed one after the other. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type OSS from 'ali-oss';
import { change, type RunRow, type RunState, scheduledRunId } from '../../core/run/index.ts';
import type { RunRef } from '../../core/types/run-ref.ts';
import { CloudChild, type Message } from '../support/cloud-child.ts';
import { writeCompileCache } from '../support/compile-cache.ts';
import { type CrashPoint, formatCall, formatPoint, numbered, parsePoint } from '../support/crash-point.ts';
import type { HeldCall, WatchedCall, WatchReport } from '../support/crash-watch.ts';
import { Deployment } from '../support/deployment.ts';
import { bucketClient } from '../support/export-check.ts';
import { createSource } from '../support/export-job.ts';
import { FunctionClock } from '../support/function-clock.ts';
import { Director } from './director.ts';
import { SWEEP_OPTIONS, SWEEP_ROWS, SWEEP_TABLE, sweepJob, sweepJobText } from './job.ts';
import { type OutputNames, outputNames } from './output-names.ts';
import { OutputReader } from './output-reader.ts';
import { PublicBucket } from './public-bucket.ts';
import type { Scenario } from './scenario.ts';
import { judge } from './verdict.ts';

/** Damage done on purpose just before a call, to see that it is noticed. */
export interface Damage {
  /** Name of the call; absent = when all is over. */
  readonly at?: string;
  readonly do: (oss: OSS, names: OutputNames) => Promise<void>;
}

/** How one run differs from the ordinary one. */
export interface PlayOptions {
  /** The sweeper looks only so often. */
  readonly maxSweeps?: number;
  readonly damage?: Damage;
}

/** What one run came to. */
export interface Play {
  readonly runId: string;
  /** The process was killed at the point; true for a run without one. */
  readonly isHit: boolean;
  readonly state: RunState | 'absent';
  /** What was wrong; empty = exact. */
  readonly problems: readonly string[];
  readonly calls: readonly WatchedCall[];
  /** Parts of the circumstances that did not come about. */
  readonly missed: readonly string[];
  /** Calls that could not be told whose they are. */
  readonly strangers: number;
  /** Looks of the reader at the output. */
  readonly looks: number;
  readonly ms: number;
  /** What the functions wrote last, when something was wrong. */
  readonly logs?: string;
}

const BUCKET = 'exports';
const JOB = 'export';
/** The sweeper is started by the sweep. */
const NEVER = '@every 500h';
/** Schedule time of the first run that a timer starts. */
const FIRST_SCHEDULE_MS = Date.UTC(2025, 0, 1);
const SECOND_MS = 1_000;
const TWO_HOURS_MS = 2 * 3_600_000;

/** One cloud process and one deployment, reused for many runs. */
export class Lane {
  readonly #folder: string;
  readonly #clock: FunctionClock;
  readonly #cloud: CloudChild;
  readonly #deployment: Deployment;
  readonly #oss: OSS;
  readonly #bucket: PublicBucket;
  #runs = 0;

  private constructor(folder: string, clock: FunctionClock, cloud: CloudChild, deployment: Deployment) {
    this.#folder = folder;
    this.#clock = clock;
    this.#cloud = cloud;
    this.#deployment = deployment;
    const { address } = cloud;
    this.#oss = bucketClient({ ...address, endpoint: address.oss, bucket: BUCKET });
    this.#bucket = new PublicBucket(address.oss, BUCKET);
  }

  /** Starts the cloud, deploys the functions and loads the source. */
  static async open(): Promise<Lane> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'millrace-sweep-'));
    const clock = new FunctionClock(folder);
    const NODE_OPTIONS = `--require ${writeCompileCache(folder)} --require ${clock.script}`;
    const cloud = await CloudChild.start({ environment: { ...clock.environment, NODE_OPTIONS } });
    try {
      const { address } = cloud;
      const deployment = await Deployment.create(address, { timers: { sweeper: NEVER } });
      const lane = new Lane(folder, clock, cloud, deployment);
      await lane.#oss.putBucketACL(BUCKET, 'public-read');
      await createSource(address, SWEEP_TABLE);
      await cloud.ask({ do: 'load', table: SWEEP_TABLE, from: 0, to: SWEEP_ROWS, rows: 'narrow' });
      await cloud.ask({ do: 'keep messages' });
      return lane;
    } catch (error) {
      await cloud.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#bucket.close();
    this.#deployment.close();
    await this.#cloud.close();
    this.#clock.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Runs the job once, with a crash at the point if one is given, and judges it. */
  async play(scenario: Scenario, point?: CrashPoint, options: PlayOptions = {}): Promise<Play> {
    const startedMs = performance.now();
    this.#clock.restart();
    const run = this.#nextRun(scenario);
    const final = scenario.resumed ? { ...run, runId: `${run.runId}.r1` } : run;
    const names = outputNames(run, final);
    await this.#prepare(names, scenario);
    await this.#watch(scenario, run, point, options.damage);
    const { maxSweeps } = options;
    const beforeSweep = once(async () => {
      if ((await director.row())?.state !== 'SUCCEEDED') return false;
      // A worker that was replaced may begin an upload after the commit; the sweeper throws it away in the end.
      await this.#oss.initMultipartUpload(names.forgotten);
      return true;
    });
    const parts = { cloud: this.#cloud, deployment: this.#deployment, clock: this.#clock };
    const director: Director = new Director({ ...parts, beforeSweep, maxSweeps }, scenario, run);
    const reader = new OutputReader(this.#bucket, names, async () => isShowing(await director.row()));
    const stage = new Attendance(scenario, director, reader, this.#oss, names, options.damage);
    this.#cloud.onHeld = (call) => stage.attend(call);
    reader.start();
    const isSettled = await director.toTheEnd(await this.#start(scenario, run, names));
    if (options.damage && options.damage.at === undefined) await options.damage.do(this.#oss, names);
    await reader.stop();
    const problems = [...stage.problems];
    const state = (await director.row())?.state ?? 'absent';
    problems.push(...(await this.#judge(scenario, run, director, isSettled, names, reader)));
    const report = await this.#cloud.ask<WatchReport>({ do: 'watched' });
    await this.#forget(names);
    return {
      runId: run.runId,
      isHit: point === undefined || report.hits.includes(formatPoint(point)),
      state,
      problems,
      calls: report.calls,
      missed: missedOf(scenario, report),
      strangers: report.strangers,
      looks: reader.looks,
      ms: performance.now() - startedMs,
      ...(problems.length > 0 ? { logs: await this.#cloud.logs() } : {}),
    };
  }

  #nextRun({ trigger }: Scenario): RunRef {
    const n = ++this.#runs;
    const runId = trigger === 'timer' ? scheduledRunId(FIRST_SCHEDULE_MS + n * SECOND_MS) : `point-${n}`;
    return { jobId: JOB, runId };
  }

  /** Older output that has to be replaced, the upload of an attempt that nobody remembers, and what was left by others. */
  async #prepare(names: OutputNames, { ghost }: Scenario): Promise<void> {
    await this.#oss.put(names.old, Buffer.from('yesterday\n'));
    await this.#oss.initMultipartUpload(names.forgotten);
    const entry = { jobId: JOB, runId: 'ghost' };
    const sinceMs = this.#clock.nowMs - TWO_HOURS_MS;
    if (ghost) await this.#deployment.deps.state.active.insert(entry, { ...entry, sinceMs });
  }

  async #watch(scenario: Scenario, run: RunRef, point?: CrashPoint, damage?: Damage): Promise<void> {
    const crashes = [...(scenario.crashes ?? []).map(parsePoint), ...(point ? [point] : [])];
    const held = [...Object.keys(scenario.before ?? {}), ...(damage?.at === undefined ? [] : [damage.at])];
    const refused = scenario.refused ?? [];
    const orders = { runId: run.runId, crashes, refused, held, holdsChanges: true };
    await this.#cloud.ask({ do: 'watch', orders });
  }

  /** Makes the run, or deploys its job and returns the event of the timer that makes it. */
  async #start(scenario: Scenario, run: RunRef, names: OutputNames): Promise<Message | undefined> {
    if (scenario.trigger !== 'timer') {
      const options = { ...SWEEP_OPTIONS, ...scenario.options };
      await this.#deployment.start(run.runId, sweepJob(names.object, scenario.errorLimit), options);
      return undefined;
    }
    const { jobs } = this.#deployment.deps.state;
    const row = { jobId: JOB, text: sweepJobText(names.object), updatedMs: this.#clock.nowMs };
    if ((await jobs.insert({ jobId: JOB }, row)) === 'exists')
      await change(jobs, { jobId: JOB }, () => ({ result: undefined, next: row }));
    const triggerTime = new Date(FIRST_SCHEDULE_MS + this.#runs * SECOND_MS).toISOString();
    const event = { triggerTime, triggerName: 'nightly', payload: JSON.stringify({ job: JOB }) };
    return { functionName: 'orchestrator', event: JSON.stringify(event) };
  }

  async #judge(
    scenario: Scenario,
    run: RunRef,
    director: Director,
    isSettled: boolean,
    names: OutputNames,
    reader: OutputReader,
  ): Promise<string[]> {
    const row = await director.row();
    if (!row || !isSettled) {
      await this.#abandon(row);
      const state = row ? row.state : 'absent';
      return [...reader.problems, `the run is ${state}, and nobody goes on with it`];
    }
    const { state } = this.#deployment.deps;
    const { uploads } = await this.#oss.listUploads({ prefix: names.folder, 'max-uploads': 1000 });
    const left = uploads.map(({ name }) => `an upload of ${name} was left behind`);
    const facts = { state, row, runs: [run, director.run], names, failsWith: scenario.failsWith };
    return [...(await judge(this.#bucket, reader, facts)), ...left, ...reader.problems];
  }

  /** Ends a run that did not come to its end, so that the next one has the functions for itself. */
  async #abandon(run: RunRow | undefined): Promise<void> {
    const { state } = this.#deployment.deps;
    if (run)
      await change<RunRef, RunRow, void>(state.runs, run, (row) => ({
        result: undefined,
        next: { ...row, state: 'CANCELED', endedMs: Date.now() },
      }));
    for (const entry of await state.listActive()) await state.active.remove(entry);
    await this.#cloud.ask({ do: 'messages' });
  }

  /** Frees the memory that the output takes. */
  async #forget(names: OutputNames): Promise<void> {
    const keys = [...(await this.#bucket.list(names.folder)).keys()];
    if (keys.length > 0) await this.#oss.deleteMulti(keys, { quiet: true });
    const { uploads } = await this.#oss.listUploads({ prefix: names.folder, 'max-uploads': 1000 });
    for (const { name, uploadId } of uploads) await this.#oss.abortMultipartUpload(name, uploadId);
  }
}

/** Does what belongs before calls that are held: the scenario, damage, and a look at what is visible until then. */
class Attendance {
  readonly problems: string[] = [];
  readonly #scenario: Scenario;
  readonly #director: Director;
  readonly #reader: OutputReader;
  readonly #oss: OSS;
  readonly #names: OutputNames;
  readonly #damage: Damage | undefined;

  constructor(
    scenario: Scenario,
    director: Director,
    reader: OutputReader,
    oss: OSS,
    names: OutputNames,
    damage: Damage | undefined,
  ) {
    this.#scenario = scenario;
    this.#director = director;
    this.#reader = reader;
    this.#oss = oss;
    this.#names = names;
    this.#damage = damage;
  }

  /** Never rejects: the call has to go on. */
  async attend({ name, isChange }: HeldCall): Promise<void> {
    try {
      await this.#scenario.before?.[name]?.(this.#director);
      const isDamaged = this.#damage?.at === name;
      if (isDamaged) await this.#damage?.do(this.#oss, this.#names);
      if (isChange || isDamaged) await this.#reader.look();
    } catch (error) {
      this.problems.push(`before ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Does it again and again until it was done. */
function once(act: () => Promise<boolean>): () => Promise<void> {
  let isDone = false;
  return async () => {
    if (!isDone) isDone = await act();
  };
}

const isShowing = (row: RunRow | undefined): boolean =>
  row?.state === 'COMMITTING' || row?.state === 'SUCCEEDED';

/** What the scenario says and did not happen: then it is another one than it says. */
function missedOf({ before, refused, crashes }: Scenario, { calls, hits }: WatchReport): readonly string[] {
  const made = new Set(numbered(calls).map(formatCall));
  const wanted = [...Object.keys(before ?? {}), ...(refused ?? [])];
  return [
    ...wanted.filter((name) => !made.has(name)),
    ...(crashes ?? []).filter((name) => !hits.includes(name)),
  ];
}
