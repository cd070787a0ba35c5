import { type Connection, createConnection } from 'mysql2/promise';
import type { ConnectorContext, Mark, RowFault, Writer } from '../../../core/connectors/contract.ts';
import { mysql } from '../../../core/connectors/mysql/index.ts';
import { silentLogger, systemClock, systemRandom } from '../../../core/ports/system.ts';
import { type CellValue, type Column, RowBlockBuilder } from '../../../core/types/index.ts';
import { startMariadb } from '../../support/servers/mariadb.ts';
import type { TestServer } from '../../support/servers/server-process.ts';

const writerDef = mysql.writer!;

/** A MariaDB server with a client for looking at it and writers for its tables. */
export class MysqlTargetServer implements AsyncDisposable {
  readonly server: TestServer;
  readonly #client: Connection;
  #runs = 0;

  private constructor(server: TestServer, client: Connection) {
    this.server = server;
    this.#client = client;
  }

  static async start(): Promise<MysqlTargetServer> {
    const server = await startMariadb();
    const { host, port, username: user, password, database } = server;
    const client = await createConnection({ host, port, user, password, database });
    await client.query("SET time_zone = '+00:00'");
    return new MysqlTargetServer(server, client);
  }

  /** Rows of a query, every value as the server's text. */
  async texts(sql: string): Promise<(string | null)[][]> {
    const typeCast = (field: { string(): string | null }): string | null => field.string();
    const [rows] = await this.#client.query({ sql, rowsAsArray: true, typeCast });
    return rows as unknown as (string | null)[][];
  }

  async execute(...statements: string[]): Promise<void> {
    for (const statement of statements) await this.#client.query(statement);
  }

  /** Parameters of a writer as a job gives them. */
  parameters(parameters: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const { host, port, username, password, database } = this.server;
    return { host, port, username, password, database, table: 't', column: ['*'], ...parameters };
  }

  writer(
    parameters: Readonly<Record<string, unknown>> = {},
    context: Partial<ConnectorContext> = {},
  ): Writer {
    return writerDef.open(writerDef.schema.parse(this.parameters(parameters)), {
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
      timeZone: 'Asia/Shanghai',
      signal: new AbortController().signal,
      ...context,
    });
  }

  /** A whole run of one shard with one block per list of rows; returns the refused rows. */
  async load(
    columns: readonly Column[],
    blocks: readonly (readonly (readonly CellValue[])[])[],
    parameters: Readonly<Record<string, unknown>> = {},
    context: Partial<ConnectorContext> = {},
  ): Promise<readonly RowFault[]> {
    const writer = this.writer(parameters, context);
    const run = { jobId: 'job', runId: `run-${++this.#runs}` };
    await writer.prepare(run, columns);
    await writer.begin?.(run, columns);
    const sink = await writer.open({ ...run, shardId: '00000', epoch: 1 }, columns, undefined);
    const faults: RowFault[] = [];
    for (const [i, rows] of blocks.entries()) {
      const builder = new RowBlockBuilder(columns);
      for (const row of rows) builder.addRow(row);
      faults.push(...(await sink.write(builder.build(), async () => String(i) as Mark)));
    }
    const state = await sink.finish();
    await sink.close();
    await writer.commit(run, [{ shardId: '00000', epoch: 1, state }]);
    return faults;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
    await this.server[Symbol.asyncDispose]();
  }
}
