/** Who may write the rows of a shard: the holder of the highest fence. */
import { createHash } from 'node:crypto';
import type { RunRef, TaskRef } from '../../types/index.ts';

/** Token of one attempt. Higher wins: first the generation, then the epoch; the nonce tells equals apart. */
export interface Fence {
  /** How often the run was resumed by a successor; 0 for the first. */
  readonly generation: number;
  readonly epoch: number;
  /** 32 hex digits, new for every connection. */
  readonly nonce: string;
}

/** The name that a run and its successors share, and how many came before. */
export interface RootRun {
  readonly jobId: string;
  readonly runId: string;
  readonly generation: number;
}

/** `R.r3` is the third successor of `R`: the same rows, so the same ledger. */
export function rootOf(run: RunRef): RootRun {
  const match = /^(.+)\.r([1-9]\d{0,8})$/.exec(run.runId);
  return match
    ? { jobId: run.jobId, runId: match[1]!, generation: Number(match[2]) }
    : { jobId: run.jobId, runId: run.runId, generation: 0 };
}

/**
 * Key of the root run in the ledger of a database: bounded, whatever the names hold. The target table is part of
 * it, since the ledger is shared by all tables beside it.
 */
export const ledgerKey = (root: RootRun, table: string): string =>
  createHash('sha256')
    .update(JSON.stringify([root.jobId, root.runId, table]))
    .digest('hex');

/** The fence of an attempt under a fresh nonce. */
export const fenceOf = (task: TaskRef, nonce: string): Fence => ({
  generation: rootOf(task).generation,
  epoch: task.epoch,
  nonce,
});

/** Whether `stored` belongs to somebody who came after `own`. */
export const isLater = (stored: Omit<Fence, 'nonce'>, own: Omit<Fence, 'nonce'>): boolean =>
  stored.generation > own.generation || (stored.generation === own.generation && stored.epoch > own.epoch);
