import type { Batch, ConnectorContext, Cursor, Reader, Shard } from '../../../core/connectors/contract.ts';
import { ots } from '../../../core/connectors/ots/index.ts';
import { silentLogger, systemClock, systemRandom } from '../../../core/ports/system.ts';
import {
  createTablestoreClient,
  type KeyType,
  type TablestoreClient,
} from '../../../core/tablestore/index.ts';
import { cellValue } from '../../../core/types/index.ts';
import { type LocalRow, type LocalValue, type OtsService, startOts } from '../../../infra/local/ots/index.ts';
import type { FaultRule } from '../../../infra/local/service.ts';

export type { LocalRow, LocalValue } from '../../../infra/local/ots/index.ts';

/** A service in this process with a client that is not the reader's. */
export interface OtsHarness extends AsyncDisposable {
  readonly service: OtsService;
  readonly client: TablestoreClient;
  /** Replaces the rule that decides about faults; `undefined` = none. */
  setFaults(rule: FaultRule | undefined): void;
  createTable(table: string, key: Readonly<Record<string, KeyType>>, rows: Iterable<LocalRow>): Promise<void>;
  /** A reader with parameters as a job writes them. */
  open(params: object, context?: Partial<ConnectorContext>): Reader;
  connection(): object;
}

/** Starts it, empty and in memory. */
export async function startHarness(): Promise<OtsHarness> {
  let faults: FaultRule | undefined;
  const service = await startOts({
    keys: new Map([['id', 'secret']]),
    faults: (point) => faults?.(point),
  });
  const connection = {
    endpoint: service.endpoint,
    instanceName: 'inst',
    accessId: 'id',
    accessKey: 'secret',
  };
  const client = clientOf(service.endpoint);
  return {
    service,
    client,
    setFaults: (rule) => {
      faults = rule;
    },
    createTable: async (table, key, rows) => {
      await client.createTable({ table, key: Object.entries(key).map(([name, type]) => ({ name, type })) });
      service.bulkLoad(table, rows);
    },
    open: (params, context) => {
      const config = ots.reader!.schema.parse({ ...connection, retryPauseInMillisecond: 1, ...params });
      return ots.reader!.open(config, contextOf(context));
    },
    connection: () => connection,
    async [Symbol.asyncDispose]() {
      client.close();
      await service.close();
    },
  };
}

export const contextOf = (part: Partial<ConnectorContext> = {}): ConnectorContext => ({
  clock: systemClock,
  random: systemRandom,
  log: silentLogger,
  timeZone: 'Asia/Shanghai',
  signal: new AbortController().signal,
  ...part,
});

function clientOf(endpoint: string): TablestoreClient {
  const codes = {
    unreachable: 'SRC-2001',
    denied: 'SRC-2002',
    throttled: 'SRC-2003',
    refused: 'SRC-2004',
    undecodable: 'SRC-2005',
  } as const;
  return createTablestoreClient(
    { endpoint, instanceName: 'inst', accessKeyId: 'id', accessKeySecret: 'secret', codes },
    { clock: systemClock },
  );
}

/** Cells as values; bytes as arrays so that they compare by content. */
export const rowsOf = ({ block }: Batch): unknown[][] =>
  Array.from({ length: block.rowCount }, (_, row) =>
    block.columns.map((_column, column) => plain(cellValue(block, row, column))),
  );

export const plain = (value: unknown): unknown => (value instanceof Uint8Array ? [...value] : value);

/** All rows of a shard. */
export async function readShard(reader: Reader, shard: Shard, from?: Cursor): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for await (const batch of reader.read(shard, from)) rows.push(...rowsOf(batch));
  return rows;
}

/** All rows of all shards of a plan. */
export async function readAll(reader: Reader, want = 1): Promise<unknown[][]> {
  const { shards } = await reader.plan(want);
  const rows: unknown[][] = [];
  for (const shard of shards) rows.push(...(await readShard(reader, shard)));
  await reader.close();
  return rows;
}

/** Names as a job's `column`. */
export const columns = (...names: string[]): { name: string }[] => names.map((name) => ({ name }));

/** Rows with one integer key column, counting up. */
export const numbered = (count: number, cells: (i: number) => LocalRow['columns']): LocalRow[] =>
  Array.from({ length: count }, (_, i) => ({ primaryKey: [BigInt(i)] as LocalValue[], columns: cells(i) }));
