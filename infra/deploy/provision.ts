/** Brings a Function Compute account in line with a model. Repeatable: a second call changes nothing. */
import Client, { type FunctionData, type FunctionOptions } from '@alicloud/fc2';
import { crc64 } from '../../core/formats/index.ts';
import type { DeployFunction, DeployModel, DeployTimer, DeployVariable } from './model.ts';
import { codeOf, withRetry } from './retry.ts';

/** The account that receives the functions. */
export interface ProvisionTarget {
  /** Base URL; the public address of the account looks like `https://{account}.{region}.fc.aliyuncs.com`. */
  readonly endpoint: string;
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly region: string;
}

/** Departures from the model, by function name: for tests and small local clouds. */
export interface ProvisionOverrides {
  readonly timeoutSeconds?: Readonly<Record<string, number>>;
  /** Replaces the expression of every timer of the function. */
  readonly timers?: Readonly<Record<string, string>>;
}

/** What happened to each function. */
export type ProvisionAction = 'created' | 'updated' | 'unchanged';

/** The result of a provisioning. */
export interface ProvisionReport {
  readonly service: string;
  readonly functions: Readonly<Record<string, ProvisionAction>>;
}

/** Names and values of the variables of one function together, a limit of the platform. */
const MAX_ENVIRONMENT_BYTES = 4_096;

/** The packages by function name. */
export type CodePackages = ReadonlyMap<string, Uint8Array>;

/** The model, the packages and the environment do not fit together. */
export class ProvisionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProvisionError';
  }
}

function resolveVariable(
  functionName: string,
  variable: DeployVariable,
  environment: Readonly<Record<string, string>>,
): string {
  const given = variable.from === undefined ? undefined : environment[variable.from];
  const value = given ?? variable.value;
  if (value !== undefined) return value;
  throw new ProvisionError(
    `function '${functionName}' needs the environment variable ${variable.from}: set it where you deploy`,
  );
}

/**
 * Variables of a function: those of the model first, then everything the caller gives. An empty default
 * leaves its variable out.
 */
export function functionEnvironment(
  definition: DeployFunction,
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  const resolved: Record<string, string> = {};
  for (const variable of definition.environment) {
    const value = resolveVariable(definition.name, variable, environment);
    if (value !== '') resolved[variable.name] = value;
  }
  const all = { ...resolved, ...environment };
  const bytes = Buffer.byteLength(Object.entries(all).flat().join(''));
  if (bytes > MAX_ENVIRONMENT_BYTES) {
    throw new ProvisionError(
      `function '${definition.name}': its environment has ${bytes} bytes of names and values, the platform takes ${MAX_ENVIRONMENT_BYTES}`,
    );
  }
  return all;
}

const sameEntries = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
};

const isAbsent = (error: unknown): boolean => /NotFound$|NotExists$/.test(codeOf(error) ?? '');
const existsAlready = (error: unknown): boolean => /AlreadyExists$/.test(codeOf(error) ?? '');

