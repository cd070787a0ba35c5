import type { SyncError } from '../../errors/index.ts';
import type { ConnectorContext } from '../contract.ts';
import { classifyOssFault } from './errors.ts';

/** Tries of one call in all. With the pauses below, about half a minute of trouble is ridden out. */
export const MAX_TRIES = 8;
/** First pause at most, milliseconds; doubled each time. */
const BASE_PAUSE_MS = 200;
/** Longest pause, milliseconds. */
const MAX_PAUSE_MS = 8_000;

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
  async run<T>(what: string, call: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await call();
      } catch (error) {
        const fault = classifyOssFault(error, what);
        if (!fault.retryable || tries >= MAX_TRIES || this.#context.signal.aborted) throw fault;
        await this.#pause(tries, what, fault);
      }
    }
  }

  async #pause(tries: number, what: string, fault: SyncError): Promise<void> {
    const { clock, random, log, signal } = this.#context;
    const ceiling = Math.min(MAX_PAUSE_MS, BASE_PAUSE_MS * 2 ** (tries - 1));
    const pauseMs = Math.ceil(ceiling * (0.5 + random.fraction() / 2));
    log.debug('oss call is tried again', { call: what, tries, code: fault.code, pauseMs });
    await clock.sleep(pauseMs, signal);
  }
}
