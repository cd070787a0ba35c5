/** One comparison: rows of the source in the target's own form, against the rows of the target. */
import type { ReadBack, Reader } from '../connectors/contract.ts';
import { addCounters, type Counters, zeroCounters } from '../run/counters.ts';
import type { ShardRow } from '../run/model.ts';
import { keptRows } from '../transfer/kept-rows.ts';
import { cellBytes, type RowBlock, rowChecksum } from '../types/index.ts';
import { BucketTable } from './bucket-table.ts';
import type { ShardFinding, UnitFinding } from './model.ts';
import { Narrowing, type OddRow, type OddRows } from './narrowing.ts';
import { MAX_NAMED_ROWS, pairRows } from './pairing.ts';
import { RefusedRows } from './refused-rows.ts';

/** Told after every block, for a display and to stop: it may throw. */
export type Progress = (rows: number) => void;

/** What a comparison works with. */
export interface UnitParts {
  readonly reader: Reader;
  readonly readBack: ReadBack;
  /** Refused rows by shard, as far as they were kept whole. */
  readonly refused: ReadonlyMap<string, readonly RowBlock[]>;
  /** Rows that the source lacks are no mismatch. */
  readonly allowExtra: boolean;
  readonly progress: Progress;
}

/** Shards that are compared together. */
export interface Unit {
  /** Absent = all shards of the run. */
  readonly shardId?: string;
  readonly shards: readonly ShardRow[];
}

/** A block of the source, and its rows in the target's form. */
interface SourceBlock {
  readonly expected: readonly RowBlock[];
  readonly shard: ShardRow;
  readonly source: RowBlock;
  readonly refused: number;
}

/** Times that both sides are read again at most, so that a comparison ends. */
const MAX_ROUNDS = 64;

const NONE: OddRows = { missing: [], extra: [], unseenBuckets: 0 };

/**
 * Compares in two passes, both in constant memory. The second only looks at rows whose hashes differ, and only if the
 * source still is what was read: otherwise every difference could be its change.
 */
export async function compareUnit(parts: UnitParts, unit: Unit): Promise<UnitFinding> {
  const table = new BucketTable();
  const source = await readSource(parts, unit, table);
  const targetRows = await readTarget(parts, unit, table);
  const buckets = table.differing();
  const changed = source.shards.some((shard) => shard.sourceChanged);
  const odd = changed || buckets.length === 0 ? NONE : await narrow(parts, unit, buckets);
  const counts = { expectedRows: source.expectedRows, writtenRows: writtenRows(unit), targetRows };
  return finding(parts, unit, source.shards, counts, changed, odd);
}

interface Counts {
  readonly expectedRows: number;
  readonly writtenRows: number;
  readonly targetRows: number;
}

function finding(
  { readBack, allowExtra }: UnitParts,
  unit: Unit,
  shards: readonly ShardFinding[],
  counts: Counts,
  changed: boolean,
  odd: OddRows,
): UnitFinding {
  const differences = pairRows(odd, readBack.columns);
  const count = (kind: string): number =>
    differences.reduce((sum, one) => (one.kind === kind ? sum + one.times : sum), 0);
  const wrongCount = readBack.oneToOne && !isPlausible(allowExtra, counts);
  const isDifferent = wrongCount || differences.length > 0 || odd.unseenBuckets > 0;
  return {
    ...(unit.shardId === undefined ? {} : { shardId: unit.shardId }),
    shards,
    ...counts,
    state: isDifferent ? 'different' : changed ? 'source-changed' : 'same',
    differences: differences.slice(0, MAX_NAMED_ROWS),
    missing: count('missing'),
    extra: count('extra'),
    different: count('different'),
    unseenBuckets: odd.unseenBuckets,
  };
}

/** Whether the target has as many rows as the run counted. */
const isPlausible = (allowExtra: boolean, { writtenRows: written, targetRows }: Counts): boolean =>
  allowExtra ? targetRows >= written : targetRows === written;

const writtenRows = ({ shards }: Unit): number =>
  shards.reduce((sum, shard) => sum + shard.counters.written, 0);

async function* sourceBlocks(parts: UnitParts, { shards }: Unit): AsyncGenerator<SourceBlock> {
  for (const shard of shards) {
    const refusedRows = new RefusedRows(parts.refused.get(shard.shardId) ?? []);
    const { reader } = parts;
    // What the plan held went with the run.
    for await (const batch of reader.read(reader.unheld?.(shard) ?? shard, undefined)) {
      const { block } = batch;
      const kept = keptRows(batch);
      // Rows that the reader refuses are no part of the target, kept by the desk or not.
      refusedRows.without(kept.refused());
      const wanted = refusedRows.without(kept.block);
      const { blocks: expected, refused } = await parts.readBack.expected(wanted);
      yield { expected, shard, source: block, refused: refused + block.rowCount - wanted.rowCount };
      parts.progress(block.rowCount);
    }
  }
}

async function readSource(
  parts: UnitParts,
  unit: Unit,
  table: BucketTable,
): Promise<{ readonly shards: readonly ShardFinding[]; readonly expectedRows: number }> {
  const seen = new Map<ShardRow, Counters>(unit.shards.map((shard) => [shard, zeroCounters]));
  let expectedRows = 0;
  for await (const { expected, shard, source, refused } of sourceBlocks(parts, unit)) {
    for (const rows of expected) {
      table.add(rows, 1);
      expectedRows += rows.rowCount;
    }
    seen.set(shard, addCounters(seen.get(shard) ?? zeroCounters, countersOf(source, refused)));
  }
  return {
    shards: unit.shards.map((shard) => shardFinding(shard, seen.get(shard) ?? zeroCounters)),
    expectedRows,
  };
}

const countersOf = (block: RowBlock, refused: number): Counters => ({
  read: block.rowCount,
  written: block.rowCount - refused,
  dirty: refused,
  bytes: cellBytes(block),
  checksum: rowChecksum(block),
});

const shardFinding = ({ shardId, counters }: ShardRow, now: Counters): ShardFinding => ({
  shardId,
  recordedRows: counters.read,
  sourceRows: now.read,
  sourceChanged: counters.read !== now.read || counters.checksum !== now.checksum,
});

async function readTarget(parts: UnitParts, unit: Unit, table: BucketTable): Promise<number> {
  let rows = 0;
  for await (const block of parts.readBack.rows(unit.shardId)) {
    table.add(block, -1);
    rows += block.rowCount;
    parts.progress(block.rowCount);
  }
  return rows;
}

/**
 * Looks into the uneven buckets, as many at a time as memory holds. Rows of others in the target may make all buckets
 * uneven: then there are as many rounds as it takes, else only until there is enough to name.
 */
async function narrow(parts: UnitParts, unit: Unit, buckets: readonly number[]): Promise<OddRows> {
  const missing: OddRow[] = [];
  const extra: OddRow[] = [];
  let left = buckets;
  for (let round = 0; left.length > 0; round++) {
    const narrowing = new Narrowing(left, { keepsExtra: !parts.allowExtra });
    for await (const { expected } of sourceBlocks(parts, unit)) {
      for (const rows of expected) narrowing.add(rows, 1);
    }
    for await (const block of parts.readBack.rows(unit.shardId)) {
      narrowing.add(block, -1);
      parts.progress(block.rowCount);
    }
    const odd = narrowing.result();
    missing.push(...odd.missing);
    extra.push(...odd.extra);
    const isStuck = odd.unseen.length === left.length;
    left = odd.unseen;
    if (isStuck || missing.length + extra.length > 0 || round >= MAX_ROUNDS) break;
  }
  return { missing, extra, unseenBuckets: left.length };
}
