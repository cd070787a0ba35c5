/**
 * One text for equal values, whatever notation a server answers in: `1.50` and `1.5`, `12:00:00.000` and `12:00:00`, a
 * padded CHAR and what was written to it. Both sides of a comparison go through it after the cast to the target's type.
 */
import type { TargetType } from '../convert/index.ts';
import { canonicalJson } from './canonical-json.ts';

/** Makes the canonical text of a cast value. */
export type Canonical = (text: string) => string;

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
      return trimmedNumber;
    case 'double':
      return target.bits === 32
        ? (text) => doubleText(Math.fround(Number(text)), text)
        : (text) => doubleText(Number(text), text);
    case 'time':
    case 'datetime':
      return withoutZeroFraction;
    case 'json':
      return canonicalJson;
    case 'string':
      return canonicalString(serverType);
    default:
      return same;
  }
}

const same: Canonical = (text) => text;

function canonicalString(serverType: string): Canonical | undefined {
  if (/^timestamp/i.test(serverType)) return same;
  if (OWN_NOTATION.test(serverType)) return undefined;
  if (PADDED_TEXT.test(serverType)) return (text) => text.replace(/ +$/, '');
  if (/^uuid$/i.test(serverType)) return (text) => text.toLowerCase().replaceAll(/[{}-]/g, '');
  // Members of MySQL's types are found in any case and answered as they were declared, those of a set in order.
  if (/^enum\b/i.test(serverType)) return (text) => text.toLowerCase();
  if (/^set\b/i.test(serverType)) return (text) => text.toLowerCase().split(',').sort().join(',');
  return same;
}

/** How bytes are compared: those of a fixed length are filled up with zeros. */
export const isPaddedBytes = (target: TargetType, serverType: string): boolean =>
  target.kind === 'bytes' && PADDED_BYTES.test(serverType);

/** `-0.500` → `-0.5`, `7.` → `7`, `-0` → `0`; words such as NaN stay. */
function trimmedNumber(text: string): string {
  const short = text.includes('.') ? text.replace(/\.?0*$/, '') : text;
  return /^-0*$/.test(short) || short === '' ? '0' : short;
}

function doubleText(value: number, text: string): string {
  if (Number.isNaN(value) && !/^nan$/i.test(text)) return text;
  return String(value === 0 ? 0 : value);
}

const withoutZeroFraction: Canonical = (text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
