import { type RetryPolicy, withRetry } from '../../limits/retry.ts';
import type { ConnectorContext } from '../contract.ts';
import { classifyOssFault } from './errors.ts';

/** Tries of one call in all. With the pauses below, about half a minute of trouble is ridden out. */
export const MAX_TRIES = 8;
/** First pause at most, milliseconds; doubled each time. */
const BASE_PAUSE_MS = 200;
/** Longest pause, milliseconds. */
const MAX_PAUSE_MS = 8_000;

const POLICY: RetryPolicy = {
  maxAttempts: MAX_TRIES,
  baseMs: BASE_PAUSE_MS,
  capMs: MAX_PAUSE_MS,
  kinds: ['throttled', 'transient', 'unknown'],
};

/**
 * The one retry layer of this connector (the SDK's own is off). Only repeatable calls go through it; what a
 * repetition may answer (`NoSuchUpload`, `FileAlreadyExists`) is resolved by the caller. After the context's
 * signal has aborted nothing is tried again.
 */
export class Retry {
  readonly #context: ConnectorContext;

  constructor(context: ConnectorContext) {
    this.#context = context;
  }

  /** @throws SyncError the classified fault of the last try. */
  run<T>(what: string, call: () => Promise<T>): Promise<T> {
    const { clock, random, log, signal } = this.#context;
    const attempt = async (): Promise<T> => {
      try {
        return await call();
      } catch (error) {
        throw classifyOssFault(error, what);
      }
    };
    return withRetry(attempt, POLICY, {
      clock,
      random,
      signal,
      onRetry: (fault, tries, pauseMs) =>
        log.debug('oss call is tried again', { call: what, tries, code: fault.code, pauseMs }),
    });
  }
}
