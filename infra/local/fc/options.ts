import type { LocalService, LocalServiceOptions } from '../service.ts';
import type { AsyncFaultRule } from './async/event.ts';
import type { FcStats } from './counters.ts';
import type { FcLogLine } from './runtime/log-tail.ts';

/** Options of `startFc`. */
export interface FcServiceOptions extends LocalServiceOptions {
  /** When given, calls that name another account are refused. */
  readonly accountId?: string;
  /** Shown to functions; `cn-hangzhou` by default. */
  readonly region?: string;
  /** Instances of all functions together; 100 by default. */
  readonly maxInstances?: number;
  /** Instances of one function; by default only the account's limit counts. */
  readonly maxInstancesPerFunction?: number;
  /** First back-off of the asynchronous queue, milliseconds; it doubles. 500 by default. */
  readonly asyncRetryBaseMs?: number;
  /** Age at which an unused instance is ended, milliseconds; 60,000 by default. */
  readonly instanceIdleMs?: number;
  /** Added to the environment of every function; a function's own variables win. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Receives each line that functions write. */
  readonly onLog?: (line: FcLogLine) => void;
}

/** A living instance. */
export interface FcInstance {
  readonly instanceId: string;
  readonly functionName: string;
  readonly pid: number;
  readonly requestId?: string;
  readonly state: 'starting' | 'idle' | 'busy';
}

/** The running embedded Function Compute. */
export interface FcService extends LocalService {
  /** Living instances. */
  instances(): readonly FcInstance[];
  /** Kills an instance with SIGKILL; `false` when there is none of that id. */
  killInstance(instanceId: string): boolean;
  /** Resolves when no asynchronous event is queued or running. */
  idle(): Promise<void>;
  /** Fires the timers that are due and delivers the events that are due, by the clock or at `nowMs`. */
  tick(nowMs?: number): void;
  /** Counts since the start. */
  stats(): FcStats;
  /** Decides the fault of each asynchronous delivery; `undefined` delivers all. */
  asyncFaults: AsyncFaultRule | undefined;
}
