import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import TableStore from 'tablestore';
import { type OtsService, type OtsServiceOptions, startOts } from '../../../infra/local/ots/index.ts';
import type { LocalClock } from '../../../infra/local/service.ts';

export const ACCESS_KEY = 'test-key';
export const SECRET = 'test-secret';
export const INSTANCE = 'millrace';

/** An answered row. Integers are the SDK's own 64-bit objects; `plain` makes them bigint. */
export interface SdkRow {
  readonly primaryKey?: readonly { name: string; value: unknown }[] | null;
  readonly attributes?: readonly { columnName: string; columnValue: unknown; timestamp: unknown }[] | null;
}

/** The parts of the SDK's answers that tests look at. */
export interface SdkAnswer {
  readonly row: SdkRow;
  readonly rows: readonly SdkRow[];
  readonly tables: readonly unknown[];
  readonly nextStartPrimaryKey: readonly { name: string; value: unknown }[] | null;
  readonly consumed: { readonly capacityUnit: { readonly read: number; readonly write: number } };
}

/** The calls of the unmodified SDK, typed as far as the tests need (its own typings lack several). */
export type SdkClient = Record<
  | 'createTable'
  | 'listTable'
  | 'describeTable'
  | 'updateTable'
  | 'deleteTable'
  | 'putRow'
  | 'updateRow'
  | 'deleteRow'
  | 'getRow'
  | 'getRange'
  | 'batchGetRow'
  | 'batchWriteRow',
  (params: object) => Promise<SdkAnswer & Record<string, unknown>>
>;

/** The SDK's namespace of constants and constructors. */
export const sdk = TableStore as unknown as {
  Client: new (options: object) => SdkClient;
  Long: { fromString(text: string): object };
  Condition: new (existence: unknown, column: unknown) => object;
  SingleColumnCondition: new (
    name: string,
    value: unknown,
    comparator: unknown,
    passIfMissing?: boolean,
    latestVersionOnly?: boolean,
  ) => object;
  CompositeCondition: new (operator: unknown) => { addSubCondition(condition: object): void };
  ColumnPaginationFilter: new (limit: number, offset: number) => object;
  ComparatorType: Record<string, unknown>;
  LogicalOperator: Record<string, unknown>;
  RowExistenceExpectation: Record<'IGNORE' | 'EXPECT_EXIST' | 'EXPECT_NOT_EXIST', unknown>;
  Direction: Record<'FORWARD' | 'BACKWARD', unknown>;
  ReturnType: Record<'Primarykey' | 'AfterModify', unknown>;
  INF_MIN: unknown;
  INF_MAX: unknown;
  PK_AUTO_INCR: unknown;
};

/** A clock that tests move by hand; it starts now, so that the SDK's own dates are within the allowed skew. */
export class MovableClock implements LocalClock {
  #nowMs = Date.now();

  now(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}

/** A started service with an SDK client; ends with its scope. */
export interface Cloud extends AsyncDisposable {
  readonly service: OtsService;
  readonly client: SdkClient;
}

/** The SDK's retry count is process-wide, so every client sets none. */
const connect = (service: OtsService): SdkClient =>
  new sdk.Client({
    accessKeyId: ACCESS_KEY,
    secretAccessKey: SECRET,
    endpoint: service.endpoint,
    instancename: INSTANCE,
    maxRetries: 0,
  });

export async function startCloud(options: Partial<OtsServiceOptions> = {}): Promise<Cloud> {
  const service = await startOts({ keys: new Map([[ACCESS_KEY, SECRET]]), ...options });
  return { service, client: connect(service), [Symbol.asyncDispose]: () => service.close() };
}

/** A folder that ends with its scope. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'ots-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A 64-bit integer as the SDK wants it. */
export const long = (value: bigint | number): object => sdk.Long.fromString(String(value));

/** Unconditional, or with an existence expectation and a column condition. */
export const condition = (
  existence: 'IGNORE' | 'EXPECT_EXIST' | 'EXPECT_NOT_EXIST' = 'IGNORE',
  column: unknown = null,
): object => new sdk.Condition(sdk.RowExistenceExpectation[existence], column);

/** Parameters of a table with the given key columns, e.g. `{ pk: 'STRING' }`. */
export const tableOf = (name: string, key: Record<string, string>, options: object = {}): object => ({
  tableMeta: {
    tableName: name,
    primaryKey: Object.entries(key).map(([column, type]) => ({ name: column, type })),
  },
  reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
  tableOptions: { timeToLive: -1, maxVersions: 1, ...options },
});

const plainValue = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'toNumber' in value ? BigInt(String(value)) : value;

/** `{ column: value }` of an answered row, key columns included; integers as bigint. */
export const plain = (row: SdkRow): Record<string, unknown> =>
  Object.fromEntries([
    ...(row.primaryKey ?? []).map(({ name, value }) => [name, plainValue(value)]),
    ...(row.attributes ?? []).map(({ columnName, columnValue }) => [columnName, plainValue(columnValue)]),
  ]);

/** Status and text of a refused call. The SDK leaves the protobuf error unparsed inside the message. */
export async function refusal(call: Promise<unknown>): Promise<{ status: unknown; text: string }> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Error)) throw new Error('the call was expected to be refused');
  return { status: 'code' in outcome ? outcome.code : undefined, text: outcome.message };
}
