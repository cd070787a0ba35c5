import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { JobModel } from '../../core/job/model.ts';
import { startMariadb } from '../../test/support/servers/mariadb.ts';
import { startPostgres } from '../../test/support/servers/postgres.ts';
import type { ServerAddress, TestServer } from '../../test/support/servers/server-process.ts';
import { OssEndPoint } from '../oss/end-point.ts';
import { machineTime, treeTimeMs } from '../processor-use.ts';
import type { CommandTime } from './command.ts';
import { createCopy, createSource, mariadbToFile } from './table.ts';
import { type JobTime, WorkerCommand } from './worker.ts';

/** A side's command, and what the machine did meanwhile. */
export type Measured<T extends CommandTime = CommandTime> = T & {
  /** Processor time of both database servers. */
  readonly serverMs: number;
  /** Processor time of this process, which is the end point that stands for OSS. */
  readonly endPointMs: number;
  /** Share of the processors that somebody else used. */
  readonly foreign: number;
};

/** Memory for the tables, bytes per row, so that all of it stays in the memory of its server. */
const BUFFER_BYTES_PER_ROW = 400;
const MIN_BUFFER_MB = 256;
const BYTES_PER_MB = 1024 * 1024;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** Exit code after a signal, as shells have it for SIGINT. */
const INTERRUPTED = 130;

/** How the ground is laid. */
export interface GroundOptions {
  /** Rows of the largest table. */
  readonly largest: number;
  readonly profile: string | undefined;
}

/** What all paths stand on; each piece is made when it is first asked for. */
export class Ground implements AsyncDisposable {
  readonly folder: string;
  readonly #options: GroundOptions;
  readonly #made = new Map<string, Promise<unknown>>();
  readonly #open: Promise<AsyncDisposable>[] = [];
  #closing: Promise<void> | undefined;
  readonly #servers: TestServer[] = [];

  private constructor(folder: string, options: GroundOptions) {
    this.folder = folder;
    this.#options = options;
  }

  static async create(options: GroundOptions): Promise<Ground> {
    const ground = new Ground(await mkdtemp(path.join(os.tmpdir(), 'millrace-bench-')), options);
    for (const signal of SIGNALS) process.once(signal, ground.#interrupted);
    return ground;
  }

  /** Servers would outlive a bench that is interrupted. */
  readonly #interrupted = (): void => {
    void this[Symbol.asyncDispose]().finally(() => process.exit(INTERRUPTED));
  };

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // What is still starting is waited for, and ended like the rest.
    for (const starting of this.#open.splice(0).reverse()) {
      const one = await starting.catch(() => undefined);
      await one?.[Symbol.asyncDispose]();
    }
    await rm(this.folder, { recursive: true, force: true });
    for (const signal of SIGNALS) process.off(signal, this.#interrupted);
  }

  mariadb(): Promise<ServerAddress> {
    const args = [`--innodb-buffer-pool-size=${this.#bufferMb()}M`, '--innodb-log-file-size=1G'];
    return this.#once('mariadb', () => this.#server(startMariadb({ args })));
  }

  postgres(): Promise<ServerAddress> {
    const settings = [
      `shared_buffers=${this.#bufferMb()}MB`,
      'max_wal_size=8GB',
      'jit=off',
      'max_parallel_workers_per_gather=0',
      'synchronize_seqscans=off',
    ];
    return this.#once('postgres', () => this.#server(startPostgres({ settings })));
  }

  /** Objects of our side. */
  oss(): Promise<OssEndPoint> {
    return this.#once('oss', () => this.#kept(OssEndPoint.start(path.join(this.folder, 'objects'))));
  }

  /** A table of so many rows in MariaDB. */
  mariadbTable(rows: number): Promise<string> {
    const table = `lineitem_${rows}`;
    return this.#once(`mariadb ${table}`, async () => {
      await createSource(await this.mariadb(), table, rows);
      return table;
    });
  }

  /** The same table in PostgreSQL. */
  postgresTable(rows: number): Promise<string> {
    const table = `lineitem_${rows}`;
    return this.#once(`postgres ${table}`, async () => {
      await createCopy(await this.postgres(), table, await this.textFile(rows));
      return table;
    });
  }

  /** The rows of the table in a file, as the MariaDB client writes them. */
  textFile(rows: number): Promise<string> {
    const file = path.join(this.folder, `lineitem_${rows}.tsv`);
    return this.#once(file, async () => {
      await mariadbToFile(await this.mariadb(), await this.mariadbTable(rows), file);
      return file;
    });
  }

  /** A folder for the output of one command. */
  async emptyFolder(name: string): Promise<string> {
    const folder = path.join(this.folder, name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    return folder;
  }

  /** Runs a job on our side; it must move all rows. */
  async play(job: JobModel, rows: number): Promise<Measured<JobTime>> {
    const worker = await this.#once('worker', () => this.#kept(WorkerCommand.create(this.#options.profile)));
    const time = await this.measure(() => worker.run(job));
    if (time.rows !== rows) throw new Error(`the run wrote ${time.rows} of ${rows} rows`);
    return time;
  }

  /** Looks at the servers and the machine while a command runs. */
  async measure<T extends CommandTime>(command: () => Promise<T>): Promise<Measured<T>> {
    const [machineBefore, serversBefore] = [machineTime(), this.#serversMs()];
    const own = process.cpuUsage();
    const time = await command();
    const { user, system } = process.cpuUsage(own);
    const [machine, serverMs] = [machineTime(), this.#serversMs() - serversBefore];
    const endPointMs = (user + system) / 1000;
    const foreignMs = machine.busyMs - machineBefore.busyMs - serverMs - endPointMs - time.cpuMs;
    const foreign = Math.max(0, foreignMs) / Math.max(1, machine.totalMs - machineBefore.totalMs);
    return { ...time, serverMs, endPointMs, foreign };
  }

  #serversMs(): number {
    return this.#servers.reduce((sum, server) => sum + treeTimeMs(server.pid()), 0);
  }

  #bufferMb(): number {
    const wanted = Math.ceil((this.#options.largest * BUFFER_BYTES_PER_ROW) / BYTES_PER_MB);
    return Math.max(MIN_BUFFER_MB, wanted);
  }

  async #server(starting: Promise<TestServer>): Promise<ServerAddress> {
    const server = await this.#kept(starting);
    this.#servers.push(server);
    return server;
  }

  #kept<T extends AsyncDisposable>(starting: Promise<T>): Promise<T> {
    this.#open.push(starting);
    return starting;
  }

  #once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const made = (this.#made.get(name) as Promise<T> | undefined) ?? make();
    this.#made.set(name, made);
    return made;
  }
}
