/** Verifying a run: does the target still hold what the run wrote, and is that what the source gives? */
import type { ReadBack, Reader } from '../connectors/contract.ts';
import { SyncError } from '../errors/index.ts';
import { type EngineDeps, using } from '../run/engine.ts';
import { outputsOf } from '../run/finalize.ts';
import { type RunRow, runPath, type ShardRow } from '../run/model.ts';
import { allShards } from '../run/shards.ts';
import type { Column } from '../types/index.ts';
import type { UnitFinding, Verdict, VerifyReport } from './model.ts';
import { refusedBlocks } from './refused-rows.ts';
import { compareUnit, type Progress, type Unit } from './unit.ts';

/** Hears of every comparison that is over. */
export interface VerifyHooks {
  readonly progress: Progress;
  onUnit(finding: UnitFinding, columns: readonly Column[], of: number): void;
}

/** What a person knows about the target. */
export interface VerifyOptions {
  /** The target may hold rows that the run did not write: they are no mismatch. */
  readonly allowExtra?: boolean;
}

/** What a verification reads through. */
export type VerifyDeps = Pick<EngineDeps, 'state' | 'systems' | 'log'>;

/**
 * Reads source and target again, shard by shard, and compares them. Changes nothing anywhere. Throws RUN-5030 for a run
 * or a writer that cannot be verified.
 */
export async function verifyRun(
  deps: VerifyDeps,
  run: RunRow,
  hooks: VerifyHooks,
  signal: AbortSignal,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  if (run.state !== 'SUCCEEDED') throw cannot(run, `is ${run.state}`);
  const shards = await allShards(deps, run);
  return using(
    deps.systems.openWriter(run.job, signal),
    async (writer) => {
      const readBack = await writer.readBack?.(run, outputsOf(shards), run.plan?.columns ?? []);
      if (!readBack) throw cannot(run, `was written by ${run.job.writer.type}, which reads nothing back`);
      return using(
        deps.systems.openReader(run.job, signal),
        (reader) => compareAll(deps, run, shards, { reader, readBack, hooks, options }),
        deps.log,
      );
    },
    deps.log,
  );
}

interface Sides {
  readonly reader: Reader;
  readonly readBack: ReadBack;
  readonly hooks: VerifyHooks;
  readonly options: VerifyOptions;
}

async function compareAll(
  deps: VerifyDeps,
  run: RunRow,
  shards: readonly ShardRow[],
  { reader, readBack, hooks, options }: Sides,
): Promise<VerifyReport> {
  const problems = await readBack.problems();
  const refused = await refusedBlocks(deps, run);
  const allowExtra = readBack.holdsOthers || options.allowExtra === true;
  const parts = { reader, readBack, refused, allowExtra, progress: hooks.progress };
  const toCompare = unitsOf(shards, readBack);
  const units: UnitFinding[] = [];
  for (const unit of toCompare) {
    const finding = await compareUnit(parts, unit);
    units.push(finding);
    hooks.onUnit(finding, readBack.columns, toCompare.length);
  }
  const { columns, unchecked } = readBack;
  return { verdict: verdictOf(units, problems), columns, units, unchecked, problems };
}

/** Each shard by itself, or all of them at once where the target does not know shards. */
function unitsOf(shards: readonly ShardRow[], { scope }: ReadBack): readonly Unit[] {
  if (scope === 'whole') return [{ shards }];
  return shards.map((shard) => ({ shardId: shard.shardId, shards: [shard] }));
}

/** What is wrong with the target is said although the source may have changed too. */
function verdictOf(units: readonly UnitFinding[], problems: readonly string[]): Verdict {
  if (problems.length > 0 || units.some(({ state }) => state === 'different')) return 'different';
  return units.some(({ state }) => state === 'source-changed') ? 'source-changed' : 'same';
}

const cannot = (run: RunRow, why: string): SyncError =>
  new SyncError('RUN-5030', 'config', `run ${runPath(run)} ${why}`);
