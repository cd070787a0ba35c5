/** Verifying a run: does the target still hold what the run wrote, and is that what the source gives? */
import type { ReadBack } from '../connectors/contract.ts';
import { SyncError } from '../errors/index.ts';
import { type EngineDeps, using } from '../run/engine.ts';
import { outputsOf } from '../run/finalize.ts';
import { type RunRow, runPath, type ShardRow } from '../run/model.ts';
import { allShards } from '../run/shards.ts';
import type { Column } from '../types/index.ts';
import type { UnitFinding, Verdict, VerifyReport } from './model.ts';
import { compareUnit, type Progress, type Unit } from './unit.ts';

/** Hears of every comparison that is over. */
export interface VerifyHooks {
  readonly progress: Progress;
  onUnit(finding: UnitFinding, columns: readonly Column[], of: number): void;
}

/**
 * Reads source and target again, shard by shard, and compares them. Changes nothing anywhere. Throws RUN-5030 for a run
 * or a writer that cannot be verified.
 */
export async function verifyRun(
  deps: Pick<EngineDeps, 'state' | 'systems' | 'log'>,
  run: RunRow,
  hooks: VerifyHooks,
  signal: AbortSignal,
): Promise<VerifyReport> {
  if (run.state !== 'SUCCEEDED') throw cannot(run, `is ${run.state}`);
  const shards = await allShards(deps, run);
  const columns = run.plan?.columns ?? [];
  const { systems, log } = deps;
  return using(
    systems.openWriter(run.job, signal),
    async (writer) => {
      const readBack = await writer.readBack?.(run, outputsOf(shards), columns);
      if (!readBack) throw cannot(run, `was written by ${run.job.writer.type}, which reads nothing back`);
      return using(
        systems.openReader(run.job, signal),
        async (reader) => {
          const problems = await readBack.problems();
          const units = unitsOf(shards, readBack);
          const findings: UnitFinding[] = [];
          for (const unit of units) {
            const finding = await compareUnit({ reader, readBack, progress: hooks.progress }, unit);
            findings.push(finding);
            hooks.onUnit(finding, readBack.columns, units.length);
          }
          return {
            verdict: verdictOf(findings, problems),
            columns: readBack.columns,
            units: findings,
            problems,
          };
        },
        log,
      );
    },
    log,
  );
}

/** A run that was cut into nothing is compared as a whole: the target must be empty too. */
function unitsOf(shards: readonly ShardRow[], { scope }: ReadBack): readonly Unit[] {
  return scope === 'whole'
    ? [{ shards }]
    : shards.map((shard) => ({ shardId: shard.shardId, shards: [shard] }));
}

/** What is wrong with the target is said although the source may have changed too. */
function verdictOf(units: readonly UnitFinding[], problems: readonly string[]): Verdict {
  if (problems.length > 0 || units.some(({ state }) => state === 'different')) return 'different';
  return units.some(({ state }) => state === 'source-changed') ? 'source-changed' : 'same';
}

const cannot = (run: RunRow, why: string): SyncError =>
  new SyncError('RUN-5030', 'config', `run ${runPath(run)} ${why}`);
