/** Kills one worker in the middle of its work and recognises the recovery in the rows of the run. */
import type { ShardRow } from '../../core/run/index.ts';
import type { Snapshot } from '../progress/view.ts';

/** A worker process that was killed. */
export interface Kill {
  readonly pid: number;
  /** Monotonic time. */
  readonly atMs: number;
}

/** A shard that somebody took over. */
export interface Recovery {
  readonly shardId: string;
  readonly epoch: number;
  /** Rows that its last checkpoint held: only those after it are read again. */
  readonly checkpointRows: number;
  /** Since the kill, milliseconds. */
  readonly afterMs: number;
}

/** What the sabotage needs and tells. */
export interface SabotageOptions {
  readonly leaseMs: number;
  /** Process ids of the workers that are busy now. */
  readonly busyWorkers: () => Promise<readonly number[]>;
  /** Ends a process as a crash would. */
  readonly kill: (pid: number) => void;
  readonly nowMs: () => number;
  readonly onKill: (kill: Kill) => void;
  readonly onRecovery: (recovery: Recovery) => void;
}

/** A kill that hit a worker without a shard shows nothing for this many leases; then another one is due. */
const PATIENCE_LEASES = 3;

/** Looks at every moment of a run, kills when the time has come, and watches what follows. */
export class Sabotage {
  readonly #options: SabotageOptions;
  readonly #checkpoints = new Map<string, number>();
  readonly kills: Kill[] = [];
  recovery: Recovery | undefined;
  /** Settles with the kill under way; a fault in it is the run's. */
  settled: Promise<void> = Promise.resolve();
  #isKilling = false;

  constructor(options: SabotageOptions) {
    this.#options = options;
  }

  /** Shows it the next moment. */
  look(snapshot: Snapshot): void {
    if (this.recovery) return;
    this.#recognise(snapshot);
    for (const { shardId, counters } of snapshot.shards) this.#checkpoints.set(shardId, counters.read);
    if (!this.#isKilling && this.#isDue(snapshot)) this.#begin(snapshot.run.plan?.channels ?? 0);
  }

  #recognise({ shards, atMs }: Snapshot): void {
    const kill = this.kills.at(-1);
    const shard = kill && shards.find(({ retries }) => retries > 0);
    if (!kill || !shard) return;
    const { shardId, epoch } = shard;
    const checkpointRows = this.#checkpoints.get(shardId) ?? 0;
    this.recovery = { shardId, epoch, checkpointRows, afterMs: atMs - kill.atMs };
    this.#options.onRecovery(this.recovery);
  }

  /** Every channel has a shard and a checkpoint in it: whichever worker dies leaves one partly done. */
  #isDue({ run, shards, atMs }: Snapshot): boolean {
    const last = this.kills.at(-1);
    if (last && atMs - last.atMs < PATIENCE_LEASES * this.#options.leaseMs) return false;
    if (run.state !== 'RUNNING' || !run.plan) return false;
    return shards.filter(isPartlyDone).length === run.plan.channels;
  }

  #begin(channels: number): void {
    this.#isKilling = true;
    this.settled = this.#killOne(channels).finally(() => {
      this.#isKilling = false;
    });
    // Awaited when the run has ended; until then a fault is nobody's, but not unhandled.
    this.settled.catch(() => undefined);
  }

  /** More busy workers than channels: one of them holds nothing, so better ask again at the next moment. */
  async #killOne(channels: number): Promise<void> {
    const pids = await this.#options.busyWorkers();
    const [pid] = pids;
    if (pid === undefined || pids.length > channels) return;
    this.#options.kill(pid);
    const kill = { pid, atMs: this.#options.nowMs() };
    this.kills.push(kill);
    this.#options.onKill(kill);
  }
}

const isPartlyDone = ({ state, epoch, outputEpoch, counters }: ShardRow): boolean =>
  state === 'LEASED' && outputEpoch === epoch && counters.read > 0;
