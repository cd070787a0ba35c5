/** What a configuration promises about rows after crashes, in the words of a plan. */
import type { Delivery, PlanNote } from '../../connectors/contract.ts';
import { SyncError } from '../../errors/index.ts';
import type { WriteParameters } from './parameters.ts';
import type { TargetTable } from './target.ts';

/** Delivery of a job's rows and why. */
export interface DeliveryChoice {
  readonly delivery: Delivery;
  readonly ledger: boolean;
  readonly note: PlanNote;
}

const EXACTLY: PlanNote = {
  level: 'info',
  message: 'exactly once: the position of each shard is committed with its rows in the table millrace_ledger',
};
const IDEMPOTENT: PlanNote = {
  level: 'info',
  message: 'idempotent: after a fault rows can be written again, over the rows of the same key',
};
const REPEATED: PlanNote = {
  level: 'warning',
  message: 'at least once: after a fault up to one checkpoint interval of rows per shard can be there twice',
};
const REFUSED_TWICE: PlanNote = {
  level: 'warning',
  message:
    'at least once: after a fault rows that are there already can be refused as duplicates and count as dirty',
};

/** Chooses the ledger unless the job did. Throws DST-4025 where the engine cannot keep one. */
export function chooseDelivery(parameters: WriteParameters, table: TargetTable): DeliveryChoice {
  const keyed = table.uniqueKeys.length > 0;
  const repeatable = parameters.rule !== 'fail' && keyed;
  const engine = table.engineWithoutTransactions;
  const ledger = parameters.ledger ?? !repeatable;
  if (ledger && engine !== undefined)
    throw new SyncError(
      'DST-4025',
      'config',
      `the engine ${engine} of the target table has no transactions, so no ledger can be kept; ` +
        'write `"ledger": false`, or use InnoDB',
      { engine },
    );
  if (ledger) return { delivery: 'exactly-once', ledger, note: EXACTLY };
  if (repeatable) return { delivery: 'idempotent', ledger, note: IDEMPOTENT };
  return { delivery: 'at-least-once', ledger, note: keyed ? REFUSED_TWICE : REPEATED };
}
