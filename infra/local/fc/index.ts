/** The embedded Function Compute: API 2016-08-15 over HTTP, functions in processes of their own. */
import { type Assembly, assemble } from './assembly.ts';
import { asyncConfigRoutes, taskRoutes } from './http/async-routes.ts';
import { functionRoutes } from './http/function-routes.ts';
import { invokeRoute } from './http/invoke-route.ts';
import type { RouteParts } from './http/parts.ts';
import { FcServer } from './http/server.ts';
import { serviceRoutes } from './http/service-routes.ts';
import { triggerRoutes } from './http/trigger-routes.ts';
import type { FcInstance, FcService, FcServiceOptions } from './options.ts';
import type { Instance } from './runtime/instance.ts';
import { formatTriggerTime } from './timer/expression.ts';

export type { AsyncDelivery, AsyncFault, AsyncFaultRule } from './async/event.ts';
export type { FcStats } from './counters.ts';
export type { FcInstance, FcService, FcServiceOptions } from './options.ts';
export type { FcLogLine } from './runtime/log-tail.ts';

const routesOf = (parts: RouteParts) => [
  ...serviceRoutes(parts),
  ...functionRoutes(parts),
  invokeRoute(parts),
  ...triggerRoutes(parts),
  ...asyncConfigRoutes(parts),
  ...taskRoutes(parts),
];

function visible(instance: Instance): FcInstance[] {
  const { instanceId, pid, requestId, state, target } = instance;
  if (pid === undefined || state === 'ended') return [];
  const { functionName } = target;
  return [{ instanceId, functionName, pid, state, ...(requestId === undefined ? {} : { requestId }) }];
}

/** Ends deliveries first, then connections, then processes; events that have not ended stay stored. */
async function closeAll(assembly: Assembly, server: FcServer): Promise<void> {
  assembly.timers.close();
  const drained = assembly.queue.close();
  await server.close();
  await assembly.pool.close();
  await drained;
  await assembly.taskFile.close();
  await assembly.guardian.close();
  await assembly.catalog.flush();
  await assembly.codes.close();
}

/** Starts the service on the loopback interface. */
export async function startFc(options: FcServiceOptions): Promise<FcService> {
  const assembly = await assemble(options);
  const { clock, codes, counters, faults, pool, queue, timers } = assembly;
  let endpoint = '';
  const now = (): string => formatTriggerTime(clock.now());
  const server = new FcServer({
    routes: routesOf({ ...assembly, now, endpoint: () => endpoint }),
    keys: options.keys,
    clock,
    codes,
    accountId: options.accountId,
    faults: options.faults,
  });
  const port = await server.listen(options.port ?? 0).catch(async (error: unknown) => {
    await closeAll(assembly, server);
    throw error;
  });
  endpoint = `http://127.0.0.1:${port}`;
  // Only now: a recovered function may call this service at once.
  queue.recover(assembly.stored);

  let closing: Promise<void> | undefined;
  return {
    endpoint,
    port,
    close: () => {
      closing ??= closeAll(assembly, server);
      return closing;
    },
    instances: () => pool.list().flatMap(visible),
    killInstance: (instanceId) => pool.kill(instanceId),
    idle: () => queue.idle(),
    tick: (nowMs) => {
      timers.tick(nowMs);
      queue.tick();
    },
    stats: () => counters.read(),
    get asyncFaults() {
      return faults.rule;
    },
    set asyncFaults(rule) {
      faults.rule = rule;
    },
  };
}
