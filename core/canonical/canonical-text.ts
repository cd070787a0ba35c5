/**
 * One text for equal values, whatever notation a server answers in: `1.50` and `1.5`, `12:00:00.000` and `12:00:00`, a
 * padded CHAR and what was written to it. Both sides of a comparison go through it after the cast to the target's type.
 */
import type { TargetType } from '../convert/index.ts';
import { canonicalJson } from './canonical-json.ts';

/** How the bytes of a cast value become canonical: cut at their end, or as text made anew. */
export type Canonical =
  | { readonly cut: (bytes: Uint8Array, start: number, end: number) => number }
  | { readonly text: (text: string) => string };

const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const BLANK = 0x20;

/** Types whose values the server writes in a notation of its own, other than what was given to it. */
const OWN_NOTATION =
  /\[\]$|^(interval|inet|cidr|macaddr8?|money|xml|bit|varbit|bit varying|box|line|lseg|path|point|polygon|circle|tsvector|tsquery|hstore|timetz|inet4|inet6)\b|range$|with time zone$/i;

/** Types that are filled up to their length. */
const PADDED_TEXT = /^(char|character|bpchar|nchar)\b(?! varying)/i;
const PADDED_BYTES = /^binary\b/i;

/** The canonical form of a column; `undefined` where the server's notation is its own. */
export function canonicalOf(target: TargetType, serverType: string): Canonical | undefined {
  switch (target.kind) {
    case 'decimal':
    case 'time':
    case 'datetime':
      return withoutZeroFraction;
    case 'double':
      return target.bits === 32 ? single : double;
    case 'json':
      return { text: canonicalJson };
    case 'string':
      return canonicalString(serverType);
    case 'bytes':
      return PADDED_BYTES.test(serverType) ? without(0) : same;
    default:
      return same;
  }
}

const same: Canonical = { cut: (_bytes, _start, end) => end };

/** The value without such bytes at its end. */
const without = (padding: number): Canonical => ({
  cut(bytes, start, end) {
    let at = end;
    while (at > start && bytes[at - 1] === padding) at--;
    return at;
  },
});

function canonicalString(serverType: string): Canonical | undefined {
  if (OWN_NOTATION.test(serverType)) return undefined;
  if (PADDED_TEXT.test(serverType)) return without(BLANK);
  if (/^uuid$/i.test(serverType)) return { text: (text) => text.toLowerCase().replaceAll(/[{}-]/g, '') };
  // Members of MySQL's types are found in any case and answered as they were declared, those of a set in order.
  if (/^enum\b/i.test(serverType)) return { text: (text) => text.toLowerCase() };
  if (/^set\b/i.test(serverType)) return { text: (text) => text.toLowerCase().split(',').sort().join(',') };
  return same;
}

/** `-0.500` → `-0.5`, `7.` → `7`, `12:00:00.000` → `12:00:00`; without a point nothing changes. */
const withoutZeroFraction: Canonical = {
  cut(bytes, start, end) {
    let at = end;
    while (at > start && bytes[at - 1] === ZERO) at--;
    if (at > start && bytes[at - 1] === DOT) return at - 1;
    for (let i = start; i < at; i++) if (bytes[i] === DOT) return at;
    return end;
  },
};

/** Where a number begins when zero has no sign. */
export const afterSignOfZero = (bytes: Uint8Array, start: number, end: number): number =>
  end - start === 2 && bytes[start] === MINUS && bytes[start + 1] === ZERO ? start + 1 : start;

const double: Canonical = { text: (text) => doubleText(Number(text), text) };
const single: Canonical = { text: (text) => doubleText(Math.fround(Number(text)), text) };

function doubleText(value: number, text: string): string {
  if (Number.isNaN(value) && !/^nan$/i.test(text)) return text;
  return String(value === 0 ? 0 : value);
}
