/** What a person sees of a running run, computed from its rows. Pure. */
import { type RunRow, type RunState, runPath, type ShardRow } from '../../core/run/index.ts';

/** One shard in the grid. */
export type CellState = 'waiting' | 'moving' | 'done' | 'faulty';

/** A moment of a run. */
export interface ProgressView {
  readonly name: string;
  readonly state: RunState;
  readonly stopping: boolean;
  readonly cells: readonly CellState[];
  readonly done: number;
  readonly rows: number;
  readonly bytes: number;
  readonly dirty: number;
  readonly elapsedMs: number;
  readonly rowsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Absent while nothing can be said. */
  readonly etaMs?: number;
}

/** The rows of a run as they were read together. */
export interface Snapshot {
  readonly run: RunRow;
  readonly shards: readonly ShardRow[];
  /** Monotonic time of the look. */
  readonly atMs: number;
}

/** Counts that may be ahead of the checkpoints. */
export interface Flow {
  readonly rows: number;
  readonly bytes: number;
}

/** The cell of a shard. A shard put back after a fault counts as faulty until it moves again. */
export function cellOf(shard: ShardRow): CellState {
  if (shard.state === 'DONE') return 'done';
  if (shard.state === 'LEASED') return 'moving';
  return shard.fault ? 'faulty' : 'waiting';
}

/** Time over which the speed is averaged. */
const WINDOW_MS = 10_000;

/** Follows a run: remembers enough to tell a speed and a remaining time. */
export class ProgressModel {
  readonly #samples: { atMs: number; rows: number; bytes: number }[] = [];
  #startMs: number | undefined;
  #rows = 0;
  #bytes = 0;

  /** `live` is what flowed through this process beyond `base`, which were the checkpoints at its start. */
  view(snapshot: Snapshot, live: Flow | undefined, stopping: boolean): ProgressView {
    const { run, shards, atMs } = snapshot;
    this.#startMs ??= atMs;
    const stored = shards.reduce(
      (sum, { counters }) => ({ rows: sum.rows + counters.read, bytes: sum.bytes + counters.bytes }),
      { rows: 0, bytes: 0 },
    );
    this.#rows = Math.max(this.#rows, stored.rows, live?.rows ?? 0);
    this.#bytes = Math.max(this.#bytes, stored.bytes, live?.bytes ?? 0);
    const speed = this.#speed(atMs);
    const done = shards.filter((shard) => shard.state === 'DONE').length;
    const etaMs = remainingMs(shards, this.#rows, done, speed.rows, atMs - this.#startMs);
    return {
      name: runPath(run),
      state: run.state,
      stopping,
      cells: shards.map(cellOf),
      done,
      rows: this.#rows,
      bytes: this.#bytes,
      dirty: shards.reduce((sum, { counters }) => sum + counters.dirty, 0),
      elapsedMs: atMs - this.#startMs,
      rowsPerSecond: speed.rows,
      bytesPerSecond: speed.bytes,
      ...(run.state === 'RUNNING' && etaMs !== undefined ? { etaMs } : {}),
    };
  }

  #speed(atMs: number): Flow {
    this.#samples.push({ atMs, rows: this.#rows, bytes: this.#bytes });
    while (this.#samples.length > 2 && atMs - this.#samples[1]!.atMs >= WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0]!;
    const seconds = (atMs - first.atMs) / 1_000;
    if (seconds <= 0) return { rows: 0, bytes: 0 };
    return { rows: (this.#rows - first.rows) / seconds, bytes: (this.#bytes - first.bytes) / seconds };
  }
}

/** By estimated rows where the source gave them, else by the share of shards that are done. */
function remainingMs(
  shards: readonly ShardRow[],
  rows: number,
  done: number,
  rowsPerSecond: number,
  elapsedMs: number,
): number | undefined {
  const estimated = shards.reduce((sum, shard) => sum + (shard.estimatedRows ?? Number.NaN), 0);
  if (estimated > rows && rowsPerSecond > 0) return ((estimated - rows) / rowsPerSecond) * 1_000;
  if (done === 0 || shards.length === 0 || elapsedMs <= 0) return undefined;
  return (elapsedMs / done) * (shards.length - done);
}
