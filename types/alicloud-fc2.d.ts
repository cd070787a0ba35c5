/**
 * Declarations of the parts of `@alicloud/fc2` 2.6 (API 2016-08-15) that this repository uses; the package
 * ships none. Names, argument order and optionality follow its `lib/client.js`.
 */
declare module '@alicloud/fc2' {
  /** Construction options. Without `endpoint` the client talks plain HTTP to the public service. */
  export interface ClientConfig {
    accessKeyID: string;
    accessKeySecret: string;
    region: string;
    /** Required when `accessKeyID` starts with `STS`. */
    securityToken?: string;
    secure?: boolean;
    internal?: boolean;
    /** Base URL without the API version. */
    endpoint?: string;
    /** Milliseconds for connect and the whole response; 60,000 by default. */
    timeout?: number;
    headers?: Record<string, string>;
  }

  export type Headers = Record<string, string>;
  export type Query = Record<string, string | number | readonly string[]>;

  /** Every call resolves to this; `data` is parsed JSON, text, or a Buffer with `rawBuf`. */
  export interface ClientResponse<T = unknown> {
    headers: Record<string, string | undefined>;
    data: T;
  }

  /** A non-2xx answer: `name` is `FC{ErrorCode}Error`; the status is only in the message. */
  export interface ClientError extends Error {
    code?: string;
  }

  export interface ServiceData {
    serviceId: string;
    serviceName: string;
    description: string;
    role: string;
    internetAccess: boolean;
    createdTime: string;
    lastModifiedTime: string;
    [key: string]: unknown;
  }

  export interface ServiceList {
    services: ServiceData[];
    nextToken: string | null;
  }

  /** `zipFile` is base64. */
  export interface FunctionCode {
    zipFile?: string;
    ossBucketName?: string;
    ossObjectName?: string;
  }

  export interface FunctionOptions {
    functionName?: string;
    description?: string;
    runtime?: string;
    handler?: string;
    initializer?: string;
    initializationTimeout?: number;
    /** Megabytes. */
    memorySize?: number;
    /** Seconds. */
    timeout?: number;
    environmentVariables?: Record<string, string>;
    instanceConcurrency?: number;
    code?: FunctionCode;
    [key: string]: unknown;
  }

  export interface FunctionData {
    functionId: string;
    functionName: string;
    description: string;
    runtime: string;
    handler: string;
    initializer: string;
    initializationTimeout: number;
    memorySize: number;
    timeout: number;
    codeSize: number;
    codeChecksum: string;
    environmentVariables: Record<string, string>;
    createdTime: string;
    lastModifiedTime: string;
    [key: string]: unknown;
  }

  export interface FunctionList {
    functions: FunctionData[];
    nextToken: string | null;
  }

  export interface TimerTriggerConfig {
    payload?: string;
    cronExpression: string;
    enable: boolean;
  }

  export interface TriggerOptions {
    triggerName?: string;
    triggerType?: string;
    triggerConfig?: TimerTriggerConfig | Record<string, unknown>;
    description?: string;
    invocationRole?: string;
    sourceArn?: string;
    qualifier?: string;
  }

  export interface TriggerData {
    triggerId: string;
    triggerName: string;
    triggerType: string;
    triggerConfig: TimerTriggerConfig;
    createdTime: string;
    lastModifiedTime: string;
    [key: string]: unknown;
  }

  export interface TriggerList {
    triggers: TriggerData[];
    nextToken: string | null;
  }

  export interface AsyncConfigOptions {
    maxAsyncRetryAttempts?: number;
    maxAsyncEventAgeInSeconds?: number;
    statefulInvocation?: boolean;
    destinationConfig?: {
      onSuccess?: { destination: string };
      onFailure?: { destination: string };
    };
  }

  export interface AsyncConfigData extends AsyncConfigOptions {
    service: string;
    function: string;
    qualifier: string;
    createdTime: string;
    lastModifiedTime: string;
  }

  export interface AsyncConfigList {
    configs: AsyncConfigData[];
    nextToken: string | null;
  }

  /** The signed-request client. Methods reject with a `ClientError`, or with a transport error. */
  export default class Client {
    constructor(accountId: string, config: ClientConfig);

    readonly accountid: string;
    readonly endpoint: string;

