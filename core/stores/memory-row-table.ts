import {
  type IdSpan,
  type PutCondition,
  type RowKey,
  type RowTable,
  type StoredRow,
  VER,
} from './row-table.ts';

/** Rows in the memory of this process: for simulation and tests. Passes the same contract suite as the real one. */
export class MemoryRowTable implements RowTable {
  readonly #rows = new Map<string, StoredRow>();

  async get(key: RowKey): Promise<StoredRow | undefined> {
    return this.#rows.get(mapKey(key));
  }

  async put(row: StoredRow, condition: PutCondition): Promise<'applied' | 'refused'> {
    const stored = this.#rows.get(mapKey(row.key));
    if (!fits(stored, condition)) return 'refused';
    this.#rows.set(mapKey(row.key), { key: { ...row.key }, columns: { ...row.columns } });
    return 'applied';
  }

  async remove(key: RowKey): Promise<void> {
    this.#rows.delete(mapKey(key));
  }

  async scan(scope: string | undefined, limit: number, span?: IdSpan): Promise<readonly StoredRow[]> {
    const rows = [...this.#rows.values()].filter(
      ({ key }) => (scope === undefined || key.scope === scope) && (!span || isWithin(key.id, span)),
    );
    return rows.sort((a, b) => compare(a.key, b.key)).slice(0, limit);
  }
}

const mapKey = (key: RowKey): string => JSON.stringify([key.scope, key.id]);

function fits(stored: StoredRow | undefined, condition: PutCondition): boolean {
  switch (condition.kind) {
    case 'none':
      return true;
    case 'absent':
      return stored === undefined;
    case 'ver':
      return stored?.columns[VER] === condition.ver;
    default:
      return condition satisfies never;
  }
}

const isWithin = (id: string, { from, to }: IdSpan): boolean =>
  Buffer.compare(Buffer.from(id), Buffer.from(from)) >= 0 &&
  Buffer.compare(Buffer.from(id), Buffer.from(to)) < 0;

const compare = (a: RowKey, b: RowKey): number =>
  Buffer.compare(Buffer.from(a.scope), Buffer.from(b.scope)) ||
  Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));
