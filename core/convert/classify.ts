import type { Column, ColumnFacts, LogicalType } from '../types/index.ts';
import { formCasts } from './cast-table.ts';
import { describeTarget, type TargetType } from './target-type.ts';

/**
 * What a cast does to the values of a column: lossless = every value arrives as it is · checked = a value arrives
 * as it is or its row is dirty · lossy = values lose something, so it must be allowed · impossible = no value can.
 */
export type CastClass = 'lossless' | 'checked' | 'lossy' | 'impossible';

/** A judgement with its reason, for `plan`. */
export interface CastJudgement {
  readonly class: CastClass;
  /** In words; empty for a lossless cast. */
  readonly reason: string;
}

/** Digits that every 64-bit float keeps, and every 32-bit one. */
const DOUBLE_DIGITS = 15;
const SINGLE_DIGITS = 6;

const LOSSLESS: CastJudgement = { class: 'lossless', reason: '' };
const checked = (reason: string): CastJudgement => ({ class: 'checked', reason });
const lossy = (reason: string): CastJudgement => ({ class: 'lossy', reason });

/** Judges a cast from what is known of the two sides before any row is read. */
export function classifyCast(source: Column, target: TargetType): CastJudgement {
  const facts = source.facts ?? {};
  if (!isPossible(source.type, target)) {
    return { class: 'impossible', reason: `${source.type} cannot become ${describeTarget(target)}` };
  }
  if (source.type === 'any') return checked(`each value must be a ${describeTarget(target)}`);
  switch (target.kind) {
    case 'long':
      return toLong(source.type, facts, target);
    case 'decimal':
      return toDecimal(source.type, facts, target);
    case 'double':
      return toDouble(source.type, facts, target);
    case 'string':
      return toText(source.type, facts, target);
    case 'bytes':
      return toBytes(facts, target.maxBytes);
    case 'bool':
      return source.type === 'bool' ? LOSSLESS : checked('only 0 and 1, true and false are booleans');
    case 'date':
    case 'time':
    case 'datetime':
      return toMoment(source.type, facts, target);
    case 'year':
      return checked('a year is 0 or 1901 to 2155');
    case 'json':
      return source.type === 'bool' ? LOSSLESS : checked('the text must be JSON');
    default:
      return source.type === 'bytes' ? checked('bytes must be UTF-8 text') : LOSSLESS;
  }
}

function isPossible(type: LogicalType, target: TargetType): boolean {
  const casts = formCasts({ type, zoned: false }, target, { timeZone: 'UTC' });
  return (type === 'bytes' ? casts.bytes : casts.text) !== undefined;
}

function toLong(
  type: LogicalType,
  facts: ColumnFacts,
  target: TargetType & { readonly kind: 'long' },
): CastJudgement {
  if (type === 'bool') return LOSSLESS;
  if (type === 'long')
    return integerFits(facts, target) ? LOSSLESS : checked('integers out of range are dirty');
  if (type === 'decimal' || type === 'double')
    return checked('numbers with a fraction or out of range are dirty');
  if (type === 'string') return checked('text that is no integer in range is dirty');
  return checked('milliseconds since 1970; digits beyond them are dirty');
}

function integerFits(facts: ColumnFacts, target: TargetType & { readonly kind: 'long' }): boolean {
  if (facts.width === undefined) return false;
  const bits = facts.width * 8;
  if (facts.unsigned) return target.unsigned ? bits <= target.bits : bits < target.bits;
  return !target.unsigned && bits <= target.bits;
}

