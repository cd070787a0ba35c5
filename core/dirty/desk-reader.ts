/** The desk as a source: the corrected rows of one replay, in shards of at most `REPLAY_SHARD_ROWS`. */
import { z } from 'zod';
import type { Batch, Cursor, Reader, ReadPlan, Shard } from '../connectors/contract.ts';
import { AssertionError, SyncError } from '../errors/index.ts';
import { type RunRow, runPath } from '../run/model.ts';
import { type Column, shardIdOf } from '../types/index.ts';
import { claimRows } from './claims.ts';
import type { DeskDeps } from './desk.ts';
import { blockOf } from './desk-block.ts';
import { type InputRow, type Place, REPLAY_SHARD_ROWS } from './model.ts';
import { Outcomes, replayKey } from './outcomes.ts';

/** Rows of a block: at most about 4 MiB of cells, since no row of the desk is larger than 32 KiB. */
const BLOCK_ROWS = 128;

const paramsShape = z.strictObject({
  v: z.literal(1),
  jobId: z.string(),
  /** The run whose refused rows are sent again. */
  runId: z.string(),
  /** The replay that the rows were stored for. */
  replay: z.string(),
  rows: z.int().positive(),
});
const rangeShape = z.strictObject({ v: z.literal(1), rows: z.int().positive() });
const cursorShape = z.strictObject({ v: z.literal(1), next: z.int().nonnegative() });

/** What a replay's job says about its source. */
export type DeskParams = z.infer<typeof paramsShape>;

/** Plug-in name of the source of a replay. Job files cannot name it: it is in no registry. */
export const DESK = 'desk';

/** Reads the rows that `startReplay` stored. */
export class DeskReader implements Reader {
  readonly #deps: DeskDeps;
  readonly #params: DeskParams;

  /** Throws an AssertionError for parameters that no replay has. */
  constructor(deps: DeskDeps, params: unknown) {
    this.#deps = deps;
    this.#params = parsed(paramsShape, params, 'job');
  }

  async columns(): Promise<readonly Column[]> {
    return (await this.#replayed()).plan?.columns ?? [];
  }

  /** Claims every row for this replay, so that no other one sends it too. Throws RUN-5021. */
  async plan(): Promise<ReadPlan> {
    const columns = await this.columns();
    const { rows } = this.#params;
    const shards: Shard[] = [];
    for (let first = 0; first < rows; first += REPLAY_SHARD_ROWS) {
      const count = Math.min(REPLAY_SHARD_ROWS, rows - first);
      const range = JSON.stringify({ v: 1, rows: count });
      shards.push({ shardId: shardIdOf(shards.length), range, estimatedRows: count });
    }
    await this.#claimAll(shards);
    return { columns, shards, notes: [], sourceTypes: columns.map(() => 'corrected row') };
  }

  async *read(shard: Shard, from: Cursor | undefined): AsyncGenerator<Batch> {
    const columns = await this.columns();
    const { rows: count } = parsed(rangeShape, JSON.parse(shard.range), 'range');
    const rows = await this.#inputs(shard.shardId, count);
    let next = from === undefined ? 0 : parsed(cursorShape, JSON.parse(from), 'cursor').next;
    while (next < rows.length) {
      const some = rows.slice(next, next + BLOCK_ROWS);
      next += some.length;
      yield {
        block: blockOf(
          columns,
          some.map((row) => row.cells),
        ),
        cursor: JSON.stringify({ v: 1, next }) as Cursor,
        keyOf: (row) => replayKey(some[row]!.place, some[row]!.key),
      };
    }
  }

  async close(): Promise<void> {}

  async #inputs(shardId: string, count: number): Promise<readonly InputRow[]> {
    const { jobId, replay } = this.#params;
    const rows = await this.#deps.desk.listInputs({ jobId, runId: replay, shardId });
    if (rows.length === count) return rows;
    throw new AssertionError('rows of a replay are missing', { found: rows.length, stored: count });
  }

  async #claimAll(shards: readonly Shard[]): Promise<void> {
    const { jobId, runId, replay } = this.#params;
    const outcomes = new Outcomes(this.#deps, jobId);
    try {
      for (const { shardId, estimatedRows = 0 } of shards) {
        const places = (await this.#inputs(shardId, estimatedRows)).map(placeOfInput);
        await claimRows({ desk: this.#deps.desk, run: { jobId, runId }, replay, outcomes }, places);
      }
    } finally {
      await outcomes.close();
    }
  }

  async #replayed(): Promise<RunRow> {
    const { jobId, runId } = this.#params;
    const run = (await this.#deps.state.runs.get({ jobId, runId }))?.value;
    if (run) return run;
    throw new SyncError('RUN-5003', 'config', `there is no run ${runPath({ jobId, runId })}`);
  }
}

function placeOfInput({ place }: InputRow): Place {
  const slash = place.lastIndexOf('/');
  return { shardId: place.slice(0, slash), ordinal: Number(place.slice(slash + 1)) };
}

function parsed<T>(shape: z.ZodType<T>, value: unknown, what: string): T {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  throw new AssertionError(`the ${what} of a replay cannot be read`, {}, { cause: result.error });
}
