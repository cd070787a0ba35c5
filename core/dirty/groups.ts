import type { DeskRow, Standing } from './model.ts';

/** How many rows stand how. */
export type Standings = Readonly<Record<Standing, number>>;

/** Refused rows of a run that have the same reason. */
export interface DirtyGroup extends Standings {
  readonly code: string;
  readonly column: string;
  readonly targetType: string;
  readonly rows: number;
  /** The first ones, as examples. */
  readonly samples: readonly DeskRow[];
}

/** Counts rows as they come, by code, column and wanted type, and keeps a few of each as examples. */
export class DirtyGroups {
  readonly #samples: number;
  readonly #groups = new Map<string, Group>();

  constructor(samples: number) {
    this.#samples = samples;
  }

  add(row: DeskRow): void {
    const { code, column, targetType } = row.refused;
    const reason = JSON.stringify([code, column, targetType]);
    let group = this.#groups.get(reason);
    if (!group) {
      group = { code, column, targetType, rows: 0, open: 0, held: 0, replayed: 0, samples: [] };
      this.#groups.set(reason, group);
    }
    group.rows++;
    group[row.standing]++;
    if (group.samples.length < this.#samples) group.samples.push(row);
  }

  /** The largest group first. */
  list(): readonly DirtyGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.rows - a.rows);
  }
}

type Group = { -readonly [key in keyof Omit<DirtyGroup, 'samples'>]: DirtyGroup[key] } & {
  readonly samples: DeskRow[];
};

/** Rows of all groups by how they stand. */
export const countStandings = (groups: readonly DirtyGroup[]): Standings & { readonly rows: number } => {
  const sum = (key: Standing | 'rows'): number => groups.reduce((total, group) => total + group[key], 0);
  return { rows: sum('rows'), open: sum('open'), held: sum('held'), replayed: sum('replayed') };
};
