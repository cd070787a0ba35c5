/** What an instance has to know about its function; built anew from the catalog for every execution. */
export interface FunctionTarget {
  /** `service/function`. */
  readonly key: string;
  readonly serviceName: string;
  readonly functionName: string;
  /** Instances of an older revision take no further request. */
  readonly revision: number;
  readonly handler: string;
  readonly initializer: string;
  readonly initializationMs: number;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly codeDir: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** One request for an instance. */
export interface ExecutionRequest {
  readonly requestId: string;
  readonly event: Buffer;
}

/** Facts of the account that functions see in their context. */
export interface AccountFacts {
  readonly accountId: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** The `context` argument of a handler, without its logger, which the instance adds. */
export function contextOf(
  target: FunctionTarget,
  account: AccountFacts,
  requestId: string,
): Record<string, unknown> {
  return {
    requestId,
    credentials: {
      accessKeyId: account.accessKeyId,
      accessKeySecret: account.accessKeySecret,
      securityToken: '',
    },
    function: {
      name: target.functionName,
      handler: target.handler,
      memory: target.memoryMb,
      timeout: target.timeoutMs / 1_000,
      initializer: target.initializer,
      initializationTimeout: target.initializationMs / 1_000,
    },
    service: {
      name: target.serviceName,
      logProject: '',
      logStore: '',
      qualifier: 'LATEST',
      versionId: '',
    },
    region: account.region,
    accountId: account.accountId,
    tracing: { openTracingSpanContext: '', jaegerEndpoint: '', spanBaggages: {} },
  };
}

/** Variables that the platform sets in every instance. Nothing of the server's own environment leaks in. */
export function platformEnvironment(
  target: FunctionTarget,
  account: AccountFacts,
  instanceId: string,
): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: target.codeDir,
    TZ: 'UTC',
    LANG: 'en_US.UTF-8',
    FC_ACCOUNT_ID: account.accountId,
    FC_REGION: account.region,
    FC_SERVICE_NAME: target.serviceName,
    FC_FUNCTION_NAME: target.functionName,
    FC_FUNCTION_HANDLER: target.handler,
    FC_FUNCTION_MEMORY_SIZE: String(target.memoryMb),
    FC_FUNC_CODE_PATH: target.codeDir,
    FC_INSTANCE_ID: instanceId,
    FC_QUALIFIER: 'LATEST',
  };
}
