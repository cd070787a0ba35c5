/** What a column of a target can hold. The kinds are those of relational databases and of typed files. */
export type TargetType =
  | { readonly kind: 'long'; readonly bits: 8 | 16 | 24 | 32 | 64; readonly unsigned: boolean }
  | {
      readonly kind: 'decimal';
      /** Digits in all; absent = no bound. */
      readonly precision?: number;
      /** Digits after the point; absent = no bound. */
      readonly scale?: number;
      /** Whether NaN, Infinity and -Infinity are values. */
      readonly specials?: boolean;
    }
  | { readonly kind: 'double'; readonly bits: 32 | 64; readonly specials?: boolean }
  | {
      readonly kind: 'string';
      /** Code points at most. */
      readonly maxChars?: number;
      /** Bytes of UTF-8 at most. */
      readonly maxBytes?: number;
      /** Whether a zero character is refused, as PostgreSQL does. */
      readonly refusesNul?: boolean;
    }
  | { readonly kind: 'bytes'; readonly maxBytes?: number }
  | { readonly kind: 'bool' }
  | {
      readonly kind: 'date';
      /** Whether moments of the source pass that have no four-digit year: `infinity`, BC, the year 12000. */
      readonly wide?: boolean;
    }
  | {
      readonly kind: 'time';
      readonly scale: number;
      /** Whether it is a length of time up to ±838:59:59, as in MySQL, and not only a time of day. */
      readonly beyondDay?: boolean;
      /** Whether 24:00:00 is a value, as in PostgreSQL. */
      readonly endOfDay?: boolean;
    }
  | {
      readonly kind: 'datetime';
      readonly scale: number;
      /** An instant: the target reads the text in the job's time zone. */
      readonly zoned: boolean;
      readonly wide?: boolean;
    }
  | { readonly kind: 'year' }
  | { readonly kind: 'json' }
  | { readonly kind: 'any' };

/** A target type in words, for type maps and dirty rows: `decimal(10,2)`, `unsigned 32-bit integer`. */
export function describeTarget(target: TargetType): string {
  switch (target.kind) {
    case 'long':
      return `${target.unsigned ? 'unsigned ' : ''}${target.bits}-bit integer`;
    case 'decimal':
      return describeDecimal(target.precision, target.scale);
    case 'double':
      return `${target.bits}-bit float`;
    case 'string':
      return target.maxChars === undefined ? 'text' : `text of ${target.maxChars} characters`;
    case 'bytes':
      return target.maxBytes === undefined ? 'bytes' : `${target.maxBytes} bytes`;
    case 'time':
      return `time(${target.scale})`;
    case 'datetime':
      return `${target.zoned ? 'instant' : 'datetime'}(${target.scale})`;
    default:
      return target.kind;
  }
}

function describeDecimal(precision: number | undefined, scale: number | undefined): string {
  if (precision === undefined) return scale === undefined ? 'decimal' : `decimal with scale ${scale}`;
  return `decimal(${precision},${scale ?? 0})`;
}
