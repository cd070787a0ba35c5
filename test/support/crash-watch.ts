/**
 * Kills the process behind a chosen call. It is a fault rule of the embedded cloud: it learns from the kernel which
 * instance a call comes from, counts the calls of each function by kind, and at the chosen one
 *
 *   before   kills the instance, and the service neither acts nor answers
 *   after    lets the service act, durably, kills the instance, and the service does not answer
 */
import type { FcInstance } from '../../infra/local/fc/index.ts';
import type { Fault, FaultPoint, FaultRule } from '../../infra/local/service.ts';
import { type CrashPoint, callOf, formatPoint } from './crash-point.ts';
import { SocketOwners } from './socket-owner.ts';

/** What the watch needs of the cloud. */
export interface WatchedCloud {
  readonly ports: Readonly<Record<FaultPoint['service'], number>>;
  instances(): readonly FcInstance[];
  killInstance(instanceId: string): boolean;
}

/** A call that an instance made. */
export interface WatchedCall {
  readonly functionName: string;
  readonly call: string;
}

/** What was seen since `begin`. */
export interface WatchReport {
  /** In order of arrival. */
  readonly calls: readonly WatchedCall[];
  /** Points at which an instance was killed. */
  readonly hits: readonly string[];
  /** Calls whose caller was neither an instance nor the test. */
  readonly strangers: number;
}

/** Watches one cloud, one run after the other. */
export class CrashWatch {
  readonly #cloud: WatchedCloud;
  readonly #owners = new SocketOwners();
  /** Points that were not reached yet, by name. */
  readonly #points = new Map<string, CrashPoint>();
  readonly #counts = new Map<string, number>();
  #calls: WatchedCall[] = [];
  #hits: string[] = [];
  #strangers = 0;

  constructor(cloud: WatchedCloud) {
    this.#cloud = cloud;
  }

  /** Forgets everything and waits for these points. */
  begin(points: readonly CrashPoint[]): void {
    this.#points.clear();
    for (const point of points) this.#points.set(formatPoint(point), point);
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
    const caller = this.#callerOf(point);
    return caller && this.#meet(caller, callOf(point));
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

  #meet({ functionName, instanceId }: FcInstance, call: string): Fault | undefined {
    this.#calls.push({ functionName, call });
    const kind = `${functionName}:${call}`;
    const ordinal = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, ordinal);
    const named = (moment: CrashPoint['moment']): string =>
      formatPoint({ functionName, call, ordinal, moment });
    const kill = (name: string): void => {
      if (this.#cloud.killInstance(instanceId)) this.#hits.push(name);
    };
    if (this.#points.delete(named('before'))) {
      kill(named('before'));
      return { kind: 'hang' };
    }
    if (!this.#points.delete(named('after'))) return undefined;
    return { kind: 'lose-answer', performed: () => kill(named('after')) };
  }
}