function toDecimal(
  type: LogicalType,
  facts: ColumnFacts,
  target: TargetType & { readonly kind: 'decimal' },
): CastJudgement {
  const { precision, scale } = target;
  const unbounded = precision === undefined && scale === undefined;
  const whole = precision === undefined ? Number.POSITIVE_INFINITY : precision - (scale ?? 0);
  if (type === 'bool' && whole >= 1) return LOSSLESS;
  if (type === 'long' && (unbounded || integerDigits(facts) <= whole)) return LOSSLESS;
  if (type === 'decimal') {
    if (facts.precision === undefined)
      return unbounded ? LOSSLESS : checked('numbers with more digits are dirty');
    const from = facts.scale ?? 0;
    const fits = facts.precision - from <= whole && (unbounded || from <= (scale ?? 0));
    return fits ? LOSSLESS : checked('numbers with more digits are dirty');
  }
  return checked(`what is no ${describeTarget(target)} is dirty`);
}

/** Digits of the largest integer of a column. */
function integerDigits({ width }: ColumnFacts): number {
  return width === undefined ? Number.POSITIVE_INFINITY : String(2n ** BigInt(width * 8)).length;
}

function toDouble(
  type: LogicalType,
  facts: ColumnFacts,
  target: TargetType & { readonly kind: 'double' },
): CastJudgement {
  const digits = target.bits === 32 ? SINGLE_DIGITS : DOUBLE_DIGITS;
  switch (type) {
    case 'bool':
      return LOSSLESS;
    case 'long':
      return (facts.width ?? 8) * 8 <= target.bits / 2
        ? LOSSLESS
        : checked('integers that no float holds exactly are dirty');
    case 'decimal':
      return (facts.precision ?? Number.POSITIVE_INFINITY) <= digits
        ? LOSSLESS
        : lossy(`a ${target.bits}-bit float keeps ${digits} digits`);
    case 'double':
      if (target.bits === 32 && facts.width !== 4) return lossy('a 32-bit float rounds values of 64 bits');
      return target.specials ? LOSSLESS : checked('NaN and infinities are dirty');
    default:
      return checked('text that is no number is dirty');
  }
}

function toText(
  type: LogicalType,
  facts: ColumnFacts,
  target: TargetType & { readonly kind: 'string' },
): CastJudgement {
  if (type === 'bytes') return checked('bytes must be UTF-8 text');
  const bound = target.maxChars ?? target.maxBytes;
  if (type === 'string') {
    if (target.refusesNul) return checked('text with a zero character, or too long, is dirty');
    const inChars =
      facts.length !== undefined && facts.length <= (target.maxChars ?? Number.POSITIVE_INFINITY);
    const inBytes = target.maxBytes === undefined || (facts.length ?? Infinity) * 4 <= target.maxBytes;
    return bound === undefined || (inChars && inBytes) ? LOSSLESS : checked('longer text is dirty');
  }
  return bound === undefined ? LOSSLESS : checked('longer text is dirty');
}

function toBytes(facts: ColumnFacts, maxBytes: number | undefined): CastJudgement {
  if (maxBytes === undefined || (facts.length ?? Number.POSITIVE_INFINITY) <= maxBytes) return LOSSLESS;
  return checked('longer values are dirty');
}

function toMoment(
  type: LogicalType,
  facts: ColumnFacts,
  target: TargetType & { readonly kind: 'date' | 'time' | 'datetime' },
): CastJudgement {
  if (type === 'string') return checked(`text that is no ${target.kind} is dirty`);
  if (type === 'long') return checked('read as milliseconds since 1970');
  if (type === 'datetime' && target.kind !== 'datetime')
    return lossy(`a ${target.kind} has a part of a datetime only`);
  if (target.kind !== 'date' && type === target.kind) {
    if (facts.scale !== undefined && facts.scale > target.scale) {
      return lossy(`${target.scale} of ${facts.scale} digits of the second are kept`);
    }
    if (facts.scale === undefined) return checked('more digits of the second are dirty');
  }
  if (target.kind === 'time') return target.beyondDay ? LOSSLESS : checked('times beyond a day are dirty');
  if (target.kind === 'datetime' && target.zoned && !facts.zoned) {
    return checked("times that a clock change of the job's zone skips are dirty");
  }
  return target.wide ? LOSSLESS : checked('years beyond 0 to 9999 are dirty');
}
