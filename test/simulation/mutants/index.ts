import type { Mutant } from '../mutant.ts';
import { agedOrphans, countsMessages, feedsItself, noSweeper, plansAgain } from './engine-mutants.ts';
import { countsUnnamed, narrowsFirst, piecesWithoutEpoch, readsOldRange } from './hand-back-mutants.ts';
import {
  blindRetry,
  localLease,
  passesOnMissingColumn,
  sharedChannel,
  unconditionalDone,
  unready,
} from './state-mutants.ts';

/** Everything the simulation must notice. Each is the engine with one mistake that systems like it have made. */
export const mutants: readonly Mutant[] = [
  { name: 'no epoch in the output name', writer: { namesWithoutEpoch: true } },
  unconditionalDone,
  countsMessages,
  noSweeper,
  feedsItself,
  { name: 'position before data', writer: { positionBeforeData: true } },
  passesOnMissingColumn,
  localLease,
  sharedChannel,
  blindRetry,
  agedOrphans,
  plansAgain,
  { name: 'truncate removes what was taken over', writer: { truncatesTakenOver: true } },
  { name: 'prepare clears the target again', writer: { prepareClears: true } },
  { name: 'leftovers found by the job alone', writer: { discardsByJob: true } },
  countsUnnamed,
  narrowsFirst,
  readsOldRange,
  piecesWithoutEpoch,
  unready,
];
