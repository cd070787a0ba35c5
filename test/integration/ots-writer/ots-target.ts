import TableStore from 'tablestore';
import type { RowFault, SinkState, Writer } from '../../../core/connectors/contract.ts';
import { ots } from '../../../core/connectors/ots/index.ts';
import type { TableSchema } from '../../../core/tablestore/index.ts';
import { type CellValue, type Column, type RowBlock, RowBlockBuilder } from '../../../core/types/index.ts';
import type { Fault, FaultPoint } from '../../../infra/local/service.ts';
import { contextOf, type OtsHarness, startHarness } from '../ots-reader/ots-harness.ts';

export const run = { jobId: 'job', runId: 'job-20240203T040506' };
export const task = (epoch = 1, shardId = '00000') => ({ ...run, shardId, epoch });

/** A service with a client of other people's make, which reads what was written. */
export interface OtsTarget extends AsyncDisposable {
  readonly harness: OtsHarness;
  createTable(
    table: string,
    key: Readonly<Record<string, TableSchema['key'][number]['type']>>,
  ): Promise<void>;
  writer(params: object): Writer;
  /** All rows in key order, as the SDK decodes them: integers as decimal text with an `n`, bytes as hex. */
  stored(table: string): Promise<Record<string, unknown>[]>;
  /** Faults for the next `count` writes. */
  inject(count: number, fault: Fault): void;
  readonly faultsLeft: number;
  /** Writes seen so far, the refused ones included. */
  readonly writes: readonly FaultPoint[];
}

export const THROTTLED: Fault = {
  kind: 'refuse',
  status: 503,
  code: 'OTSServerBusy',
  message: 'Server is busy.',
};
export const LOST: Fault = { kind: 'lose-answer' };

export async function startTarget(): Promise<OtsTarget> {
  const harness = await startHarness();
  const sdk = TableStore as unknown as Sdk;
  const client = new sdk.Client({
    endpoint: harness.service.endpoint,
    instancename: 'inst',
    accessKeyId: 'id',
    secretAccessKey: 'secret',
  });
  let faultsLeft = 0;
  let fault: Fault | undefined;
  const writes: FaultPoint[] = [];
  const opened: Writer[] = [];
  harness.setFaults((point) => {
    if (point.operation !== 'BatchWriteRow') return undefined;
    writes.push(point);
    if (faultsLeft === 0) return undefined;
    faultsLeft--;
    return fault;
  });
  return {
    harness,
    createTable: (table, key) => harness.createTable(table, key, []),
    writer: (params) => {
      const config = ots.writer!.schema.parse({
        ...harness.connection(),
        writeMode: 'PutRow',
        retrySleepInMillisecond: 1,
        ...params,
      });
      const writer = ots.writer!.open(config, contextOf());
      opened.push(writer);
      return writer;
    },
    stored: (table) => readAll(sdk, client, table),
    inject: (count, next) => {
      faultsLeft = count;
      fault = next;
    },
    get faultsLeft() {
      return faultsLeft;
    },
    writes,
    async [Symbol.asyncDispose]() {
      for (const writer of opened) await writer.close();
      await harness[Symbol.asyncDispose]();
    },
  };
}

export function blockOf(columns: readonly Column[], rows: readonly (readonly CellValue[])[]): RowBlock {
  const builder = new RowBlockBuilder(columns);
  for (const row of rows) builder.addRow(row);
  return builder.build();
}

/** Writes rows by one attempt at one shard. */
export async function writeRows(
  writer: Writer,
  columns: readonly Column[],
  rows: readonly (readonly CellValue[])[],
): Promise<{ readonly faults: readonly RowFault[]; readonly state: SinkState }> {
  await writer.prepare(run, columns);
  const sink = await writer.open(task(), columns, undefined);
  const faults = await sink.write(blockOf(columns, rows));
  const state = await sink.finish();
  await sink.close();
  return { faults, state };
}

interface SdkPage {
  readonly rows: readonly {
    readonly primaryKey?: readonly { readonly name: string; readonly value: unknown }[];
    readonly attributes?: readonly { readonly columnName: string; readonly columnValue: unknown }[];
  }[];
  readonly nextStartPrimaryKey: readonly { readonly name: string; readonly value: unknown }[] | null;
}

interface SdkClient {
  describeTable(params: object): Promise<{ tableMeta: { primaryKey: { name: string }[] } }>;
  getRange(params: object): Promise<SdkPage>;
}

interface Sdk {
  readonly Client: new (options: object) => SdkClient;
  readonly INF_MIN: unknown;
  readonly INF_MAX: unknown;
  readonly Direction: { readonly FORWARD: unknown };
}

async function readAll(sdk: Sdk, client: SdkClient, table: string): Promise<Record<string, unknown>[]> {
  const { tableMeta } = await client.describeTable({ tableName: table });
  const rows: Record<string, unknown>[] = [];
  const bound = (value: unknown): object[] => tableMeta.primaryKey.map(({ name }) => ({ [name]: value }));
  for (let start: object[] | undefined = bound(sdk.INF_MIN); start; ) {
    const page: SdkPage = await client.getRange({
      tableName: table,
      direction: sdk.Direction.FORWARD,
      inclusiveStartPrimaryKey: start,
      exclusiveEndPrimaryKey: bound(sdk.INF_MAX),
      maxVersions: 1,
    });
    for (const { primaryKey = [], attributes = [] } of page.rows) {
      rows.push(
        Object.fromEntries([
          ...primaryKey.map(({ name, value }) => [name, shown(value)]),
          ...attributes.map(({ columnName, columnValue }) => [columnName, shown(columnValue)]),
        ]),
      );
    }
    start = page.nextStartPrimaryKey?.map(({ name, value }) => ({ [name]: value }));
  }
  return rows;
}

function shown(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return `0x${value.toString('hex')}`;
  return typeof value === 'object' && value !== null ? `${String(value)}n` : value;
}
