/** A cloud with the deployed functions, on which runs are disturbed one after the other. */
import type OSS from 'ali-oss';
import { systemClock } from '../../core/ports/system.ts';
import { change, isTerminal, type RunRow, type RunState, readShards } from '../../core/run/index.ts';
import type { RunRef } from '../../core/types/run-ref.ts';
import { CloudChild } from '../support/cloud-child.ts';
import { type CrashPoint, formatPoint } from '../support/crash-point.ts';
import type { WatchedCall, WatchReport } from '../support/crash-watch.ts';
import { Deployment } from '../support/deployment.ts';
import { bucketClient } from '../support/export-check.ts';
import { createSource } from '../support/export-job.ts';
import { SWEEP_ROWS, SWEEP_TABLE, sweepJob, sweepOptions } from './job.ts';
import { type OutputNames, outputNames } from './output-names.ts';
import { OutputReader } from './output-reader.ts';
import { PublicBucket } from './public-bucket.ts';
import { SCENARIOS, type Scenario } from './scenario.ts';
import { type Facts, leftoverProblems, outputProblems, receiptProblems } from './verdict.ts';

/** Damage done on purpose once a run is in this state, to see that it is noticed. */
export interface Damage {
  readonly at: RunState;
  readonly do: (oss: OSS, names: OutputNames) => Promise<void>;
}

/** How one run differs from the ordinary one. */
export interface PlayOptions {
  /** A run that takes longer has not ended, milliseconds. */
  readonly limitMs?: number;
  readonly damage?: Damage;
}

/** What one run came to. */
export interface Play {
  readonly point: CrashPoint | undefined;
  readonly runId: string;
  /** The process was killed at the point; true for a run without one. */
  readonly isHit: boolean;
  readonly state: RunState;
  /** What was wrong; empty = exact. */
  readonly problems: readonly string[];
  readonly calls: readonly WatchedCall[];
  /** Calls that could not be told whose they are. */
  readonly strangers: number;
  /** Looks of the reader at the output. */
  readonly looks: number;
  readonly ms: number;
  /** What the functions wrote last, when something was wrong. */
  readonly logs?: string;
}

const BUCKET = 'exports';
/** A run that takes longer has not ended. */
const LIMIT_MS = 60_000;
const POLL_MS = 50;
/** Leases on a machine that is not busy: nearly all of the time after a crash is waiting for one of them. */
const LEASE_MS = 1_500;
/** The longest to begin with, and the longest once runs did not end in time. */
const MAX_FIRST_LEASE_MS = 4_000;
const MAX_LEASE_MS = 12_000;
/** What starting all functions at once takes on a machine that is not busy. */
const USUAL_START_MS = 1_000;
const MAX_DIRTY = 1000;
/** On a busy machine short leases expire too early; without a bound ever more workers would make it busier. */
const MAX_INSTANCES = 12;

/** One cloud process and one deployment, reused for many runs. */
export class Lane {
  readonly #cloud: CloudChild;
  readonly #deployment: Deployment;
  readonly #oss: OSS;
  readonly #bucket: PublicBucket;
  #runs = 0;
  #leaseMs = LEASE_MS;

  private constructor(cloud: CloudChild, deployment: Deployment, oss: OSS) {
    this.#cloud = cloud;
    this.#deployment = deployment;
    this.#oss = oss;
    this.#bucket = new PublicBucket(cloud.address.oss, BUCKET);
  }

  /** Starts the cloud, deploys the functions and loads the source. */
  static async open(): Promise<Lane> {
    const cloud = await CloudChild.start({ maxInstances: MAX_INSTANCES });
    try {
      const { address } = cloud;
      const deployment = await Deployment.create(address);
      const oss = bucketClient({ ...address, endpoint: address.oss, bucket: BUCKET });
      await oss.putBucketACL(BUCKET, 'public-read');
      await createSource(address, SWEEP_TABLE);
      await cloud.ask({ do: 'load', table: SWEEP_TABLE, from: 0, to: SWEEP_ROWS, rows: 'narrow' });
      const lane = new Lane(cloud, deployment, oss);
      await lane.#warmUp();
      return lane;
    } catch (error) {
      await cloud.close();
      throw error;
    }
  }

