/**
 * Kills the process behind a chosen call. It is a fault rule of the embedded cloud: it learns from the kernel which
 * instance a call comes from, names and numbers the calls of each function, and at a chosen one
 *
 *   before   kills the instance, and the service neither acts nor answers
 *   after    lets the service act, durably, kills the instance, and the service does not answer
 *
 * Calls can also be refused, or held until a test has done what belongs between two calls.
 */
import type { FcInstance } from '../../infra/local/fc/index.ts';
import type { Fault, FaultPoint, FaultRule, ImmediateFault } from '../../infra/local/service.ts';
import { CallNames } from './call-name.ts';
import { type CrashPoint, formatCall, formatPoint, type NumberedCall } from './crash-point.ts';
import { SocketOwners } from './socket-owner.ts';

/** What the watch needs of the cloud. */
export interface WatchedCloud {
  readonly ports: Readonly<Record<FaultPoint['service'], number>>;
  instances(): readonly FcInstance[];
  killInstance(instanceId: string): boolean;
}

/** What to do in a run. Calls are named as `formatCall` does. */
export interface WatchOrders {
  readonly runId: string;
  /** Where to kill, each once. */
  readonly crashes: readonly CrashPoint[];
  /** Calls that are refused as by a busy service. */
  readonly refused: readonly string[];
  /** Calls that are held. */
  readonly held: readonly string[];
  /** Also holds every call that may change what readers of the bucket see. */
  readonly holdsChanges: boolean;
}

/** A call that waits until the test lets it go. */
export interface HeldCall {
  readonly name: string;
  readonly isChange: boolean;
}

/** A call that an instance made. */
export type WatchedCall = Omit<NumberedCall, 'ordinal'>;

/** What was seen since `begin`. */
export interface WatchReport {
  /** In order of arrival. */
  readonly calls: readonly WatchedCall[];
  /** Points at which an instance was killed. */
  readonly hits: readonly string[];
  /** Calls whose caller was neither an instance nor the test. */
  readonly strangers: number;
}

/** Operations of the object storage after which a listing may be another. */
const CHANGES = /^(Put|Post|Append|Copy|Complete|Delete)/;
const BUSY = { kind: 'refuse', status: 503, code: 'OTSServerBusy', message: 'Server is busy.' } as const;

/** Watches one cloud, one run after the other. */
export class CrashWatch {
  readonly #cloud: WatchedCloud;
  readonly #hold: (call: HeldCall) => Promise<void>;
  readonly #owners = new SocketOwners();
  /** Points that were not reached yet, by name. */
  readonly #points = new Set<string>();
  readonly #counts = new Map<string, number>();
  #orders: WatchOrders | undefined;
  #names = new CallNames('');
  #calls: WatchedCall[] = [];
  #hits: string[] = [];
  #strangers = 0;

  /** `hold` resolves when a held call may go on. */
  constructor(cloud: WatchedCloud, hold: (call: HeldCall) => Promise<void> = async () => {}) {
    this.#cloud = cloud;
    this.#hold = hold;
  }

  /** Forgets everything and follows these orders. */
  begin(orders: WatchOrders): void {
    this.#orders = orders;
    this.#names = new CallNames(orders.runId);
    this.#points.clear();
    for (const point of orders.crashes) this.#points.add(formatPoint(point));
    this.#counts.clear();
    this.#calls = [];
    this.#hits = [];
    this.#strangers = 0;
  }

  report(): WatchReport {
    return { calls: this.#calls, hits: this.#hits, strangers: this.#strangers };
  }

  /** The rule for the cloud. */
  readonly rule: FaultRule = (point) => {
    if (!this.#orders) return undefined;
    const caller = this.#callerOf(point);
    const fault = caller && this.#meet(caller, point, this.#orders);
    if (fault?.kind !== 'hang' && fault?.kind !== 'refuse') this.#names.performed(point);
    return fault;
  };

  #callerOf({ service, peerPort }: FaultPoint): FcInstance | undefined {
    if (peerPort === undefined) return undefined;
    const instances = this.#cloud.instances();
    // The test itself calls as well: it is this process, or started it.
    const pids = [process.ppid, process.pid, ...instances.map(({ pid }) => pid)];
    const pid = this.#owners.pidOf(pids, this.#cloud.ports[service], peerPort);
    if (pid === undefined) this.#strangers++;
    return instances.find((instance) => instance.pid === pid);
  }

  #meet({ functionName, instanceId }: FcInstance, point: FaultPoint, orders: WatchOrders): Fault | undefined {
    const numbered = this.#count(functionName, this.#names.nameOf(point));
    const name = formatCall(numbered);
    const kill = (moment: CrashPoint['moment']): void => {
      const hit = formatPoint({ ...numbered, moment });
      if (this.#cloud.killInstance(instanceId)) this.#hits.push(hit);
    };
    if (this.#points.delete(formatPoint({ ...numbered, moment: 'before' }))) {
      kill('before');
      return { kind: 'hang' };
    }
    if (orders.refused.includes(name)) return BUSY;
    const last: ImmediateFault | undefined = this.#points.delete(
      formatPoint({ ...numbered, moment: 'after' }),
    )
      ? { kind: 'lose-answer', performed: () => kill('after') }
      : undefined;
    const isChange = orders.holdsChanges && point.service === 'oss' && CHANGES.test(point.operation);
    if (!isChange && !orders.held.includes(name)) return last;
    return { kind: 'hold', until: this.#hold({ name, isChange }).then(() => last) };
  }

  #count(functionName: string, call: string): NumberedCall {
    this.#calls.push({ functionName, call });
    const kind = `${functionName}:${call}`;
    const ordinal = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, ordinal);
    return { functionName, call, ordinal };
  }
}
