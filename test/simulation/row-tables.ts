/** The state tables: memory below, the watch over every accepted write, faults on the way there. */
import { type RetryPolicy, withRetry } from '../../core/limits/retry.ts';
import {
  type IdSpan,
  MemoryRowTable,
  type PutCondition,
  type RowKey,
  type RowTable,
  type StoredRow,
  TABLES,
  type TableName,
} from '../../core/stores/index.ts';
import type { Ground } from './ground.ts';
import type { Instance, Site } from './instance.ts';

/** Told of every accepted write, in order. */
export interface WriteWatch {
  applied(table: TableName, before: StoredRow | undefined, after: StoredRow, by: Instance): void;
  /** The writer was told that its write was refused, because of the row that was there. */
  told(table: TableName, stored: StoredRow | undefined, wanted: StoredRow, by: Instance): void;
}

/** As core/stores retries what certainly had no effect. */
const RETRY: RetryPolicy = { maxAttempts: 6, baseMs: 100, capMs: 3_000, kinds: ['throttled', 'transient'] };

/** Holders die and stand still more often between storing pieces and naming them: that moment is short. */
const PIECE_DANGER = 30;

/** All tables of an installation. */
export class RowTables {
  readonly #ground: Ground;
  readonly #watch: WriteWatch;
  readonly #tables = new Map(TABLES.map((name) => [name, new MemoryRowTable()]));

  constructor(ground: Ground, watch: WriteWatch) {
    this.#ground = ground;
    this.#watch = watch;
  }

  /** A table as it is, for the verdict at the end. */
  bare(name: TableName): MemoryRowTable {
    const table = this.#tables.get(name);
    if (!table) throw new Error(`no table ${name}`);
    return table;
  }

  /** A table as an instance reaches it. `between` may put a flawed layer below the retries. */
  reachedBy(
    instance: Instance,
    name: TableName,
    between: (table: RowTable) => RowTable = (table) => table,
  ): RowTable {
    return retrying(between(this.#remote(instance, name)), instance);
  }

  #remote(instance: Instance, name: TableName): RowTable {
    const table = this.bare(name);
    const site = (what: string, writes: boolean): Site => ({
      side: 'state',
      what: `${what} ${name}`,
      meanMs: this.#ground.scenario.sizes.stateMs,
      writes,
      codes: { fault: 'RUN-5007' },
    });
    const [get, put, remove, scan] = [
      site('get', false),
      site('put', true),
      site('remove', true),
      site('scan', false),
    ];
    return {
      get: (key: RowKey) => instance.call(get, () => table.get(key)),
      put: async (row: StoredRow, condition: PutCondition) => {
        const asked = isPiece(name, row) ? { ...put, dangerFactor: PIECE_DANGER } : put;
        const { outcome, before } = await instance.call(asked, () =>
          this.#put(name, row, condition, instance),
        );
        // An insert that finds the row there is no trouble: it is how rows are shared.
        if (outcome === 'refused' && condition.kind === 'ver') instance.inTrouble();
        if (outcome === 'refused') this.#watch.told(name, before, row, instance);
        return outcome;
      },
      remove: (key: RowKey) => instance.call(remove, () => table.remove(key)),
      scan: (scope: string | undefined, limit: number, span?: IdSpan) =>
        this.#scan(table, instance, scan, scope, limit, span),
    };
  }

  /** Lists page by page: rows may change, come and go between two of them. */
  async #scan(
    table: MemoryRowTable,
    instance: Instance,
    site: Site,
    scope: string | undefined,
    limit: number,
    span: IdSpan | undefined,
  ): Promise<readonly StoredRow[]> {
    const { pageRows } = this.#ground.scenario.sizes;
    if (pageRows === 0) return instance.call(site, () => table.scan(scope, limit, span));
    const rows: StoredRow[] = [];
    for (;;) {
      const last = rows.at(-1)?.key;
      const page = await instance.call(site, async () => {
        const all = await table.scan(scope, Number.MAX_SAFE_INTEGER, span);
        return all.filter(({ key }) => last === undefined || isAfter(key, last)).slice(0, pageRows);
      });
      rows.push(...page);
      if (page.length < pageRows || rows.length >= limit) return rows.slice(0, limit);
      if (instance.account) instance.account.pages++;
    }
  }

  async #put(
    name: TableName,
    row: StoredRow,
    condition: PutCondition,
    by: Instance,
  ): Promise<{ outcome: 'applied' | 'refused'; before: StoredRow | undefined }> {
    const table = this.bare(name);
    const before = await table.get(row.key);
    const outcome = await table.put(row, condition);
    this.#ground.log(by.name, `${outcome} ${name} ${row.key.id}`);
    if (outcome === 'applied') this.#watch.applied(name, before, row, by);
    return { outcome, before };
  }
}

/** Whether this stores a piece of a shard, which counts only once it is named. */
const isPiece = (name: TableName, { columns }: StoredRow): boolean =>
  name === 'shards' && columns.parent !== undefined && columns.claimedMs === undefined;

const isAfter = (a: RowKey, b: RowKey): boolean => a.scope > b.scope || (a.scope === b.scope && a.id > b.id);

const retrying = (table: RowTable, instance: Instance): RowTable => {
  const again = <T>(call: () => Promise<T>): Promise<T> => withRetry(call, RETRY, instance);
  return {
    get: (key) => again(() => table.get(key)),
    put: (row, condition) => again(() => table.put(row, condition)),
    remove: (key) => again(() => table.remove(key)),
    scan: (scope, limit, span) => again(() => table.scan(scope, limit, span)),
  };
};
