import { type CivilFields, DatePattern } from '../../formats/index.ts';
import type { CellValue, LogicalType } from '../../types/index.ts';
import type { CellRandom } from './random-source.ts';

/** Types of generated columns, as DataX names them. */
export const GENERATED_TYPES = ['string', 'long', 'bool', 'double', 'date', 'bytes'] as const;
/** One of `GENERATED_TYPES`. */
export type GeneratedType = (typeof GENERATED_TYPES)[number];

/** Makes the cells of one column. */
export interface CellSource {
  readonly type: LogicalType;
  /** For the type map of a plan. */
  readonly description: string;
  /** The cell; sources of constants do not ask for randomness. */
  readonly make: (random: () => CellRandom) => CellValue;
}

/** DataX's default for text that becomes a date. */
export const DEFAULT_DATE_FORMAT = 'yyyy-MM-dd HH:mm:ss';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Longest generated text or byte cell. */
const MAX_LENGTH = 65_536;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MS_PER_DAY = 86_400_000;

const LOGICAL: Readonly<Record<GeneratedType, LogicalType>> = {
  string: 'string',
  long: 'long',
  bool: 'bool',
  double: 'double',
  date: 'datetime',
  bytes: 'bytes',
};

/** A column of one value. @throws RangeError with words for the person if the value does not fit the type. */
export function constantSource(type: GeneratedType, value: string, dateFormat: string): CellSource {
  const cell = constantCell(type, value, dateFormat);
  return { type: LOGICAL[type], description: `${type} constant`, make: () => cell };
}

function constantCell(type: GeneratedType, value: string, dateFormat: string): CellValue {
  switch (type) {
    case 'string':
      return value;
    case 'bytes':
      return Buffer.from(value, 'utf8');
    case 'bool':
      return value.toLowerCase() === 'true';
    case 'long':
      return parseLong(value);
    case 'double':
      return parseDouble(value);
    case 'date':
      return datetimeText(parseMoment(value, dateFormat));
    default:
      return type satisfies never;
  }
}

/**
 * A column of random values from `a,b`: numbers and dates between the two, text and bytes of a length between
 * them, bools true and false in this ratio. @throws RangeError with words for the person.
 */
export function randomSource(type: GeneratedType, bounds: string, dateFormat: string): CellSource {
  const [low, high, ...rest] = bounds.split(',').map((part) => part.trim());
  if (low === undefined || high === undefined || rest.length > 0)
    throw new RangeError('needs two values `a,b`');
  const make = randomMaker(type, low, high, dateFormat);
  return { type: LOGICAL[type], description: `${type} random ${bounds}`, make: (random) => make(random()) };
}

function randomMaker(
  type: GeneratedType,
  low: string,
  high: string,
  dateFormat: string,
): (random: CellRandom) => CellValue {
  switch (type) {
    case 'long': {
      const [from, to] = ordered(parseLong(low), parseLong(high));
      return (random) => random.integer(from, to);
    }
    case 'double': {
      const [from, to] = ordered(parseDouble(low), parseDouble(high));
      return (random) => from + random.fraction() * (to - from);
    }
    case 'date': {
      const [from, to] = ordered(parseMoment(low, dateFormat), parseMoment(high, dateFormat));
      return (random) => datetimeText(Number(random.integer(BigInt(from), BigInt(to))));
    }
    case 'bool': {
      const odds = parseLength(low);
      const all = odds + parseLength(high);
      if (all === 0) throw new RangeError('needs a ratio other than 0,0');
      return (random) => random.fraction() * all < odds;
    }
    case 'string':
      return randomText(parseLength(low), parseLength(high));
    case 'bytes':
      return randomBytes(parseLength(low), parseLength(high));
    default:
      return type satisfies never;
  }
}

function randomText(low: number, high: number): (random: CellRandom) => string {
  const [from, to] = ordered(low, high);
  return (random) => {
    let text = '';
    for (let left = lengthBetween(random, from, to); left > 0; left--) {
      text += LETTERS[random.next() % LETTERS.length];
    }
    return text;
  };
}

function randomBytes(low: number, high: number): (random: CellRandom) => Uint8Array {
  const [from, to] = ordered(low, high);
  return (random) => Uint8Array.from({ length: lengthBetween(random, from, to) }, () => random.next() & 255);
}

const lengthBetween = (random: CellRandom, from: number, to: number): number =>
  from + Math.floor(random.fraction() * (to - from + 1));

function ordered<T extends number | bigint>(low: T, high: T): [T, T] {
  if (low > high) throw new RangeError('has its larger value first');
  return [low, high];
}

function parseLong(text: string): bigint {
  if (!/^[+-]?\d{1,19}$/.test(text)) throw new RangeError('is not a whole number of 64 bits');
  const value = BigInt(text.replace(/^\+/, ''));
  if (value < MIN_INT64 || value > MAX_INT64) throw new RangeError('is not a whole number of 64 bits');
  return value;
}

function parseDouble(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new RangeError('is not a number');
  return value;
}

function parseLength(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > MAX_LENGTH)
    throw new RangeError(`is not a whole number up to ${MAX_LENGTH}`);
  return value;
}

/** Milliseconds on a civil clock without a zone. */
function parseMoment(text: string, dateFormat: string): number {
  const fields = new DatePattern(dateFormat).parse(text);
  if (!fields) throw new RangeError(`is not a date like \`${dateFormat}\``);
  const { year, month, day, hour, minute, second, milli } = fields;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + milli;
}

const DATETIME = new DatePattern('yyyy-MM-dd HH:mm:ss');

function datetimeText(moment: number): string {
  const date = new Date(Math.floor(moment / MS_PER_DAY) * MS_PER_DAY);
  const ofDay = moment - date.getTime();
  const fields: CivilFields = {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: Math.floor(ofDay / 3_600_000),
    minute: Math.floor(ofDay / 60_000) % 60,
    second: Math.floor(ofDay / 1000) % 60,
    milli: ofDay % 1000,
  };
  const text = DATETIME.format(fields);
  return fields.milli === 0 ? text : `${text}.${String(fields.milli).padStart(3, '0')}`;
}
