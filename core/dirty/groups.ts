import type { DeskRow, Standing } from './model.ts';

/** Refused rows of a run that have the same reason. */
export interface DirtyGroup {
  readonly code: string;
  readonly column: string;
  readonly targetType: string;
  readonly rows: number;
  /** How many of them stand how. */
  readonly open: number;
  readonly held: number;
  readonly replayed: number;
  /** The first ones, as examples. */
  readonly samples: readonly DeskRow[];
}

/** By code, column and wanted type, the largest group first, each with a few examples. */
export function groupDirtyRows(rows: readonly DeskRow[], samples: number): readonly DirtyGroup[] {
  const groups = new Map<string, DeskRow[]>();
  for (const row of rows) {
    const { code, column, targetType } = row.refused;
    const reason = JSON.stringify([code, column, targetType]);
    const members = groups.get(reason);
    if (members) members.push(row);
    else groups.set(reason, [row]);
  }
  return [...groups.values()].map((members) => groupOf(members, samples)).sort((a, b) => b.rows - a.rows);
}

function groupOf(members: readonly DeskRow[], samples: number): DirtyGroup {
  const { code, column, targetType } = members[0]!.refused;
  return {
    code,
    column,
    targetType,
    rows: members.length,
    open: countStanding(members, 'open'),
    held: countStanding(members, 'held'),
    replayed: countStanding(members, 'replayed'),
    samples: members.slice(0, samples),
  };
}

/** Rows that stand so. */
export const countStanding = (rows: readonly DeskRow[], standing: Standing): number =>
  rows.reduce((sum, row) => (row.standing === standing ? sum + 1 : sum), 0);
