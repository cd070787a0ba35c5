import {
  type GetRangeRequest,
  INF_MAX,
  INF_MIN,
  type KeyBound,
  type KeyColumn,
  type RowCondition,
  type RowPage,
  type TablestoreClient,
  type TablestoreCodes,
  type StoredRow as TablestoreRow,
  type Value,
} from '../tablestore/index.ts';
import type { Columns, IdSpan, PutCondition, RowKey, RowTable, Scalar, StoredRow } from './row-table.ts';
import { VER } from './row-table.ts';
import { TABLES, type TableName } from './state-store.ts';

/** Codes of the state store's faults. */
export const stateCodes: TablestoreCodes = {
  unreachable: 'RUN-5007',
  denied: 'RUN-5007',
  throttled: 'RUN-5007',
  refused: 'RUN-5007',
  undecodable: 'RUN-5007',
};

/** Runs a call again while its fault says that it had no effect and may succeed later. */
export type Retry = <T>(call: () => Promise<T>) => Promise<T>;

const SCOPE = 'scope';
const ID = 'id';
const MAX_PAGE_ROWS = 5_000;

/** Rows in a Tablestore table with the key (scope, id), one version per cell, never expiring. */
export class TablestoreRowTable implements RowTable {
  readonly #client: TablestoreClient;
  readonly #table: string;
  readonly #retry: Retry;

  constructor(client: TablestoreClient, table: string, retry: Retry) {
    this.#client = client;
    this.#table = table;
    this.#retry = retry;
  }

  async get(key: RowKey): Promise<StoredRow | undefined> {
    const row = await this.#retry(() =>
      this.#client.getRow({ table: this.#table, key: keyColumns(key.scope, key.id) }),
    );
    return row && fromTablestore(row);
  }

  async put(row: StoredRow, condition: PutCondition): Promise<'applied' | 'refused'> {
    const outcome = await this.#retry(() =>
      this.#client.putRow({
        table: this.#table,
        key: keyColumns(row.key.scope, row.key.id),
        columns: row.columns,
        condition: toTablestore(condition),
      }),
    );
    return outcome === 'applied' ? 'applied' : 'refused';
  }

  async remove(key: RowKey): Promise<void> {
    await this.#retry(() =>
      this.#client.deleteRow({ table: this.#table, key: keyColumns(key.scope, key.id), condition: 'ignore' }),
    );
  }

  async scan(scope: string | undefined, limit: number, span?: IdSpan): Promise<readonly StoredRow[]> {
    const rows: StoredRow[] = [];
    const end = keyColumns<KeyBound>(scope ?? INF_MAX, span?.to ?? INF_MAX);
    let begin: readonly KeyColumn<KeyBound>[] | undefined = keyColumns<KeyBound>(
      scope ?? INF_MIN,
      span?.from ?? INF_MIN,
    );
    while (begin && rows.length < limit) {
      const request: GetRangeRequest = {
        table: this.#table,
        direction: 'FORWARD',
        begin,
        end,
        limit: Math.min(MAX_PAGE_ROWS, limit - rows.length),
      };
      const page: RowPage = await this.#retry(() => this.#client.getRangeRows(request));
      rows.push(...page.rows.map(fromTablestore));
      begin = page.next;
    }
    return rows;
  }
}

/** Creates the status tables that are missing; `prefix` keeps several installations apart. Repeatable. */
export async function createStateTables(
  client: TablestoreClient,
  prefix: string,
  retry: Retry,
): Promise<void> {
  for (const name of TABLES) {
    const key = [
      { name: SCOPE, type: 'STRING' as const },
      { name: ID, type: 'STRING' as const },
    ];
    await retry(() => client.createTable({ table: prefix + name, key }));
  }
}

/** Opens the status tables of an installation. */
export const tablestoreRowTables =
  (client: TablestoreClient, prefix: string, retry: Retry) =>
  (name: TableName): RowTable =>
    new TablestoreRowTable(client, prefix + name, retry);

const keyColumns = <V extends KeyBound>(scope: V, id: V): KeyColumn<V>[] => [
  { name: SCOPE, value: scope },
  { name: ID, value: id },
];

function toTablestore(condition: PutCondition): RowCondition {
  switch (condition.kind) {
    case 'none':
      return 'ignore';
    case 'absent':
      return 'expect-not-exist';
    case 'ver':
      return { column: VER, equals: condition.ver };
    default:
      return condition satisfies never;
  }
}

function fromTablestore(row: TablestoreRow): StoredRow {
  const [scope, id] = row.key.map((column) => String(column.value));
  const columns: Record<string, Scalar> = {};
  for (const [name, value] of row.columns) if (isScalar(value)) columns[name] = value;
  return { key: { scope: scope ?? '', id: id ?? '' }, columns: columns satisfies Columns };
}

/** Other types in these tables are somebody else's and no field of ours. */
const isScalar = (value: Value): value is Scalar =>
  typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean';
