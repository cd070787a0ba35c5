/** Whether the demo showed what it promises. Pure. */
import { isTerminal } from '../../core/run/index.ts';
import { countOf } from '../quantity.ts';
import type { Exported } from './export.ts';
import { isExact, type ReadBack } from './read-back.ts';

/** Everything that is not as it must be, in sentences; empty when all is well. */
export function faultsOf(
  { end, sabotage }: Pick<Exported, 'end' | 'sabotage'>,
  found: ReadBack | undefined,
  rows: number,
): readonly string[] {
  const { run } = end;
  if (!isTerminal(run.state)) return [`The run was still ${run.state} when its time was up.`];
  if (run.state !== 'SUCCEEDED' || !run.receipt) {
    const why = run.failure ? `: ${run.failure.code} ${run.failure.message}` : '';
    return [`The run ended as ${run.state}${why}.`];
  }
  const { read, written, dirty } = run.receipt.counters;
  return [
    ...(read === rows && written === rows && dirty === 0
      ? []
      : [
          `The receipt says ${read} read, ${written} written, ${dirty} dirty; the table has ${countOf(rows, 'row')}.`,
        ]),
    ...(found && isExact(found, rows) ? [] : [differenceOf(found)]),
    ...(sabotage.kills.length > 0 ? [] : ['No worker could be killed: the run was over too soon.']),
    ...(sabotage.kills.length === 0 || sabotage.recovery
      ? []
      : ['No shard had to be taken over after the kill.']),
  ];
}

function differenceOf(found: ReadBack | undefined): string {
  if (!found) return 'The export was not read back.';
  const first = found.firstDifference === undefined ? '' : `; first: ${found.firstDifference}`;
  return `The export differs from the table: ${found.missing} rows missing, ${found.duplicates} twice, ${found.different} different, ${found.strangers} unknown${first}.`;
}
