/**
 * What every service of the embedded cloud shares: how it is started, whose signatures it accepts,
 * which time it believes, and where a fault may be injected.
 */

/** Accepted key pairs: access key id → secret. A request signed with any other id is refused. */
export type KeyTable = ReadonlyMap<string, string>;

/** The cloud's own time. Tests move it; timers, TTLs, leases of uploads and signature skew follow it. */
export interface LocalClock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

/** The clock of the machine. */
export const systemClock: LocalClock = { now: () => Date.now() };

/** One call as the fault rules see it; `key` names the row, object or function that it touches. */
export interface FaultPoint {
  readonly service: 'ots' | 'oss' | 'fc';
  readonly operation: string;
  readonly key: string;
  /** Port of the caller's end of the connection: tells callers on this machine apart. */
  readonly peerPort?: number | undefined;
  /** The message of the call, not compressed, where a call is one message: Tablestore. */
  readonly body?: Uint8Array;
}

/**
 * What to do to a call. `refuse` answers with the status and code before any effect; `lose-answer` applies
 * the effect and then cuts the connection, after `performed`, which hears of refused calls too; `reset` cuts it
 * before any effect; `delay` waits first; `hang` has no effect and never answers, as a half-open connection;
 * `slow-answer` applies the effect and sends the body of the answer byte by byte.
 */
export type ImmediateFault =
  | { readonly kind: 'refuse'; readonly status: number; readonly code: string; readonly message: string }
  | { readonly kind: 'lose-answer'; readonly performed?: () => void }
  | { readonly kind: 'reset' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'slow-answer'; readonly msPerByte: number };

/** `hold` keeps the call waiting, without any effect yet; then it goes as the promise says, which must not reject. */
export type Fault =
  | ImmediateFault
  | { readonly kind: 'hold'; readonly until: Promise<ImmediateFault | undefined> };

/** The fault of a call once nobody holds it any more. */
export const afterHold = async (fault: Fault | undefined): Promise<ImmediateFault | undefined> =>
  fault?.kind === 'hold' ? fault.until : fault;

/** Decides the fault of a call, or `undefined` for none. Must not throw. */
export type FaultRule = (point: FaultPoint) => Fault | undefined;

/** Options common to the services. */
export interface LocalServiceOptions {
  /** TCP port on 127.0.0.1; 0 (the default) takes a free one. */
  readonly port?: number;
  /** Folder for data that must survive a restart; absent = memory only. */
  readonly dataDir?: string;
  readonly keys: KeyTable;
  readonly clock?: LocalClock;
  readonly faults?: FaultRule;
}

/** A running service. `close` is idempotent: it stops accepting, ends connections and flushes data. */
export interface LocalService {
  /** For example `http://127.0.0.1:41234`. */
  readonly endpoint: string;
  readonly port: number;
  close(): Promise<void>;
}
