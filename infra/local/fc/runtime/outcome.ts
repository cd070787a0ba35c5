/** Why an execution failed. `thrown` covers results that cannot be encoded. */
export type FailureReason =
  | 'thrown'
  | 'handled'
  | 'exited'
  | 'timeout'
  | 'out-of-memory'
  | 'initializer'
  | 'stopped';

/** What one execution of a function came to. */
export interface Outcome {
  /** The raw result, or the JSON description of the failure. */
  readonly body: Buffer;
  readonly failure?: FailureReason;
  readonly durationMs: number;
  /** Largest resident set seen by the probe, bytes; 0 when the execution ended before the first look. */
  readonly maxMemoryBytes: number;
  /** The last part of what the function wrote. */
  readonly logTail: string;
}

/** Value of `x-fc-error-type` for a failed outcome. */
export const errorTypeOf = (reason: FailureReason): string =>
  reason === 'handled' ? 'HandledInvocationError' : 'UnhandledInvocationError';

const MEGABYTE = 1_048_576;

/** Megabytes with two decimals, as the platform prints them. */
export const megabytes = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(2)}MB`;

/** JSON body of a failure that the instance could not describe itself. */
export const failureBody = (errorMessage: string): Buffer => Buffer.from(JSON.stringify({ errorMessage }));
