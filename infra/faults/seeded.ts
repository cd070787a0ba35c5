/**
 * Faults by hash instead of by chance: what a call meets follows from the seed, the service, the operation, the key
 * and how often that key was called before. Calls that overtake each other therefore meet the same faults, and a run
 * with the same seed is as unlucky as the last one. There is neither a clock nor a source of chance in here.
 */
import { createHash } from 'node:crypto';
import type { Fault, FaultPoint, FaultRule } from '../local/service.ts';
import { faultOf } from './kinds.ts';
import type { FaultName, FaultProfile } from './spec.ts';

/** Calls on one key that share a window of `burst`. */
export const WINDOW_CALLS = 20;
/** Keys whose calls are counted; beyond that the oldest is forgotten and counted from 0 again. About 100 MiB. */
const MAX_KEYS = 1_000_000;

/** A fault that was decided. */
export interface Decision extends FaultPoint {
  /** Calls of this operation on this key before this one. */
  readonly ordinal: number;
  readonly seed: number;
  readonly name: FaultName;
}

/** Makes the rule. Calls outside the profile are neither counted nor hashed; `onFault` hears of every decision. */
export function seededFaults(profile: FaultProfile, onFault?: (decision: Decision) => void): FaultRule {
  const ordinals = new Ordinals();
  return (point): Fault | undefined => {
    if (!concerns(profile, point)) return undefined;
    const ordinal = ordinals.next(point);
    const name = decide(profile, point, ordinal);
    if (name === undefined) return undefined;
    const { service, operation, key } = point;
    onFault?.({ service, operation, key, ordinal, seed: profile.seed, name });
    return faultOf(name, point.service, profile.delayMs);
  };
}

/** Several rules: the first that decides on a fault wins. All of them count the call. */
export const firstFault =
  (rules: readonly FaultRule[]): FaultRule =>
  (point) =>
    rules.map((rule) => rule(point)).find((fault) => fault !== undefined);

/** The fault of one call, from its arguments alone. */
export function decide(profile: FaultProfile, point: FaultPoint, ordinal: number): FaultName | undefined {
  const { seed, rate, burst, kinds } = profile;
  if (burst !== undefined) {
    const window = Math.floor(ordinal / WINDOW_CALLS);
    if (draw(seed, 'window', point, window)[0] >= rate) return undefined;
  }
  const [chance, choice] = draw(seed, 'call', point, ordinal);
  return chance < (burst ?? rate) ? kinds[Math.floor(choice * kinds.length)] : undefined;
}

function concerns({ services, operations, keyPart }: FaultProfile, point: FaultPoint): boolean {
  if (!services.includes(point.service)) return false;
  if (keyPart !== undefined && !point.key.includes(keyPart)) return false;
  if (operations) return operations.includes(point.operation);
  return point.service !== 'fc' || point.operation === 'InvokeFunction';
}

const TWO_32 = 2 ** 32;

/** Two independent numbers in [0, 1). */
function draw(seed: number, purpose: string, point: FaultPoint, ordinal: number): readonly [number, number] {
  const digest = digestOf(`${seed} ${purpose} ${ordinal} ${nameOf(point)}`);
  return [digest.readUInt32BE(0) / TWO_32, digest.readUInt32BE(4) / TWO_32];
}

/** Service and operation hold no space, so no two points share a name. */
const nameOf = ({ service, operation, key }: FaultPoint): string => `${service} ${operation} ${key}`;

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Counts calls by service, operation and key. */
class Ordinals {
  /** By 48 bits of a digest: keys of batches can be long. */
  readonly #counts = new Map<number, number>();

  next(point: FaultPoint): number {
    const id = digestOf(nameOf(point)).readUIntBE(0, 6);
    const ordinal = this.#counts.get(id) ?? 0;
    this.#counts.set(id, ordinal + 1);
    if (this.#counts.size > MAX_KEYS) this.#forgetOldest();
    return ordinal;
  }

  #forgetOldest(): void {
    for (const id of this.#counts.keys()) {
      this.#counts.delete(id);
      return;
    }
  }
}
