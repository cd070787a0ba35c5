/** The calls of a writer: describing the table and writing encoded rows to it. */
import { ConfigError, SyncError } from '../../../errors/index.ts';
import { type RetryPolicy, withRetry } from '../../../limits/retry.ts';
import {
  classify,
  createTablestoreClient,
  type Operation,
  ProtocolFault,
  type TableSchema,
  type TablestoreClient,
} from '../../../tablestore/index.ts';
import { type BatchItem, batchWriteRow } from '../../../tablestore/rows.ts';
import type { ConnectorContext } from '../../contract.ts';
import { WRITER_CODES } from '../codes.ts';
import type { OtsWriterConfig } from './writer-config.ts';

/** Longest pause between tries. */
const RETRY_CAP_MS = 30_000;

/** How patiently requests are tried. Every write here may be repeated, so an unknown outcome is no reason to stop. */
export const retryPolicy = ({ maxRetries, retryPauseMs }: OtsWriterConfig): RetryPolicy => ({
  maxAttempts: maxRetries + 1,
  baseMs: retryPauseMs,
  capMs: RETRY_CAP_MS,
  kinds: ['throttled', 'transient', 'unknown'],
});

/** One table of one instance, over connections of its own. */
export class TargetTable {
  readonly #config: OtsWriterConfig;
  readonly #context: ConnectorContext;
  readonly #client: TablestoreClient;

  constructor(config: OtsWriterConfig, context: ConnectorContext) {
    this.#config = config;
    this.#context = context;
    const { connection, concurrency } = config;
    const options = { ...connection, codes: WRITER_CODES, maxSockets: concurrency };
    this.#client = createTablestoreClient(options, context);
  }

  /** For people. */
  get location(): string {
    return `ots://${this.#config.connection.instanceName}/${this.#config.table}`;
  }

  /** The table's columns. Throws ConfigError DST-4040 if there is no such table. */
  async describe(): Promise<TableSchema> {
    const { table } = this.#config;
    const { signal } = this.#context;
    try {
      const call = () => this.#client.describeTable(table, { signal });
      return await withRetry(call, retryPolicy(this.#config), this.#context);
    } catch (error) {
      if (!(error instanceof SyncError) || error.detail.otsCode !== 'OTSObjectNotExist') throw error;
      const message = `there is no table \`${table}\` in instance ${this.#config.connection.instanceName}`;
      throw new ConfigError([{ code: 'DST-4040', path: 'table', message }], { cause: error });
    }
  }

  /** Sends a body of `count` rows, once. The fault of each row, in order; nothing for those that are stored. */
  async write(body: Buffer, count: number): Promise<readonly (SyncError | undefined)[]> {
    const operation: Operation<Buffer, readonly BatchItem[]> = {
      name: batchWriteRow.name,
      write: true,
      encode: (encoded) => encoded,
      decode: (answer, headers) => itemsOf(batchWriteRow.decode(answer, headers), count),
    };
    const items = await this.#client.call(operation, body, { signal: this.#context.signal });
    const site = { operation: operation.name, write: true, codes: WRITER_CODES };
    return items.map(({ fault }) => fault && classify(fault, site));
  }

  close(): void {
    this.#client.close();
  }
}

function itemsOf(tables: BatchItem[][], count: number): readonly BatchItem[] {
  const [items = []] = tables;
  if (tables.length === 1 && items.length === count) return items;
  throw new ProtocolFault(`${items.length} row answers for ${count} rows`, 0);
}
