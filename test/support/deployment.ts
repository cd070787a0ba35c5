import FC from '@alicloud/fc2';
import { createFc2Invoker } from '../../core/invokers/fc2-invoker.ts';
import { packProjectText } from '../../core/job/index.ts';
import type { JobModel } from '../../core/job/model.ts';
import { silentLogger, systemClock, systemRandom } from '../../core/ports/system.ts';
import {
  createRun,
  defaultRunOptions,
  type EngineDeps,
  isTerminal,
  type RunOptions,
  type RunRow,
} from '../../core/run/index.ts';
import { type OpenStateStore, openStateStore } from '../../core/stores/index.ts';
import { bundleFunctions } from '../../infra/deploy/bundle.ts';
import { readDeployModel } from '../../infra/deploy/model.ts';
import { type ProvisionOverrides, provision } from '../../infra/deploy/provision.ts';
import { LOCAL_REGION } from '../../infra/local/cloud.ts';
import type { CloudAddress } from './cloud-child.ts';
import { INSTANCE, inlineDataSources } from './export-job.ts';

/** Name of the service, as the tests deploy it. */
const SERVICE = 'millrace';
/** Longer than any function may take. */
const INVOKE_TIMEOUT_MS = 900_000;

/** The functions deployed into a cloud, and a way to start and watch runs there. */
export class Deployment {
  readonly address: CloudAddress;
  readonly state: OpenStateStore;
  readonly deps: EngineDeps;
  readonly #fc: FC;

  private constructor(address: CloudAddress, state: OpenStateStore) {
    this.address = address;
    this.state = state;
    const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
    this.#fc = new FC(address.accountId, {
      accessKeyID: address.accessKeyId,
      accessKeySecret: address.accessKeySecret,
      region: LOCAL_REGION,
      endpoint: address.fc,
      timeout: INVOKE_TIMEOUT_MS,
    });
    const refuse = async (): Promise<never> => {
      throw new Error('the test opens no system itself');
    };
    this.deps = {
      ...ports,
      state: state.store,
      systems: { openReader: refuse, openWriter: refuse },
      invoker: createFc2Invoker({
        endpoint: address.fc,
        accountId: address.accountId,
        accessKeyId: address.accessKeyId,
        accessKeySecret: address.accessKeySecret,
        region: LOCAL_REGION,
        service: SERVICE,
      }),
    };
  }

  /** Bundles the real functions and provisions them, with a sweeper that looks every second. */
  static async create(address: CloudAddress, overrides: ProvisionOverrides = {}): Promise<Deployment> {
    const state = openStateStore(
      {
        endpoint: address.ots,
        instanceName: INSTANCE,
        accessKeyId: address.accessKeyId,
        accessKeySecret: address.accessKeySecret,
        tablePrefix: 'millrace_',
      },
      { clock: systemClock, random: systemRandom },
    );
    await state.createTables();
    const deployment = new Deployment(address, state);
    await deployment.provision(overrides);
    return deployment;
  }

  /** Deploys again, with other limits. */
  async provision(overrides: ProvisionOverrides = {}): Promise<void> {
    const model = await readDeployModel('serverless.yml');
    const bundles = await bundleFunctions(model, { root: process.cwd() });
    const { address } = this;
    await provision(
      model,
      new Map(bundles.map((bundle) => [bundle.name, bundle.zip])),
      {
        endpoint: address.fc,
        accountId: address.accountId,
        accessKeyId: address.accessKeyId,
        accessKeySecret: address.accessKeySecret,
        region: LOCAL_REGION,
      },
      { MILLRACE_PROJECT: packProjectText(projectText(address)), LOCAL_SECRET: address.accessKeySecret },
      { timers: { sweeper: '@every 1s' }, ...overrides },
    );
  }

  /** Creates the run and asks for it to be planned, as the command line does. */
  async start(runId: string, job: JobModel, options: Partial<RunOptions> = {}): Promise<void> {
    const all = { ...defaultRunOptions, leaseMs: 3_000, checkpointMs: 500, ...options };
    await createRun(this.deps, { jobId: 'export', runId, job, options: all, scheduledMs: Date.now() });
  }

  /** Sends any event to a function, synchronously, as a trigger would deliver it. */
  async invokeRaw(functionName: string, event: unknown): Promise<void> {
    const { headers, data } = await this.#fc.invokeFunction(SERVICE, functionName, JSON.stringify(event));
    if (headers['x-fc-error-type']) throw new Error(`the invocation failed: ${JSON.stringify(data)}`);
  }

  /** Sends an event and waits for the end of its invocation; false when that was the end of the process. */
  async invokeToEnd(functionName: string, event: string): Promise<boolean> {
    const { headers } = await this.#fc.invokeFunction(SERVICE, functionName, event);
    return headers['x-fc-error-type'] === undefined;
  }

  async run(runId: string): Promise<RunRow> {
    const row = await this.deps.state.runs.get({ jobId: 'export', runId });
    if (!row) throw new Error(`no run ${runId}`);
    return row.value;
  }

  /** Looks at the run until `until` holds, calling `look` each time. */
  async watch(
    runId: string,
    until: (run: RunRow) => boolean = (run) => isTerminal(run.state),
    look: (run: RunRow) => Promise<void> = async () => {},
    limitMs = 120_000,
  ): Promise<RunRow> {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const run = await this.run(runId);
      if (until(run)) return run;
      if (Date.now() > deadline) throw new Error(`run ${runId} did not get there: ${JSON.stringify(run)}`);
      await look(run);
      await systemClock.sleep(50);
    }
  }

  close(): void {
    this.state.close();
  }
}

/** The project as deployed: one source, one target, state and functions, the secret by reference. */
function projectText(address: CloudAddress): string {
  const secret = `\${env:LOCAL_SECRET}`;
  const keys = { accessKeyId: address.accessKeyId, accessKeySecret: secret };
  return JSON.stringify({
    dataSources: inlineDataSources(address, secret),
    state: {
      type: 'tablestore',
      endpoint: address.ots,
      instanceName: INSTANCE,
      tablePrefix: 'millrace_',
      ...keys,
    },
    functions: {
      endpoint: address.fc,
      accountId: address.accountId,
      region: LOCAL_REGION,
      service: SERVICE,
      ...keys,
    },
  });
}
