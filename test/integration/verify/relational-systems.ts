/** Runs of the whole engine between real servers, with state in memory. */
import { createSystems } from '../../../core/connectors/systems.ts';
import type { DeskDeps } from '../../../core/dirty/desk.ts';
import { withDesk } from '../../../core/dirty/desk-systems.ts';
import type { JobModel, JsonObject } from '../../../core/job/model.ts';
import type { FunctionName, RunMessage } from '../../../core/ports/index.ts';
import { silentLogger, systemClock, systemRandom } from '../../../core/ports/system.ts';
import {
  createRun,
  defaultRunOptions,
  type EngineDeps,
  endlessSlice,
  finalize,
  orchestrate,
  type RunRow,
  work,
} from '../../../core/run/index.ts';
import { createDeskStore, createStateStore, MemoryRowTable } from '../../../core/stores/index.ts';
import type { RunRef } from '../../../core/types/index.ts';
import { type VerifyOptions, verifyRun } from '../../../core/verify/verify-run.ts';
import type { TestServer } from '../../support/servers/server-process.ts';

/** One side of a job. */
export interface Side {
  readonly type: 'mysql' | 'postgresql' | 'oss';
  readonly params: JsonObject;
}

/** How a server is reached, as a step of a job says it. */
export const connectionOf = ({ host, port, username, password, database }: TestServer): JsonObject => ({
  host,
  port,
  username,
  password,
  database,
});

/** An engine whose messages are delivered at once, one after the other. */
export class RelationalRuns {
  readonly deps: EngineDeps & DeskDeps;
  readonly #queue: { readonly target: FunctionName; readonly message: RunMessage }[] = [];
  #count = 0;

  constructor() {
    const tables = new Map<string, MemoryRowTable>();
    const open = (name: string): MemoryRowTable => {
      const table = tables.get(name) ?? new MemoryRowTable();
      tables.set(name, table);
      return table;
    };
    const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
    const store = {
      state: createStateStore(open, systemRandom),
      desk: createDeskStore(open('dirty'), systemRandom),
    };
    const secrets = { env: () => undefined, file: () => undefined };
    this.deps = {
      ...ports,
      ...store,
      systems: withDesk(createSystems({ ...ports, dataSources: {}, secrets }), store),
      invoker: {
        invoke: async (target, message) => {
          this.#queue.push({ target, message });
        },
      },
    };
  }

  /** Moves a job to its end. */
  async run(reader: Side, writer: Side, dirty = 0): Promise<RunRow> {
    const job: JobModel = {
      dialect: 'v2',
      reader: { ...reader, path: 'reader' },
      writer: { ...writer, path: 'writer' },
      setting: {
        errorLimit: { kind: 'records', limit: dirty },
        speed: { concurrent: 2 },
        timeZone: 'Asia/Shanghai',
      },
    };
    const ref = { jobId: 'job', runId: `run-${++this.#count}` };
    await createRun(this.deps, { ...ref, job, options: defaultRunOptions, scheduledMs: 0 });
    const row = await this.settle(ref);
    if (row.state !== 'SUCCEEDED') throw new Error(`the run is ${row.state}: ${JSON.stringify(row.failure)}`);
    return row;
  }

  /** Delivers all messages and returns the run as it is then. */
  async settle(ref: RunRef): Promise<RunRow> {
    const slice = endlessSlice(new AbortController().signal);
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      const { target, message } = next;
      if (target === 'orchestrator') await orchestrate(this.deps, message, slice);
      if (target === 'worker') await work(this.deps, { ...message, channel: message.channel ?? 0 }, slice);
      if (target === 'finalizer') await finalize(this.deps, message, slice);
    }
    const row = (await this.deps.state.runs.get(ref))?.value;
    if (!row) throw new Error('there is no run');
    return row;
  }

  verify(run: RunRow, options: VerifyOptions = {}): ReturnType<typeof verifyRun> {
    const hooks = { progress: () => undefined, onUnit: () => undefined };
    return verifyRun(this.deps, run, hooks, new AbortController().signal, options);
  }
}
