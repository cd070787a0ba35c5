import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type LocalClock, systemClock } from '../service.ts';
import type { AsyncEvent, AsyncFaultRule } from './async/event.ts';
import { EventStore } from './async/event-store.ts';
import { AsyncQueue } from './async/queue.ts';
import { TaskFile } from './async/task-file.ts';
import { TaskLedger } from './async/tasks.ts';
import { Counters } from './counters.ts';
import { FunctionInvoker } from './invoker.ts';
import { DEFAULT_ASYNC_RETRY_BASE_MS, DEFAULT_INSTANCE_IDLE_MS, DEFAULT_MAX_INSTANCES } from './limits.ts';
import { Catalog } from './model/catalog.ts';
import { CodeStore } from './model/code-store.ts';
import { functionKey } from './model/records.ts';
import type { FcServiceOptions } from './options.ts';
import { BOOTSTRAP_SOURCE } from './runtime/bootstrap-source.ts';
import { Guardian } from './runtime/guardian.ts';
import { InstancePool } from './runtime/pool.ts';
import { TimerScheduler } from './timer/scheduler.ts';

/** Everything behind the HTTP face. */
export interface Assembly {
  readonly clock: LocalClock;
  readonly catalog: Catalog;
  readonly codes: CodeStore;
  readonly counters: Counters;
  readonly guardian: Guardian;
  readonly tasks: TaskLedger;
  readonly taskFile: TaskFile;
  readonly pool: InstancePool;
  readonly invoker: FunctionInvoker;
  readonly queue: AsyncQueue;
  /** Events of an earlier process, for `queue.recover`. */
  readonly stored: readonly AsyncEvent[];
  readonly timers: TimerScheduler;
  /** Settable while the service runs. */
  readonly faults: { rule: AsyncFaultRule | undefined };
}

const DEFAULT_ACCOUNT = '1000000000000001';
const DEFAULT_REGION = 'cn-hangzhou';

async function openPool(
  options: FcServiceOptions,
  folder: string,
  guardian: Guardian,
  counters: Counters,
): Promise<InstancePool> {
  const bootstrapFile = path.join(folder, 'bootstrap.cjs');
  await writeFile(bootstrapFile, BOOTSTRAP_SOURCE);
  const [accessKeyId = '', accessKeySecret = ''] = options.keys.entries().next().value ?? [];
  const account = {
    accountId: options.accountId ?? DEFAULT_ACCOUNT,
    region: options.region ?? DEFAULT_REGION,
    accessKeyId,
    accessKeySecret,
  };
  const maxInstances = options.maxInstances ?? DEFAULT_MAX_INSTANCES;
  const limits = {
    maxInstances,
    maxInstancesPerFunction: options.maxInstancesPerFunction ?? maxInstances,
    idleMs: options.instanceIdleMs ?? DEFAULT_INSTANCE_IDLE_MS,
  };
  return new InstancePool(limits, { bootstrapFile, account, onLog: options.onLog }, guardian, counters);
}

function startTimers(clock: LocalClock, catalog: Catalog, queue: AsyncQueue): TimerScheduler {
  const timers = new TimerScheduler(clock, (serviceName, functionName, payload) => {
    const nowMs = clock.now();
    const requestId = randomUUID();
    queue.take({ requestId, serviceName, functionName, payload, acceptedAtMs: nowMs, dueAtMs: nowMs });
  });
  for (const each of catalog.listFunctions()) {
    timers.update(functionKey(each.serviceName, each.record.functionName), each);
  }
  return timers;
}

/** Timers and instances follow the catalog; a change of triggers alone leaves the instances warm. */
function followCatalog(catalog: Catalog, timers: TimerScheduler, pool: InstancePool): void {
  const revisions = new Map(
    catalog
      .listFunctions()
      .map((each) => [functionKey(each.serviceName, each.record.functionName), each.revision]),
  );
  catalog.onChange((entry, key) => {
    timers.update(key, entry);
    if (entry?.revision !== revisions.get(key)) pool.retire(key);
    if (entry) revisions.set(key, entry.revision);
    else revisions.delete(key);
  });
}

/** Opens the stored state and builds the parts; nothing is delivered before `queue.recover`. */
export async function assemble(options: FcServiceOptions): Promise<Assembly> {
  const clock = options.clock ?? systemClock;
  const folder = options.dataDir === undefined ? undefined : path.join(options.dataDir, 'fc');
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  const catalog = await Catalog.open(folder);
  const codes = await CodeStore.open(folder);
  await codes.keepOnly(new Set(catalog.listFunctions().map((each) => each.codeId)));
  const store = await EventStore.open(folder);
  const stored = await store.load();

  const counters = new Counters();
  const guardian = new Guardian(codes.temporaryFolder);
  const tasks = new TaskLedger();
  const { file: taskFile, finished } = await TaskFile.open(folder);
  for (const each of finished) tasks.restore(each.serviceName, each.functionName, each.task);
  const pool = await openPool(options, codes.temporaryFolder, guardian, counters);
  const invoker = new FunctionInvoker({ catalog, codes, pool, environment: options.environment ?? {} });
  const faults: Assembly['faults'] = { rule: undefined };
  const queue = new AsyncQueue({
    catalog,
    invoker,
    store,
    tasks,
    taskFile,
    clock,
    counters,
    retryBaseMs: options.asyncRetryBaseMs ?? DEFAULT_ASYNC_RETRY_BASE_MS,
    faultRule: () => faults.rule,
  });
  const timers = startTimers(clock, catalog, queue);
  followCatalog(catalog, timers, pool);
  return {
    clock,
    catalog,
    codes,
    counters,
    guardian,
    tasks,
    taskFile,
    pool,
    invoker,
    queue,
    stored,
    timers,
    faults,
  };
}
