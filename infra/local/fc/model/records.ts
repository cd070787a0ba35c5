/** The stored shapes of the control plane, in the field names of API 2016-08-15. */

/** A service: a named group of functions. */
export interface ServiceRecord {
  readonly serviceId: string;
  readonly serviceName: string;
  readonly description: string;
  readonly role: string;
  readonly internetAccess: boolean;
  readonly logConfig?: Readonly<Record<string, unknown>>;
  readonly vpcConfig?: Readonly<Record<string, unknown>>;
  readonly createdTime: string;
  readonly lastModifiedTime: string;
}

/** A function; `timeout` and `initializationTimeout` in seconds, `memorySize` in megabytes. */
export interface FunctionRecord {
  readonly functionId: string;
  readonly functionName: string;
  readonly description: string;
  readonly runtime: string;
  readonly handler: string;
  readonly initializer: string;
  readonly initializationTimeout: number;
  readonly timeout: number;
  readonly memorySize: number;
  readonly instanceConcurrency: number;
  readonly environmentVariables: Readonly<Record<string, string>>;
  readonly codeSize: number;
  /** CRC-64 (ECMA-182) of the package as an unsigned decimal. */
  readonly codeChecksum: string;
  readonly createdTime: string;
  readonly lastModifiedTime: string;
}

/** Configuration of a timer trigger. */
export interface TimerConfig {
  readonly payload: string;
  readonly cronExpression: string;
  readonly enable: boolean;
}

/** A trigger; only timers are served. */
export interface TriggerRecord {
  readonly triggerId: string;
  readonly triggerName: string;
  readonly triggerType: 'timer';
  readonly description: string;
  readonly invocationRole: string;
  readonly sourceArn: string;
  readonly qualifier: string;
  readonly triggerConfig: TimerConfig;
  readonly createdTime: string;
  readonly lastModifiedTime: string;
}

/** Where the record of a finished asynchronous invocation is sent. */
export interface Destination {
  readonly destination: string;
}

/** How asynchronous invocations of a function are retried, aged and tracked. */
export interface AsyncConfigRecord {
  readonly service: string;
  readonly function: string;
  readonly qualifier: string;
  readonly maxAsyncRetryAttempts: number;
  readonly maxAsyncEventAgeInSeconds: number;
  readonly statefulInvocation: boolean;
  readonly destinationConfig: { readonly onSuccess?: Destination; readonly onFailure?: Destination };
  readonly createdTime: string;
  readonly lastModifiedTime: string;
}

/** A function with everything that hangs on it. `revision` grows with each change that needs new instances. */
export interface FunctionEntry {
  readonly serviceName: string;
  readonly record: FunctionRecord;
  /** SHA-256 (hex) of the package: its name in the code store. */
  readonly codeId: string;
  readonly revision: number;
  readonly triggers: ReadonlyMap<string, TriggerRecord>;
  readonly asyncConfig?: AsyncConfigRecord;
}

/** Key of a function inside the service: both names are free of slashes. */
export const functionKey = (serviceName: string, functionName: string): string =>
  `${serviceName}/${functionName}`;