    static getSignature(
      accessKeyId: string,
      accessKeySecret: string,
      method: string,
      path: string,
      headers: Headers,
      queries?: Query | null,
    ): string;

    get<T = unknown>(path: string, query?: Query | null, headers?: Headers): Promise<ClientResponse<T>>;
    post<T = unknown>(
      path: string,
      body: Buffer | string | object | null | undefined,
      headers?: Headers,
      queries?: Query | null,
      opts?: { rawBuf?: boolean },
    ): Promise<ClientResponse<T>>;
    put<T = unknown>(
      path: string,
      body: Buffer | string | object | null | undefined,
      headers?: Headers,
    ): Promise<ClientResponse<T>>;
    delete<T = unknown>(path: string, query?: Query | null, headers?: Headers): Promise<ClientResponse<T>>;

    createService(name: string, options?: object, headers?: Headers): Promise<ClientResponse<ServiceData>>;
    listServices(options?: Query, headers?: Headers): Promise<ClientResponse<ServiceList>>;
    getService(name: string, headers?: Headers, qualifier?: string): Promise<ClientResponse<ServiceData>>;
    updateService(name: string, options?: object, headers?: Headers): Promise<ClientResponse<ServiceData>>;
    deleteService(name: string, options?: object, headers?: Headers): Promise<ClientResponse>;

    createFunction(
      service: string,
      options: FunctionOptions,
      headers?: Headers,
    ): Promise<ClientResponse<FunctionData>>;
    listFunctions(
      service: string,
      options?: Query,
      headers?: Headers,
      qualifier?: string,
    ): Promise<ClientResponse<FunctionList>>;
    getFunction(
      service: string,
      name: string,
      headers?: Headers,
      qualifier?: string,
    ): Promise<ClientResponse<FunctionData>>;
    getFunctionCode(
      service: string,
      name: string,
      headers?: Headers,
      qualifier?: string,
    ): Promise<ClientResponse<{ url: string; checksum: string }>>;
    updateFunction(
      service: string,
      name: string,
      options: FunctionOptions,
      headers?: Headers,
    ): Promise<ClientResponse<FunctionData>>;
    deleteFunction(
      service: string,
      name: string,
      options?: Query,
      headers?: Headers,
    ): Promise<ClientResponse>;

    /** `event` must be text or a Buffer: anything else throws a TypeError synchronously. */
    invokeFunction<T = unknown>(
      service: string,
      name: string,
      event?: string | Buffer | null,
      headers?: Headers,
      qualifier?: string,
      opts?: { rawBuf?: boolean },
    ): Promise<ClientResponse<T>>;

    createTrigger(
      service: string,
      name: string,
      options: TriggerOptions,
      headers?: Headers,
    ): Promise<ClientResponse<TriggerData>>;
    listTriggers(
      service: string,
      name: string,
      options?: Query,
      headers?: Headers,
    ): Promise<ClientResponse<TriggerList>>;
    getTrigger(
      service: string,
      name: string,
      trigger: string,
      headers?: Headers,
    ): Promise<ClientResponse<TriggerData>>;
    updateTrigger(
      service: string,
      name: string,
      trigger: string,
      options?: TriggerOptions,
      headers?: Headers,
    ): Promise<ClientResponse<TriggerData>>;
    deleteTrigger(
      service: string,
      name: string,
      trigger: string,
      options?: Query,
      headers?: Headers,
    ): Promise<ClientResponse>;

    putFunctionAsyncConfig(
      service: string,
      name: string,
      qualifier: string | undefined,
      options?: AsyncConfigOptions,
      headers?: Headers,
    ): Promise<ClientResponse<AsyncConfigData>>;
    getFunctionAsyncConfig(
      service: string,
      name: string,
      qualifier?: string,
      headers?: Headers,
    ): Promise<ClientResponse<AsyncConfigData>>;
    deleteFunctionAsyncConfig(
      service: string,
      name: string,
      qualifier?: string,
      headers?: Headers,
    ): Promise<ClientResponse>;
    listFunctionAsyncConfigs(
      service: string,
      name: string,
      options?: Query,
      headers?: Headers,
    ): Promise<ClientResponse<AsyncConfigList>>;
  }
}
