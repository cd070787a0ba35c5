/**
 * Which cells of a column plainly are what the target holds, so that they need no caster: digits in range, dates of the
 * calendar, text that fits. The kernel looks at each of them, and leaves to the caster, which is exact and slower,
 * whatever it is not sure of; so a lane never refuses, and never lets anything through that the caster would not.
 */
import type { TargetType } from '../../convert/index.ts';
import type { Column, LogicalType } from '../../types/index.ts';

/** Numbers of the lanes in core/kernels/assembly/notation/lanes.ts, where their bounds are told. */
const LANES = {
  text: 1,
  integer: 2,
  decimal: 3,
  date: 4,
  time: 5,
  datetime: 6,
  bytes: 7,
  boolean: 8,
} as const;

/** A short way past the caster. */
export interface Lane {
  readonly code: (typeof LANES)[keyof typeof LANES];
  /** Infinity = no bound. */
  readonly first: number;
  readonly second: number;
  /** Of integers: the greatest, and the least without its sign. */
  readonly greatest?: bigint;
  readonly least?: bigint;
}

/** Digits that fit an integer of so many bits whatever they are. */
const SAFE_DIGITS: Readonly<Record<number, number>> = { 8: 2, 16: 4, 24: 6, 32: 9, 64: 18 };

/** The lane of a column, if there is one. */
export function laneOf(source: Column, target: TargetType): Lane | undefined {
  switch (target.kind) {
    case 'string':
      return lane('text', target.maxChars ?? Infinity, target.maxBytes ?? Infinity);
    case 'bytes':
      return lane('bytes', 0, target.maxBytes ?? Infinity);
    case 'bool':
      return lane('boolean', source.type === 'long' ? 1 : 0);
    case 'long':
    case 'decimal':
      return numberLane(source.type, target);
    case 'date':
    case 'time':
    case 'datetime':
      return isMoment(source.type) || isText(source.type) ? momentLane(source, target) : undefined;
    default:
      return undefined;
  }
}

const lane = (name: keyof typeof LANES, first = 0, second = 0): Lane => ({
  code: LANES[name],
  first,
  second,
});

const isText = (type: LogicalType): boolean => type === 'string' || type === 'any';
const isNumber = (type: LogicalType): boolean => type === 'long' || type === 'decimal' || type === 'double';
const isMoment = (type: LogicalType): boolean => type === 'date' || type === 'time' || type === 'datetime';

function numberLane(
  source: LogicalType,
  target: TargetType & { readonly kind: 'long' | 'decimal' },
): Lane | undefined {
  if (source === 'bool' && target.kind === 'long') return lane('boolean');
  if (!isNumber(source) && !isText(source)) return undefined;
  if (target.kind === 'long') return integerLane(target.bits, target.unsigned);
  const { precision, scale } = target;
  if (precision === undefined) return lane('decimal', Infinity, scale ?? Infinity);
  return lane('decimal', Math.max(0, precision - (scale ?? 0)), scale ?? 0);
}

function integerLane(bits: number, unsigned: boolean): Lane {
  const half = 1n << BigInt(bits - 1);
  const [greatest, least] = unsigned ? [2n * half - 1n, 0n] : [half - 1n, half];
  return { ...lane('integer', SAFE_DIGITS[bits]!), greatest, least };
}

/** A wall-clock reading that becomes an instant can hit a gap of the clock: no lane. */
function momentLane(
  source: Column,
  target: TargetType & { readonly kind: 'date' | 'time' | 'datetime' },
): Lane | undefined {
  if (target.kind === 'date') return lane('date');
  if (target.kind === 'time') return lane('time', target.scale);
  return target.zoned && !(source.facts?.zoned ?? false) ? undefined : lane('datetime', target.scale);
}
