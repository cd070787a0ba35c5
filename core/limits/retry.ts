import { asSyncError, type FaultKind, type SyncError } from '../errors/index.ts';
import type { Clock, Random } from '../ports/index.ts';
import { type Backoff, backoffMs } from './backoff.ts';

/** How often and how patiently something is tried. */
export interface RetryPolicy extends Backoff {
  /** Tries in all, the first included; at least 1. */
  readonly maxAttempts: number;
  /** No pause is begun that would end later than this after the first try. Absent = no such limit. */
  readonly budgetMs?: number;
  /** Kinds of fault that are worth another try. */
  readonly kinds?: readonly FaultKind[];
}

/** What waiting needs. */
export interface RetryPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** Once aborted nothing is tried again. */
  readonly signal?: AbortSignal | undefined;
  /** Told before each pause. */
  readonly onRetry?: (error: SyncError, attempt: number, delayMs: number) => void;
}

const DEFAULT_KINDS: readonly FaultKind[] = ['throttled', 'transient'];

/**
 * Calls `attempt` until it succeeds or its fault is not worth another try; then throws that fault. Faults of
 * kind `unknown` are not repeated unless the policy names them: the caller must know that a repeat is harmless.
 */
export async function withRetry<T>(
  attempt: (number: number) => Promise<T>,
  policy: RetryPolicy,
  ports: RetryPorts,
): Promise<T> {
  const kinds = policy.kinds ?? DEFAULT_KINDS;
  const startMs = ports.clock.monotonicMs();
  for (let number = 1; ; number++) {
    try {
      return await attempt(number);
    } catch (fault) {
      const error = asSyncError(fault);
      if (number >= policy.maxAttempts || !kinds.includes(error.kind) || ports.signal?.aborted) throw error;
      const delayMs = backoffMs(number - 1, policy, ports.random);
      const spentMs = ports.clock.monotonicMs() - startMs;
      if (policy.budgetMs !== undefined && spentMs + delayMs > policy.budgetMs) throw error;
      ports.onRetry?.(error, number, delayMs);
      await ports.clock.sleep(delayMs, ports.signal);
      if (ports.signal?.aborted) throw error;
    }
  }
}
