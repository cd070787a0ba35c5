/**
 * What a lineage of runs may cost, as a function of its shards, its pace and the trouble it met. `troubles` counts
 * everything that went wrong for its instances: calls that were refused, cut or late, deaths and pauses, leases
 * and channels taken, writes that came second, requests to stop. Each pays for a bounded number of repeats; without
 * trouble nothing is repeated, so that a loop that feeds itself overdraws its budget even where it does no harm.
 */
import type { Ground } from './ground.ts';
import type { Account } from './ledger.ts';
import type { Sizes } from './scenario.ts';

/** One of the costs. */
interface Budget {
  readonly name: string;
  readonly used: number;
  readonly allowed: number;
}

const MARGIN_SHARE = 0.15;
const MAX_MARGIN_MS = 10_000;
/** A holder looks this often between two checkpoints by time whether somebody is idle. */
const LOOKS = 5;

/** State calls: of an invocation or command; of a worker with its channel; per claim, position, shard, trouble. */
const PER_INVOCATION = 6;
const PER_WORKER = 8;
const PER_CLAIM = 6;
const PER_POSITION = 6;
const PER_SHARD = 2;
const PER_TROUBLE = 3;

function budgetsOf(account: Account, sizes: Sizes): readonly Budget[] {
  const { calls, troubles, shards, claims, positions } = account;
  const { orchestrator, worker, finalizer } = account.invocations;
  const driving = orchestrator + finalizer + account.commands;
  const sliceMs = sizes.limitMs - Math.min(MAX_MARGIN_MS, sizes.limitMs * MARGIN_SHARE);
  const runningMs = Math.max(0, account.runningUntilMs - (account.runningFromMs ?? account.runningUntilMs));
  const looks = sizes.splits * LOOKS * sizes.concurrent * (runningMs / sizes.checkpointMs);
  return [
    // A claim ends with the shard, with the invocation, or in trouble.
    { name: 'claims', used: claims, allowed: shards + worker + troubles },
    // Only holders of channels go on, each for a slice; a piece wakes a channel.
    {
      name: 'chains',
      used: account.chains,
      allowed: sizes.concurrent * (1 + runningMs / sliceMs) + account.pieces + troubles,
    },
    {
      name: 'state calls',
      used: calls.state,
      allowed:
        PER_INVOCATION * driving +
        PER_WORKER * worker +
        PER_SHARD * shards +
        PER_CLAIM * claims +
        PER_POSITION * positions +
        PER_TROUBLE * troubles +
        account.dirtyRows +
        account.pages +
        looks,
    },
    // Each batch is asked for once; plans and cuts besides.
    {
      name: 'source calls',
      used: calls.source,
      allowed: account.batches + 2 * orchestrator + sizes.splits * positions + troubles,
    },
    // Each part once, an upload per claim; a commit completes each upload.
    {
      name: 'target calls',
      used: calls.target,
      allowed:
        account.parts +
        2 * claims +
        2 * orchestrator +
        account.commits * (claims + 4) +
        account.commands * (claims + 1) +
        troubles,
    },
  ];
}

/** Told to the ground: how much of each budget was used, and which are overdrawn. */
export function judgeBudgets(ground: Ground, lineage: string): void {
  for (const { name, used, allowed } of budgetsOf(ground.ledger.of(lineage), ground.scenario.sizes)) {
    const share = used / Math.max(1, allowed);
    ground.spent.set(name, Math.max(share, ground.spent.get(name) ?? 0));
    if (used > allowed)
      ground.violate(`${lineage} makes ${used} ${name}, ${Math.floor(allowed)} are paid for`);
  }
}