/** Reads what may be absent. */
async function find<T>(read: () => Promise<{ data: T }>): Promise<T | undefined> {
  try {
    return (await read()).data;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Creates; `false` when the object exists by now: an earlier answer was lost, or another deployment won. */
async function create(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (existsAlready(error)) return false;
    throw error;
  }
}

class Provisioner {
  private readonly client: Client;
  private readonly service: string;

  constructor(target: ProvisionTarget, service: string) {
    this.service = service;
    this.client = new Client(target.accountId, {
      accessKeyID: target.accessKeyId,
      accessKeySecret: target.accessKeySecret,
      region: target.region,
      endpoint: target.endpoint,
    });
  }

  async ensureService(): Promise<void> {
    if (await find(() => this.client.getService(this.service))) return;
    await create(() => this.client.createService(this.service, { description: 'Data sync jobs' }));
  }

  async ensureFunction(wanted: FunctionOptions, zip: Uint8Array): Promise<ProvisionAction> {
    const name = wanted.functionName!;
    const current = await find(() => this.client.getFunction(this.service, name));
    const code = { zipFile: Buffer.from(zip).toString('base64') };
    if (!current) {
      const created = await create(() => this.client.createFunction(this.service, { ...wanted, code }));
      return created ? 'created' : this.ensureFunction(wanted, zip);
    }
    const sameCode = current.codeChecksum === String(crc64(zip));
    if (sameCode && this.isSame(current, wanted)) return 'unchanged';
    await this.client.updateFunction(this.service, name, { ...wanted, ...(sameCode ? {} : { code }) });
    return 'updated';
  }

  async ensureAsyncConfig(definition: DeployFunction): Promise<void> {
    const wanted = {
      maxAsyncRetryAttempts: definition.maximumRetryAttempts,
      maxAsyncEventAgeInSeconds: definition.maximumEventAgeSeconds,
    };
    const { name } = definition;
    const current = await find(() => this.client.getFunctionAsyncConfig(this.service, name));
    const same =
      current?.maxAsyncRetryAttempts === wanted.maxAsyncRetryAttempts &&
      current.maxAsyncEventAgeInSeconds === wanted.maxAsyncEventAgeInSeconds;
    if (!same) await this.client.putFunctionAsyncConfig(this.service, name, undefined, wanted);
  }

  /** Timers that the model does not name are removed: the model is the only source of schedules. */
  async ensureTimers(name: string, wanted: readonly DeployTimer[]): Promise<void> {
    const { triggers } = (await this.client.listTriggers(this.service, name, { limit: 100 })).data;
    for (const each of triggers) {
      if (each.triggerType !== 'timer' || wanted.some((timer) => timer.name === each.triggerName)) continue;
      await this.client.deleteTrigger(this.service, name, each.triggerName);
    }
    for (const timer of wanted) {
      const config = { cronExpression: timer.cron, payload: timer.payload, enable: timer.enabled };
      const current = triggers.find((each) => each.triggerName === timer.name)?.triggerConfig;
      if (!current) await this.createTimer(name, timer.name, config);
      else if (
        current.cronExpression !== config.cronExpression ||
        (current.payload ?? '') !== config.payload ||
        current.enable !== config.enable
      ) {
        await this.client.updateTrigger(this.service, name, timer.name, { triggerConfig: config });
      }
    }
  }

  private async createTimer(
    name: string,
    triggerName: string,
    triggerConfig: { cronExpression: string; payload: string; enable: boolean },
  ): Promise<void> {
    const options = { triggerName, triggerType: 'timer', triggerConfig };
    await create(() => this.client.createTrigger(this.service, name, options));
  }

  private isSame(current: FunctionData, wanted: FunctionOptions): boolean {
    return (
      current.handler === wanted.handler &&
      current.runtime === wanted.runtime &&
      current.memorySize === wanted.memorySize &&
      current.timeout === wanted.timeout &&
      current.description === wanted.description &&
      sameEntries(current.environmentVariables, wanted.environmentVariables ?? {})
    );
  }
}

function packageFor(name: string, zips: CodePackages): Uint8Array {
  const zip = zips.get(name);
  if (!zip) throw new ProvisionError(`function '${name}' has no code package: bundle it first`);
  return zip;
}

function refuseUnknownNames(model: DeployModel, overrides: ProvisionOverrides): void {
  const names = new Set(model.functions.map((each) => each.name));
  const given = [...Object.keys(overrides.timeoutSeconds ?? {}), ...Object.keys(overrides.timers ?? {})];
  const unknown = given.find((name) => !names.has(name));
  if (unknown !== undefined)
    throw new ProvisionError(`override for '${unknown}', which is no function of the model`);
}

/**
 * Creates or updates the service, the functions, their asynchronous configuration and their timers. Checks the
 * model, the packages and the environment before the first call. Transport errors are retried.
 */
export async function provision(
  model: DeployModel,
  zips: CodePackages,
  target: ProvisionTarget,
  environment: Readonly<Record<string, string>>,
  overrides: ProvisionOverrides = {},
): Promise<ProvisionReport> {
  refuseUnknownNames(model, overrides);
  const steps = model.functions.map((definition) => ({
    definition,
    zip: packageFor(definition.name, zips),
    wanted: {
      functionName: definition.name,
      description: definition.description,
      runtime: definition.runtime,
      handler: definition.handler,
      memorySize: definition.memoryMb,
      timeout: overrides.timeoutSeconds?.[definition.name] ?? definition.timeoutSeconds,
      environmentVariables: functionEnvironment(definition, environment),
    },
    timers: definition.timers.map((timer) => ({
      ...timer,
      cron: overrides.timers?.[definition.name] ?? timer.cron,
    })),
  }));
  const provisioner = new Provisioner(target, model.service);
  await withRetry(() => provisioner.ensureService());
  const functions: Record<string, ProvisionAction> = {};
  for (const { definition, zip, wanted, timers } of steps) {
    functions[definition.name] = await withRetry(() => provisioner.ensureFunction(wanted, zip));
    await withRetry(() => provisioner.ensureAsyncConfig(definition));
    await withRetry(() => provisioner.ensureTimers(definition.name, timers));
  }
  return { service: model.service, functions };
}
