/** What became of replays, and so of the rows that went with them. */
import type { Delivery } from '../connectors/contract.ts';
import { findConnector } from '../connectors/systems.ts';
import type { DirtyRow, RunRow } from '../run/model.ts';
import { readShards } from '../run/shards.ts';
import type { StateStore } from '../run/state.ts';
import type { Place, Standing } from './model.ts';
import { PlaceCursor } from './place-cursor.ts';
import { type RefusedDeps, refusedRowsOf } from './refused-rows.ts';

/** What became of a replay, as far as its rows are concerned. */
export interface ReplayOutcome {
  /** The last run of its chain of resumes; absent if it is not there. */
  readonly run: RunRow | undefined;
  readonly standing: Standing;
  /** Its rows may be in the target, whatever its state. */
  readonly mayBeVisible: boolean;
}

/** A row that a replay refused again, by its place in the desk of the replayed run. */
export interface RefusedAgain extends Place {
  readonly row: DirtyRow;
}

/** The outcomes of replays of one job, each as it was when it was first asked for. `close` it. */
export class Outcomes {
  readonly #deps: RefusedDeps;
  readonly #jobId: string;
  readonly #known = new Map<string, Promise<ReplayOutcome>>();
  readonly #again = new Map<string, PlaceCursor<RefusedAgain>>();

  constructor(deps: RefusedDeps, jobId: string) {
    this.#deps = deps;
    this.#jobId = jobId;
  }

  of(replay: string): Promise<ReplayOutcome> {
    const known = this.#known.get(replay) ?? replayOutcome(this.#deps.state, this.#jobId, replay);
    this.#known.set(replay, known);
    return known;
  }

  /** Why a replay that succeeded refused the row again. Places are asked for in order, and not two at once. */
  async refusedAgain(replay: string, place: Place): Promise<DirtyRow | undefined> {
    const { run, standing } = await this.of(replay);
    if (!run || standing !== 'replayed') return undefined;
    const cursor = this.#again.get(replay) ?? new PlaceCursor(refusedAgain(this.#deps, run));
    this.#again.set(replay, cursor);
    return (await cursor.find(place))?.row;
  }

  async close(): Promise<void> {
    for (const cursor of this.#again.values()) await cursor.close();
  }
}

/** A replay reads its rows in order of their places, and so refuses them in that order. */
async function* refusedAgain(deps: RefusedDeps, replay: RunRow): AsyncGenerator<RefusedAgain> {
  for await (const row of refusedRowsOf(deps, replay)) {
    const [, shardId, ordinal] = /^(\S+)\/(\d+) /.exec(row.key) ?? [];
    if (shardId !== undefined) yield { shardId, ordinal: Number(ordinal), row };
  }
}

/** What a replay calls its rows: the place in the desk first, then the key in the source. */
export const replayKey = (place: string, key: string): string => `${place} ${key}`;

async function replayOutcome(state: StateStore, jobId: string, replay: string): Promise<ReplayOutcome> {
  const first = (await state.runs.get({ jobId, runId: replay }))?.value;
  const chain = first ? await chainFrom(state, first) : [];
  const run = chain.at(-1);
  const mayBeVisible = run !== undefined && (await mayHaveWritten(state, chain, run));
  return { run, mayBeVisible, standing: run ? standingAfter(run, mayBeVisible) : 'held' };
}

/**
 * Whether rows may be in the target although the run did not succeed: its commit was begun, or they appear as they are
 * written and somebody began to write.
 */
async function mayHaveWritten(state: StateStore, chain: readonly RunRow[], run: RunRow): Promise<boolean> {
  if (chain.some(({ outputsHash }) => outputsHash !== undefined)) return true;
  const writer = (await findConnector(run.job.writer.type))?.writer;
  if (writer && REPEATABLE.includes(writer.delivery)) return false;
  return (await readShards({ state }, run)).some((shard) => shard.epoch > 0);
}

/** Deliveries of which an attempt that never committed leaves nothing, or nothing that sending again doubles. */
const REPEATABLE: readonly Delivery[] = ['atomic', 'idempotent'];

/**
 * A run that may still move, or be moved again, holds its rows. So does one that was thrown away after rows may have
 * reached the target: nobody knows which did.
 */
function standingAfter(run: RunRow, mayBeVisible: boolean): Standing {
  if (run.state === 'SUCCEEDED') return 'replayed';
  const isOver = run.state === 'CANCELED' || (run.state === 'FAILED' && run.discarded);
  return isOver && !mayBeVisible ? 'open' : 'held';
}

/** A run and those that took it over, one after the other. It ends where a successor is named and not there yet. */
export async function chainFrom(state: StateStore, run: RunRow): Promise<readonly RunRow[]> {
  const chain = [run];
  for (let at = run; at.resumedBy !== undefined; ) {
    const next = (await state.runs.get({ jobId: at.jobId, runId: at.resumedBy }))?.value;
    if (!next) break;
    chain.push(next);
    at = next;
  }
  return chain;
}
