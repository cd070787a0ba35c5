/**
 * The ways out of the domain. Nothing else in `core/` may reach time, randomness, the network of functions
 * or a log: a run is then a pure function of its inputs and can be simulated.
 */

/** Time. `nowMs` is wall-clock time for records and patience only: no correctness depends on it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May jump. */
  nowMs(): number;
  /** Milliseconds from an arbitrary origin; never falls. For durations. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when the signal aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Randomness that only has to differ between callers. */
export interface Random {
  /** 128 random bits as 32 hex digits: names one writer of a state row. */
  nonce(): string;
  /** Uniform in [0, 1): jitter. */
  fraction(): number;
}

/** Scalar fields of a log line. Never row values, never credentials. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Structured log. Writing never throws and never blocks the data path. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** The functions that a message can start. */
export type FunctionName = 'orchestrator' | 'worker' | 'finalizer' | 'sweeper';

/** A hint to look at a run. Ids only: the truth is in the state store. */
export interface RunMessage {
  readonly v: 1;
  readonly jobId: string;
  readonly runId: string;
  /** Ordinal of the channel to work on; only for `worker`. */
  readonly channel?: number;
}

/**
 * Asynchronous calls between functions. A message may be lost, doubled, late or reordered: resolving means
 * "probably accepted". Rejects with a SyncError when it was certainly not accepted.
 */
export interface Invoker {
  invoke(target: FunctionName, message: RunMessage): Promise<void>;
}

export type { ObjectFolder } from './object-folder.ts';
