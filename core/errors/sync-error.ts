import type { Code } from './codes/index.ts';

/**
 * How a fault is answered:
 * config = fail at once · auth = refresh once, then fail · throttled = back off, not an attempt ·
 * transient = retry within the attempt budget · unknown = the effect may have happened: read back ·
 * conflict = another owner has it, stop quietly · data = one row, dirty-row policy ·
 * lost = the position is gone, needs a decision · bug = stop, keep state.
 */
export type FaultKind =
  | 'config'
  | 'auth'
  | 'throttled'
  | 'transient'
  | 'unknown'
  | 'conflict'
  | 'data'
  | 'lost'
  | 'bug';

/** Scalars that help to find the place. Never credentials, never row values. */
export type ErrorDetail = Readonly<Record<string, string | number | boolean>>;

/** The one error type that crosses folder borders. `message` is one plain sentence for a person. */
export class SyncError extends Error {
  readonly code: Code;
  readonly kind: FaultKind;
  readonly detail: ErrorDetail;

  constructor(
    code: Code,
    kind: FaultKind,
    message: string,
    detail: ErrorDetail = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.kind = kind;
    this.detail = detail;
  }

  /** Whether trying the same thing again can help. */
  get retryable(): boolean {
    return this.kind === 'throttled' || this.kind === 'transient' || this.kind === 'unknown';
  }
}

/** Where a fault of a job stands: 1-based line and column, and the JSON path such as `setting.speed.mbps`. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly path: string;
}

/** One fault of a job or of another configuration file. */
export interface ConfigFault extends Place {
  readonly code: Code;
  readonly message: string;
  /** The nearest valid name, or what to write instead. */
  readonly hint?: string;
}

/** A job or configuration that cannot run; holds every fault found, never just the first. */
export class ConfigError extends SyncError {
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly [ConfigFault, ...ConfigFault[]], options?: ErrorOptions) {
    const [first] = faults;
    const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
    super(first.code, 'config', first.message + more, { path: first.path }, options);
    this.faults = faults;
  }
}

/** A conditional write was lost to another owner: stop quietly. */
export class FencedError extends SyncError {
  constructor(message: string, detail: ErrorDetail = {}) {
    super('RUN-5008', 'conflict', message, detail);
  }
}

/** The effect exists already, made by an earlier attempt. */
export class AlreadyDoneError extends SyncError {
  constructor(message: string, detail: ErrorDetail = {}) {
    super('RUN-5008', 'conflict', message, detail);
  }
}

/** A write whose answer never came: it may have happened. */
export class UnknownOutcomeError extends SyncError {
  constructor(code: Code, message: string, detail: ErrorDetail = {}, options?: ErrorOptions) {
    super(code, 'unknown', message, detail, options);
  }
}

/** A defect of this program. */
export class AssertionError extends SyncError {
  constructor(message: string, detail: ErrorDetail = {}, options?: ErrorOptions) {
    super('BUG-9001', 'bug', message, detail, options);
  }
}

/** Stops with an AssertionError when an invariant does not hold. */
export function assert(condition: unknown, message: string, detail?: ErrorDetail): asserts condition {
  if (!condition) throw new AssertionError(message, detail);
}

/** Any thrown value as a SyncError; what no connector classified counts as a defect. */
export function asSyncError(error: unknown): SyncError {
  if (error instanceof SyncError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new AssertionError(`unexpected fault: ${text}`, {}, { cause: error });
}
