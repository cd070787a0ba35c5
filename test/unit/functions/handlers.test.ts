import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AnyConnectorDef } from '../../../core/connectors/contract.ts';
import { silentLogger, systemClock } from '../../../core/ports/system.ts';
import { defaultRunOptions, type EngineDeps } from '../../../core/run/index.ts';
import type { FcContext, FcHandler } from '../../../functions/adapter/fc.ts';
import { finalizerHandler } from '../../../functions/finalizer/handler.ts';
import { orchestratorHandler } from '../../../functions/orchestrator/handler.ts';
import type { Host } from '../../../functions/runtime/host.ts';
import { sweeperHandler } from '../../../functions/sweeper/handler.ts';
import { workerHandler } from '../../../functions/worker/handler.ts';
import { EngineHarness } from '../../support/engine-harness.ts';
import { MemorySystems } from '../../support/memory-systems.ts';

const context: FcContext = {
  requestId: 'request-1',
  region: 'cn-hangzhou',
  accountId: '1',
  function: { name: 'f', memory: 512, timeout: 60 },
  service: { name: 'millrace' },
};

const unreachable = (): never => {
  throw new Error('the harness opens its systems itself');
};
const memory: AnyConnectorDef = {
  type: 'memory',
  connectionKeys: [],
  secretKeys: [],
  reader: { schema: z.strictObject({}), open: unreachable },
  writer: { schema: z.strictObject({}), delivery: 'atomic', open: unreachable },
};

/** A host over the memory engine that counts how often the engine was asked for. */
function hostOver(harness: EngineHarness): Host & { readonly asked: () => number } {
  let asked = 0;
  return {
    clock: systemClock,
    log: silentLogger,
    runOptions: { ...defaultRunOptions, maxAttempts: 3 },
    findConnector: async (type) => (type === 'memory' ? memory : undefined),
    project: () => ({ dataSources: {} }),
    engine: async (): Promise<EngineDeps> => {
      asked++;
      return harness.deps;
    },
    asked: () => asked,
  };
}

const send = (handler: FcHandler, event: unknown): Promise<unknown> =>
  handler(Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)), context);

const message = { v: 1, jobId: 'job', runId: 'run' };
const timer = {
  triggerTime: '2025-11-01T02:30:00Z',
  triggerName: 'nightly',
  payload: JSON.stringify({ job: 'orders' }),
};
const job = JSON.stringify({
  type: 'job',
  version: '2.0',
  steps: [
    { stepType: 'memory', category: 'reader', name: 'Reader', parameter: {} },
    { stepType: 'memory', category: 'writer', name: 'Writer', parameter: {} },
  ],
  order: { hops: [{ from: 'Reader', to: 'Writer' }] },
  setting: { errorLimit: { record: '0' }, speed: { concurrent: 2 } },
});

async function deployed(): Promise<{ harness: EngineHarness; host: ReturnType<typeof hostOver> }> {
  const harness = new EngineHarness(new MemorySystems(100, 4));
  await harness.deps.state.jobs.insert({ jobId: 'orders' }, { jobId: 'orders', text: job, updatedMs: 0 });
  return { harness, host: hostOver(harness) };
}

describe('the handlers', () => {
  it.each([
    ['of an older layout', { ...message, v: 0, channel: 0 }],
    ['of a newer layout', { ...message, v: 2, channel: 0 }],
    ['with a field that nobody knows', { ...message, channel: 0, more: 1 }],
    ['without a run', { v: 1, jobId: 'job', channel: 0 }],
    ['cut short', '{"v":1,"jobId":"jo'],
    ['that is empty', ''],
  ])('refuse a message %s without asking for the engine', async (_what, event) => {
    const { host } = await deployed();
    for (const make of [orchestratorHandler, workerHandler, finalizerHandler])
      expect(await send(make(host), event)).toEqual({ outcome: 'refused' });
    expect(host.asked()).toBe(0);
  });

  it('need a channel for a worker', async () => {
    const { host } = await deployed();
    expect(await send(workerHandler(host), message)).toEqual({ outcome: 'refused' });
    expect(await send(workerHandler(host), { ...message, channel: 0 })).toEqual({ outcome: 'ok' });
  });

  it('start the run of a schedule time once, under the options of the host', async () => {
    const { harness, host } = await deployed();
    const orchestrator = orchestratorHandler(host);
    expect(await send(orchestrator, timer)).toEqual({ outcome: 'ok' });
    expect(await send(orchestrator, timer)).toEqual({ outcome: 'ok' });
    const runs = await harness.deps.state.listRuns(undefined, 10);
    expect(runs.map(({ jobId, runId, options }) => [jobId, runId, options.maxAttempts])).toEqual([
      ['orders', '20251101T023000Z', 3],
    ]);
  });

  it('move a run from its timer to its end, by messages alone', async () => {
    const { harness, host } = await deployed();
    await send(orchestratorHandler(host), timer);
    const handlers = {
      orchestrator: orchestratorHandler(host),
      worker: workerHandler(host),
      finalizer: finalizerHandler(host),
      sweeper: sweeperHandler(host),
    };
    for (let next = harness.queue.shift(); next; next = harness.queue.shift())
      expect(await send(handlers[next.target], next.message)).toEqual({ outcome: 'ok' });
    expect(await send(handlers.sweeper, 'anything')).toEqual({ outcome: 'ok' });
    const [run] = await harness.deps.state.listRuns(undefined, 10);
    expect(run?.state).toBe('SUCCEEDED');
    expect(harness.systems.visible).toHaveLength(100);
  });

  it.each(['', 'orders', '[]', '{"job":"../orders"}', '{"job":"orders","more":1}'])(
    'refuse the payload %j of a timer as a fault of the configuration',
    async (payload) => {
      const { harness, host } = await deployed();
      const answer = await send(orchestratorHandler(host), { ...timer, payload });
      expect(answer).toEqual({ outcome: 'refused', code: 'RUN-5011' });
      expect(await harness.deps.state.listRuns(undefined, 10)).toEqual([]);
    },
  );

  it('say that a timer names a job that is not deployed', async () => {
    const { host } = await deployed();
    const answer = await send(orchestratorHandler(host), { ...timer, payload: '{"job":"others"}' });
    expect(answer).toEqual({ outcome: 'fault', code: 'RUN-5011' });
  });
});
