import type { Column } from '../types/index.ts';
import type { Difference } from './pairing.ts';

/** A shard of the run against the source as it is now. */
export interface ShardFinding {
  readonly shardId: string;
  /** Rows that the run read, and that the source gives now. */
  readonly recordedRows: number;
  readonly sourceRows: number;
  /** The source no longer gives the rows that the run read: other in number, or in checksum. */
  readonly sourceChanged: boolean;
}

/** What was compared at once: one shard, or all of them where the target does not know shards. */
export interface UnitFinding {
  /** The shard; absent = all. */
  readonly shardId?: string;
  readonly shards: readonly ShardFinding[];
  /** Rows that the target must have, by the source as it is now. */
  readonly expectedRows: number;
  /** Rows that the run counted as written. */
  readonly writtenRows: number;
  readonly targetRows: number;
  readonly state: 'same' | 'different' | 'source-changed';
  /** Rows that differ, with their number; named up to a limit. */
  readonly differences: readonly Difference[];
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  /** Groups of rows that differ and were not looked into. */
  readonly unseenBuckets: number;
}

/** `same`: proven · `different`: the target is not what was written · `source-changed`: cannot be told any more. */
export type Verdict = 'same' | 'different' | 'source-changed';

/** The outcome of a verification. */
export interface VerifyReport {
  readonly verdict: Verdict;
  readonly columns: readonly Column[];
  readonly units: readonly UnitFinding[];
  /** Columns that were not compared: the target answers them in a notation of its own. */
  readonly unchecked: readonly string[];
  /** What is wrong beside the rows, in sentences. */
  readonly problems: readonly string[];
}
