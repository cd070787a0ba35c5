/** The sessions of one reader: those in use, and one idle per connection. */
import type { SyncError } from '../../errors/index.ts';
import { withRetry } from '../../limits/retry.ts';
import type { Clock, Logger, Random } from '../../ports/index.ts';
import type { DatabaseConnection } from '../connection-config.ts';
import type { RelationalReaderConfig } from './reader-config.ts';
import type { ReadSession } from './source.ts';
import { changed } from './statement.ts';

/** What reading needs from outside; a connector's context has it all. */
export interface ReaderPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Opens a session of the dialect. */
export type OpenSession = (connection: DatabaseConnection) => Promise<ReadSession>;

/** Longest pause between tries. */
export const RETRY_CAP_MS = 30_000;

/** Lends sessions; what is broken when it comes back is closed. */
export class SessionPool {
  readonly #config: RelationalReaderConfig;
  readonly #ports: ReaderPorts;
  readonly #openSession: OpenSession;
  /** Sessions that nobody uses at the moment, by connection. */
  readonly #idle = new Map<number, ReadSession>();
  readonly #open = new Set<ReadSession>();

  constructor(config: RelationalReaderConfig, ports: ReaderPorts, openSession: OpenSession) {
    this.#config = config;
    this.#ports = ports;
    this.#openSession = openSession;
  }

  /** Calls with a session, again with another one after a fault that passes: only for calls without effect. */
  use<T>(connection: number, call: (session: ReadSession) => Promise<T>): Promise<T> {
    const { clock, random, signal } = this.#ports;
    const attempt = async (): Promise<T> => {
      const session = await this.take(connection);
      try {
        return await call(session);
      } finally {
        await this.putBack(connection, session);
      }
    };
    const { maxRetries, retryPauseMs } = this.#config;
    const policy = { maxAttempts: maxRetries + 1, baseMs: retryPauseMs, capMs: RETRY_CAP_MS };
    return withRetry(attempt, policy, {
      clock,
      random,
      signal,
      onRetry: (fault, number, delayMs) => this.logRetry(fault, number, delayMs),
    });
  }

  /** A session for one use; `putBack` it whatever happened. */
  async take(connection: number): Promise<ReadSession> {
    const idle = this.#idle.get(connection);
    this.#idle.delete(connection);
    if (idle?.usable) return idle;
    if (idle) await this.#forget(idle);
    const place = this.#config.places[connection];
    if (!place) throw changed();
    const session = await this.#openSession(place.connection);
    this.#open.add(session);
    return session;
  }

  async putBack(connection: number, session: ReadSession): Promise<void> {
    if (session.usable && this.#open.has(session) && !this.#idle.has(connection)) {
      this.#idle.set(connection, session);
    } else await this.#forget(session);
  }

  async close(): Promise<void> {
    const sessions = [...this.#open];
    this.#open.clear();
    this.#idle.clear();
    await Promise.all(sessions.map((session) => session.close()));
  }

  /** Told before each pause. */
  logRetry(fault: SyncError, attempt: number, delayMs: number): void {
    const fields = { code: fault.code, attempt, delayMs: Math.round(delayMs) };
    this.#ports.log.warn('reading again after a fault', fields);
  }

  async #forget(session: ReadSession): Promise<void> {
    this.#open.delete(session);
    await session.close();
  }
}
