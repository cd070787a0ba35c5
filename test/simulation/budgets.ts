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

/** Leases are renewed after this share of their length, of the channel and of the shard. */
const RENEWALS = 2 * 3;

/** State calls of an orchestrator, of a finalizer or of a command: rows of runs, entries, lists. */
const PER_DRIVER = 12;
/** … of a worker: its run, its channel, a list of shards before and after. */
const PER_WORKER = 8;
/** … of a claim: taking it, its end, looking at the run and at the dirty rows, listing what is left. */
const PER_CLAIM = 6;
/** … of a position: storing it, looking at the run, at the dirty rows, and at what others do. */
const PER_POSITION = 5;
/** … of trouble: reading a row again and writing it again, after reading what became of the first time. */
const PER_TROUBLE = 3;

function budgetsOf(account: Account, sizes: Sizes): readonly Budget[] {
  const { calls, troubles, shards, claims, positions } = account;
  const { orchestrator, worker, finalizer } = account.invocations;
  const { concurrent } = sizes;
  const sliceMs = sizes.limitMs - Math.min(MAX_MARGIN_MS, sizes.limitMs * MARGIN_SHARE);
  const runningMs = Math.max(0, account.runningUntilMs - (account.runningFromMs ?? account.runningUntilMs));
  return [
    // A claim ends with the shard, with the invocation, or in trouble.
    { name: 'claims', used: claims, allowed: shards + worker + troubles },
    // Only holders of channels go on, each for a slice; a piece wakes a channel.
    {
      name: 'chains',
      used: account.chains,
      allowed: concurrent * (1 + runningMs / sliceMs) + account.pieces + troubles,
    },
    // A worker looks in vain at what the others hold.
    {
      name: 'state calls',
      used: calls.state,
      allowed:
        PER_DRIVER * (orchestrator + finalizer + account.commands) +
        Math.max(1, account.plans) * shards +
        2 * account.closed +
        (PER_WORKER + concurrent) * worker +
        PER_CLAIM * claims +
        PER_TROUBLE * troubles +
        PER_POSITION * positions +
        (RENEWALS * account.heldMs) / sizes.leaseMs +
        (sizes.splits * LOOKS * account.heldMs) / sizes.checkpointMs +
        account.dirtyRows +
        account.pages,
    },
    // Each batch is asked for once; plans and cuts besides.
    {
      name: 'source calls',
      used: calls.source,
      allowed: account.batches + 2 * orchestrator + sizes.splits * positions + troubles,
    },
    // Each part once, an upload per claim; a commit completes each upload or finds it completed.
    {
      name: 'target calls',
      used: calls.target,
      allowed:
        account.parts +
        claims +
        2 * orchestrator +
        account.commits * (2 * claims + 6) +
        account.commands * (claims + account.commands) +
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
