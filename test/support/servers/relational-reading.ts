/** Reading a table of a test server: the connector as a job would use it. */
import type { Batch, Cursor, Reader, ReadPlan, Shard } from '../../../core/connectors/contract.ts';
import { mysql } from '../../../core/connectors/mysql/index.ts';
import { postgresql } from '../../../core/connectors/postgresql/index.ts';
import { checkValue } from '../../../core/job/schema/problem.ts';
import type { RelationalReaderConfig } from '../../../core/relational/read/reader-config.ts';
import { type CellValue, cellValue, type RowBlock } from '../../../core/types/index.ts';
import { testContext } from './connector-context.ts';
import type { ServerAddress } from './server-process.ts';

const connectors = { mysql, postgresql };

/** What a job would get for these parameters; the address of the server is added. */
export function readerConfig(
  dialect: keyof typeof connectors,
  { host, port, username, password, database }: ServerAddress,
  params: Record<string, unknown>,
): RelationalReaderConfig {
  const own = { host, port, username, password, database, ...params };
  const checked = checkValue(connectors[dialect].reader!.schema, own, { isSecret: () => false });
  if (!checked.ok)
    throw new Error(checked.problems.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  return checked.value as RelationalReaderConfig;
}

/** A reader of the server. */
export function openReader(
  dialect: keyof typeof connectors,
  server: ServerAddress,
  params: Record<string, unknown>,
  context = testContext(),
): Reader {
  return connectors[dialect].reader!.open(readerConfig(dialect, server, params), context);
}

/** A cell as it is printed: text of its value, bytes as `0x…`. */
export const cellText = (value: CellValue): string | null => {
  if (value === null) return null;
  return value instanceof Uint8Array ? `0x${Buffer.from(value).toString('hex')}` : String(value);
};

/** The rows of a block as texts. */
export const rowTexts = (block: RowBlock): (string | null)[][] =>
  Array.from({ length: block.rowCount }, (_, row) =>
    block.columns.map((_column, column) => cellText(cellValue(block, row, column))),
  );

/** All rows of a shard, and its batches. */
export async function readShard(
  reader: Reader,
  shard: Shard,
  from?: Cursor,
): Promise<{ rows: (string | null)[][]; batches: Batch[] }> {
  const batches: Batch[] = [];
  for await (const batch of reader.read(shard, from)) batches.push(batch);
  return { rows: batches.flatMap(({ block }) => rowTexts(block)), batches };
}

/** Plans and reads everything, shard by shard. */
export async function readAll(
  dialect: keyof typeof connectors,
  server: ServerAddress,
  params: Record<string, unknown>,
  want = 1,
  context = testContext(),
): Promise<{ plan: ReadPlan; rows: (string | null)[][]; perShard: number[] }> {
  const reader = openReader(dialect, server, params, context);
  try {
    const plan = await reader.plan(want);
    const rows: (string | null)[][] = [];
    const perShard: number[] = [];
    for (const shard of plan.shards) {
      const read = await readShard(reader, shard);
      rows.push(...read.rows);
      perShard.push(read.rows.length);
    }
    return { plan, rows, perShard };
  } finally {
    await reader.close();
  }
}
