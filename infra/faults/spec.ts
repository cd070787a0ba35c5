/**
 * Fault profiles written as text: `key=value` pairs joined by commas, lists joined by `+`.
 *
 *   seed=42,rate=0.1,kinds=busy+reset+lost,services=ots+oss,ops=PutRow+UploadPart,keys=millrace_,burst=50%,delay=200
 */
import { OPERATIONS, SERVICES, type ServiceName } from './operations.ts';

/** Kinds of fault that a profile can draw. */
export const KINDS = ['busy', 'error', 'reset', 'lost', 'delay', 'hang', 'slow'] as const;
/** `busy` throttles, `error` fails with 500, `reset` cuts before and `lost` after the effect; see the README. */
export type FaultName = (typeof KINDS)[number];

/** What faults are drawn, for which calls, how often. */
export interface FaultProfile {
  /** Whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  /** Share of calls that meet a fault, 0 to 1; with `burst`, share of the windows that are bad. */
  readonly rate: number;
  readonly kinds: readonly FaultName[];
  readonly services: readonly ServiceName[];
  /** Absent = every call on data: all operations of ots and oss, `InvokeFunction` of fc. */
  readonly operations?: readonly string[];
  /** Only calls whose key contains this text: a table, the beginning of an object's name, a function. */
  readonly keyPart?: string;
  /** Share of faulty calls inside a bad window, 0 to 1. Absent = no windows. */
  readonly burst?: number;
  /** Pause of `delay`, milliseconds. */
  readonly delayMs: number;
}

/** A text that is no profile. `word` is what was not understood, `allowed` what could stand there. */
export class FaultSpecError extends Error {
  readonly word: string;
  readonly allowed: readonly string[];

  constructor(message: string, word = '', allowed: readonly string[] = []) {
    super(message);
    this.name = 'FaultSpecError';
    this.word = word;
    this.allowed = allowed;
  }
}

/** Used for everything but the seed. `hang` and `slow` are left out: each costs its caller a timeout. */
export const DEFAULT_PROFILE = {
  rate: 0.05,
  kinds: ['busy', 'error', 'reset', 'lost', 'delay'],
  services: SERVICES,
  delayMs: 200,
} as const satisfies Partial<FaultProfile>;

/** Longest pause of `delay`, milliseconds: ten minutes. */
export const MAX_DELAY_MS = 600_000;

const READERS = {
  seed: (text: string) => ({ seed: readSeed(text) }),
  rate: (text: string) => ({ rate: readShare('rate', text) }),
  kinds: (text: string) => ({ kinds: readList('kinds', text, KINDS) }),
  services: (text: string) => ({ services: readList('services', text, SERVICES) }),
  ops: (text: string) => ({ operations: readList('ops', text, ALL_OPERATIONS) }),
  keys: (text: string) => ({ keyPart: readText('keys', text) }),
  burst: (text: string) => ({ burst: readShare('burst', text) }),
  delay: (text: string) => ({ delayMs: readDelay(text) }),
} satisfies Record<string, (text: string) => Partial<FaultProfile>>;

const ALL_OPERATIONS = [...new Set(SERVICES.flatMap((service) => OPERATIONS[service]))];

/** The keys of the language. */
export const SPEC_KEYS = Object.keys(READERS);

/** Reads a profile. Throws FaultSpecError at the first thing that is wrong. */
export function parseFaultSpec(text: string): FaultProfile {
  const given = new Map<string, string>();
  for (const pair of text.split(',')) {
    const [key, value] = readPair(pair);
    if (given.has(key)) throw new FaultSpecError(`${key} is given twice`);
    given.set(key, value);
  }
  if (!given.has('seed')) throw new FaultSpecError('the seed is missing; write for example seed=1');
  const parts = [...given].map(([key, value]) => READERS[key as keyof typeof READERS](value));
  const profile: FaultProfile = Object.assign({ seed: 0, ...DEFAULT_PROFILE }, ...parts);
  checkOperations(profile);
  return profile;
}

function readPair(pair: string): readonly [string, string] {
  const equals = pair.indexOf('=');
  const key = (equals < 0 ? pair : pair.slice(0, equals)).trim();
  if (!Object.hasOwn(READERS, key)) throw new FaultSpecError(`there is no key "${key}"`, key, SPEC_KEYS);
  if (equals < 0) throw new FaultSpecError(`${key} has no value; write ${key}=…`);
  return [key, pair.slice(equals + 1).trim()];
}

function readSeed(text: string): number {
  const seed = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(seed))
    throw new FaultSpecError(`seed=${text}: write a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
  return seed;
}

/** `0.25` or `25%`. */
function readShare(key: string, text: string): number {
  const [, digits, percent] = /^(\d{1,3}(?:\.\d{1,9})?)(%?)$/.exec(text) ?? [];
  const share = Number(digits) / (percent ? 100 : 1);
  if (digits === undefined || share > 1)
    throw new FaultSpecError(`${key}=${text}: write a share from 0 to 1, or from 0% to 100%`);
  return share;
}

function readDelay(text: string): number {
  const ms = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(ms <= MAX_DELAY_MS))
    throw new FaultSpecError(`delay=${text}: write milliseconds from 0 to ${MAX_DELAY_MS}`);
  return ms;
}

function readText(key: string, text: string): string {
  if (text === '') throw new FaultSpecError(`${key} has no value; write ${key}=…`);
  return text;
}

function readList<T extends string>(key: string, text: string, allowed: readonly T[]): readonly T[] {
  const words = text.split('+').map((word) => word.trim());
  const known = words.map((word) => {
    const found = allowed.find((one) => one === word);
    if (found === undefined) throw new FaultSpecError(`${key} knows no "${word}"`, word, allowed);
    return found;
  });
  return [...new Set(known)];
}

/** An operation that no chosen service has would silently never meet a fault. */
function checkOperations({ operations = [], services }: FaultProfile): void {
  const offered = services.flatMap((service) => OPERATIONS[service]);
  const stranger = operations.find((operation) => !offered.includes(operation));
  if (stranger !== undefined)
    throw new FaultSpecError(`${services.join(' and ')} have no operation ${stranger}`, stranger, offered);
}
