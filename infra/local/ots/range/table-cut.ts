import type { Table } from '../table/table.ts';
import { type CutRule, type SplitTime, splitTime } from './cut.ts';

const MS_PER_SECOND = 1000;

/** Cells with an earlier timestamp are past their life; `undefined` when the table keeps data for ever. */
export function expiryTime(table: Table, nowMs: number): SplitTime | undefined {
  const { ttlSeconds } = table.definition.options;
  if (ttlSeconds < 0) return undefined;
  return splitTime(BigInt(Math.max(0, Math.floor(nowMs - ttlSeconds * MS_PER_SECOND))));
}

/** The same bound in ms, for comparing with a leaf's oldest cell. */
export const expiryMs = (table: Table, nowMs: number): number => {
  const { ttlSeconds } = table.definition.options;
  return ttlSeconds < 0 ? Number.NEGATIVE_INFINITY : nowMs - ttlSeconds * MS_PER_SECOND;
};

/** The rule that keeps every readable cell of a row: all columns, all versions that the table keeps. */
export function tableCut(table: Table, nowMs: number): CutRule {
  const expiry = expiryTime(table, nowMs);
  return {
    keyColumns: table.keyCount,
    names: undefined,
    keyNamed: false,
    startColumn: undefined,
    endColumn: undefined,
    fromTime: undefined,
    toTime: undefined,
    maxVersions: table.definition.options.maxVersions,
    expiry,
  };
}
