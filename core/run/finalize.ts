/** RUNNING → COMMITTING → SUCCEEDED: judge all shard rows, make their outputs visible once, write the receipt. */
import { createHash } from 'node:crypto';
import type { CommitReceipt, RunRef, ShardOutput } from '../connectors/contract.ts';
import { assert } from '../errors/index.ts';
import { type Counters, sumCounters } from './counters.ts';
import { judgeAtEnd } from './dirty-limit.ts';
import { failRunIf, settleDrive, takeDrive } from './drive.ts';
import { type EngineDeps, runFields, type Slice, using } from './engine.ts';
import type { Receipt, RunRow, ShardRow } from './model.ts';
import { allShards, areDone } from './shards.ts';
import { change } from './state.ts';

/** Finalizer entry. Harmless at any time and in any number: it counts rows of state, never messages. */
export async function finalize(deps: EngineDeps, run: RunRef, slice: Slice): Promise<void> {
  const row = (await deps.state.runs.get(run))?.value;
  if (row?.state === 'RUNNING') await beginCommit(deps, row);
  const committing = await takeDrive(deps, run, 'COMMITTING');
  if (!committing) return;
  try {
    await commit(deps, committing.value, slice);
  } catch (error) {
    await settleDrive(deps, committing.value, error);
  }
}

/** Moves the run on once every shard is done and the dirty rows are within the limit. */
async function beginCommit(deps: EngineDeps, run: RunRow): Promise<void> {
  const shards = await allShards(deps, run);
  if (!areDone(shards)) return;
  const counters = sumCounters(shards.map((shard) => shard.counters));
  await failRunIf(deps, run, 'RUNNING', (row) => judgeAtEnd(row.job.setting.errorLimit, counters));
  const outputsHash = hashOutputs(shards);
  await change<RunRef, RunRow, void>(deps.state.runs, run, (row) =>
    row.state === 'RUNNING'
      ? {
          result: undefined,
          next: { ...row, state: 'COMMITTING', outputsHash, drivenUntilMs: 0, driveAttempts: 0 },
        }
      : { result: undefined },
  );
}

async function commit(deps: EngineDeps, run: RunRow, slice: Slice): Promise<void> {
  const shards = await allShards(deps, run);
  assert(hashOutputs(shards) === run.outputsHash, 'the outputs changed after the commit began');
  const receipt = await using(
    deps.systems.openWriter(run.job, slice.signal),
    (writer) => writer.commit(run, outputsOf(shards)),
    deps.log,
  );
  const counters = sumCounters(shards.map((shard) => shard.counters));
  await succeed(deps, run, makeReceipt(run, receipt, counters, shards.length));
}

async function succeed(deps: EngineDeps, run: RunRow, receipt: Receipt): Promise<void> {
  const endedMs = deps.clock.nowMs();
  const { result } = await change<RunRef, RunRow, boolean>(deps.state.runs, run, (row) =>
    row.state === 'COMMITTING'
      ? { result: true, next: { ...row, state: 'SUCCEEDED', receipt, endedMs, drivenUntilMs: 0 } }
      : { result: false },
  );
  if (result) deps.log.info('run succeeded', { ...runFields(run), rows: receipt.counters.written });
}

const makeReceipt = (run: RunRow, commit: CommitReceipt, counters: Counters, shards: number): Receipt => ({
  counters,
  shards,
  location: commit.location,
  objects: commit.objects,
  bytesWritten: commit.bytes,
  outputsHash: run.outputsHash ?? '',
  ...(commit.manifest === undefined ? {} : { manifest: commit.manifest }),
});

/** What the shards hand to the writer, in shard order. A shard without any output has none. */
export const outputsOf = (shards: readonly ShardRow[]): readonly ShardOutput[] =>
  shards.flatMap((shard) =>
    shard.sink === undefined ? [] : [{ shardId: shard.shardId, epoch: shard.outputEpoch, state: shard.sink }],
  );

function hashOutputs(shards: readonly ShardRow[]): string {
  return createHash('sha256')
    .update(JSON.stringify(outputsOf(shards)))
    .digest('hex');
}
