/** Fills the source table as any program would: with the SDK of Tablestore, over its protocol. */
import pLimit from 'p-limit';
import TableStore from 'tablestore';
import { SyncError } from '../../core/errors/index.ts';
import type { CloudFile } from '../cloud-file.ts';
import { order } from './orders.ts';

/** The table that the example job reads. */
export interface SourceTable {
  readonly instanceName: string;
  readonly table: string;
  readonly rows: number;
}

/** Most rows that one BatchWriteRow takes. */
const BATCH_ROWS = 200;
/** Enough that the service decodes one batch while the SDK encodes the next ones. */
const BATCHES_AT_ONCE = 4;

/**
 * Stored bytes of the table, whatever the number of its rows: this size is what makes the planner cut it into
 * eight shards for a job with `concurrent` 4.
 */
const TABLE_BYTES = 49_000_000;
/** Stored bytes of a row beside its photo, on average. */
const BARE_ROW_BYTES = 222;

/** Creates the table and writes its rows; `onRows` hears how many are written so far. */
export async function loadOrders(
  cloud: CloudFile,
  source: SourceTable,
  onRows: (rows: number) => void,
): Promise<void> {
  const client = new TableStore.Client({
    endpoint: cloud.endpoints.ots,
    instancename: source.instanceName,
    accessKeyId: cloud.accessKeyId,
    secretAccessKey: cloud.accessKeySecret,
  });
  await createTable(client, source.table);
  const limit = pLimit(BATCHES_AT_ONCE);
  const photoBytes = Math.max(0, Math.round(TABLE_BYTES / source.rows) - BARE_ROW_BYTES);
  let written = 0;
  const write = async (from: number): Promise<void> => {
    const to = Math.min(source.rows, from + BATCH_ROWS);
    await writeBatch(client, source.table, range(from, to, photoBytes));
    written += to - from;
    onRows(written);
  };
  const starts = Array.from({ length: Math.ceil(source.rows / BATCH_ROWS) }, (_, i) => i * BATCH_ROWS);
  await Promise.all(starts.map((from) => limit(write, from)));
}

type Client = InstanceType<typeof TableStore.Client>;
type RowPut = ReturnType<typeof rowPut>;

const createTable = (client: Client, tableName: string): Promise<unknown> =>
  client.createTable({
    tableMeta: {
      tableName,
      primaryKey: [
        { name: 'customer', type: 'STRING' },
        { name: 'order_id', type: 'INTEGER' },
      ],
    },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
  });

/** Rows are only made when their batch is due. */
function* range(from: number, to: number, photoBytes: number): Iterable<RowPut> {
  for (let i = from; i < to; i++) yield rowPut(i, photoBytes);
}

function rowPut(i: number, photoBytes: number) {
  const { customer, orderId, attributes } = order(i, photoBytes);
  return {
    type: 'PUT' as const,
    condition: new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null),
    primaryKey: [{ customer }, { order_id: sdkInteger(orderId) }] as TableStore.PrimaryKeyInput,
    attributeColumns: attributes.map(([name, value]) => ({
      [name]: typeof value === 'bigint' ? sdkInteger(value) : value,
    })) as TableStore.AttributesInput,
  };
}

/** The SDK takes a plain number for a DOUBLE. */
const sdkInteger = (value: bigint) => TableStore.Long.fromString(String(value));

/** The answer tells about each row; one that was refused ends the demo. */
async function writeBatch(client: Client, tableName: string, rows: Iterable<RowPut>): Promise<void> {
  const answer = await client.batchWriteRow({ tables: [{ tableName, rows: [...rows] }] });
  const refused = (answer.tables as readonly RowAnswer[]).find((row) => !row.isOk);
  if (refused) throw new SyncError('DST-4004', 'data', `Tablestore refused a row: ${refused.errorMessage}`);
}

interface RowAnswer {
  readonly isOk: boolean;
  readonly errorMessage?: string;
}