  /**
   * Starts every function with an event that it refuses, and derives from the time how long leases have to be: on a busy
   * machine short ones expire while their holders are at work, and then more and more holders keep it busy.
   */
  async #warmUp(): Promise<void> {
    const startedMs = performance.now();
    await Promise.all(Object.keys(SCENARIOS).map((name) => this.#deployment.invokeRaw(name, {})));
    const slowness = (performance.now() - startedMs) / USUAL_START_MS;
    this.#leaseMs = Math.round(Math.min(LEASE_MS * Math.max(slowness, 1), MAX_FIRST_LEASE_MS));
  }

  async close(): Promise<void> {
    this.#bucket.close();
    this.#deployment.close();
    await this.#cloud.close();
  }

  /** Waits longer from now on: the machine is too busy for leases as short as they were. */
  slowDown(): void {
    this.#leaseMs = Math.min(this.#leaseMs * 2, MAX_LEASE_MS);
  }

  /** Runs the job once, with a crash at the point if one is given, and judges it. */
  async play(scenario: Scenario, point?: CrashPoint, options: PlayOptions = {}): Promise<Play> {
    const startedMs = performance.now();
    const run = { jobId: 'export', runId: `point-${++this.#runs}` };
    const names = outputNames(run);
    await this.#prepare(names);
    const at = [...scenario.crashes, ...(point ? [point] : [])];
    await this.#cloud.ask({ do: 'crash', at, lost: scenario.lost });
    const reader = new OutputReader(this.#bucket, names, async () =>
      isShowing(await this.#deployment.run(run.runId)),
    );
    reader.start();
    await this.#deployment.start(run.runId, sweepJob(names.object), sweepOptions(this.#leaseMs));
    const row = await this.#end(run.runId, names, options);
    await reader.stop();
    const problems = await this.#judge(row, names, reader);
    const report = await this.#cloud.ask<WatchReport>({ do: 'crashed' });
    await this.#forget(names);
    return {
      point,
      runId: run.runId,
      isHit: point === undefined || report.hits.includes(formatPoint(point)),
      state: row.state,
      problems,
      calls: report.calls,
      strangers: report.strangers,
      looks: reader.looks,
      ms: performance.now() - startedMs,
      ...(problems.length > 0 ? { logs: await this.#cloud.logs() } : {}),
    };
  }

  /** Older output that has to be replaced, and the upload of an attempt that nobody remembers. */
  async #prepare(names: OutputNames): Promise<void> {
    await this.#oss.put(names.old, Buffer.from('yesterday\n'));
    await this.#oss.initMultipartUpload(names.forgotten);
  }

  /** Waits for the end of the run, or for as long as is allowed. */
  async #end(runId: string, names: OutputNames, options: PlayOptions): Promise<RunRow> {
    const { damage, limitMs = LIMIT_MS } = options;
    const untilMs = performance.now() + limitMs;
    let isDamaged = false;
    for (;;) {
      const row = await this.#deployment.run(runId);
      if (damage && !isDamaged && row.state === damage.at) {
        isDamaged = true;
        await damage.do(this.#oss, names);
      }
      if (isTerminal(row.state) || performance.now() > untilMs) return row;
      await systemClock.sleep(POLL_MS);
    }
  }

  async #judge(row: RunRow, names: OutputNames, reader: OutputReader): Promise<string[]> {
    if (row.state !== 'SUCCEEDED') {
      await this.#abandon(row);
      return [...reader.problems, `the run is ${row.state}${row.failure ? `: ${row.failure.message}` : ''}`];
    }
    // A worker that was replaced may begin an upload after the commit; the sweeper throws it away in the end.
    await this.#oss.initMultipartUpload(names.forgotten);
    const problems = await outputProblems(this.#bucket, reader.manifest);
    problems.push(...receiptProblems(row, await this.#facts(row, reader)));
    problems.push(...(await this.#settled(row, names)));
    await reader.look();
    problems.push(...reader.problems, ...(await leftoverProblems(this.#bucket, names, reader.manifest)));
    return problems;
  }

  async #facts(row: RunRow, { manifest }: OutputReader): Promise<Facts> {
    const { state } = this.#deployment.deps;
    // Pieces that a killed holder stored and never named are no shards: they wait for nobody.
    const shards = await readShards(this.#deployment.deps, row);
    return { manifest, shards, dirty: await state.listDirtyRows(row, MAX_DIRTY) };
  }

  /** Waits until the sweeper has nothing more to do with the run. */
  async #settled(row: RunRow, names: OutputNames): Promise<string[]> {
    const untilMs = performance.now() + LIMIT_MS;
    while (await this.#deployment.deps.state.active.get(row)) {
      if (performance.now() > untilMs) return ['the sweeper is not done with the run'];
      await systemClock.sleep(POLL_MS);
    }
    await this.#cloud.ask({ do: 'idle' });
    const { uploads } = await this.#oss.listUploads({ prefix: names.folder, 'max-uploads': 1000 });
    return uploads.map(({ name }) => `an upload of ${name} was left behind`);
  }

  /** Ends a run that did not succeed, so that the next one has the functions for itself. */
  async #abandon(run: RunRow): Promise<void> {
    const { state } = this.#deployment.deps;
    await change<RunRef, RunRow, void>(state.runs, run, (row) => ({
      result: undefined,
      next: { ...row, state: 'CANCELED', endedMs: Date.now() },
    }));
    await state.active.remove(run);
    await this.#cloud.ask({ do: 'idle' });
  }

  /** Frees the memory that the output takes. */
  async #forget(names: OutputNames): Promise<void> {
    const keys = [...(await this.#bucket.list(names.folder)).keys()];
    if (keys.length > 0) await this.#oss.deleteMulti(keys, { quiet: true });
  }
}

const isShowing = ({ state }: RunRow): boolean => state === 'COMMITTING' || isTerminal(state);
