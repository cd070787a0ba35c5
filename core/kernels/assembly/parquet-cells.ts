/**
 * The cells of one column of a row block → values in Parquet's PLAIN form, a column per call.
 *
 *     input    starts, ends   u32 per cell, row after row: where its bytes are, counted from `origin`
 *              forms          u8 per cell: 0 null, 1 text, 2 int64, 3 float64, 4 bytes, 5 bool
 *              refused        u8 per row: rows with 1 are left out
 *     output   levels         u8 per row: 1 with a value, 0 without
 *              values         one after the other; byte strings without a fixed length after their length in 4 bytes
 *              odd            u32 per row without a place in the column as it is: row << 3 | reason
 *
 * Where odd rows were found the other output is void. `extent` checks the ranges of the cells.
 */
import {
  CLOCK_BYTES,
  clock,
  DATE_BYTES,
  date,
  fraction,
  MOMENT_BYTES,
  moment,
  NO_TIME,
} from './parquet/civil';
import { decimal, high, low, setDecimal } from './parquet/decimal';
import { isNumber, natural, power, signed } from './parquet/digits';
import { copy, copyAscii, isUtf8 } from './parquet/text';

const NULL: u32 = 0;
const TEXT: u32 = 1;
const INT64: u32 = 2;
const FLOAT64: u32 = 3;
const BYTES: u32 = 4;
const BOOL: u32 = 5;
/** A row that is left out. */
const LEFT_OUT: u32 = 6;

/** Reasons: it needs a cast; out of range; too long or of another length; not UTF-8; null where none may be; a time that
 * clocks skip. */
const NEEDS_CAST: u32 = 1;
const OUT_OF_RANGE: u32 = 2;
const BAD_LENGTH: u32 = 3;
const NOT_UTF8: u32 = 4;
const IS_NULL: u32 = 5;
const IS_SKIPPED: u32 = 6;

/** Bytes of what `moments` leaves for each value. */
const MOMENT_RECORD_BYTES: usize = 16;

let origin: usize = 0;
let starts: usize = 0;
let ends: usize = 0;
let forms: usize = 0;
let columns: u32 = 0;
let rows: u32 = 0;
let refused: usize = 0;
let levels: usize = 0;
let values: usize = 0;
let odd: usize = 0;
let required: bool = false;
let nextLevel: usize = 0;
let nullCount: u32 = 0;
let nextOdd: usize = 0;

/** Where the memory is free. */
export function arena(): usize {
  return __heap_base;
}

/** Sets the rows that are converted. */
export function setRows(
  at: usize,
  startsAt: usize,
  endsAt: usize,
  formsAt: usize,
  width: u32,
  count: u32,
): void {
  origin = at;
  starts = startsAt;
  ends = endsAt;
  forms = formsAt;
  columns = width;
  rows = count;
}

/** Sets where the output goes, and which rows are left out. */
export function setOutput(refusedAt: usize, levelsAt: usize, valuesAt: usize, oddAt: usize): void {
  refused = refusedAt;
  levels = levelsAt;
  values = valuesAt;
  odd = oddAt;
}

let first: u32 = 0;
let last: u32 = 0;
let total: u64 = 0;

/** After `extent`: lowest start and highest end of the cells that are not empty, and the bytes of all together. */
export function firstByte(): u32 {
  return first;
}
export function lastByte(): u32 {
  return last;
}
export function cellBytes(): f64 {
  return <f64>total;
}

/** Finds the range of the cells' bytes. False if a cell ends before it starts. */
export function extent(): bool {
  const bytes = (<usize>(columns * rows)) << 2;
  let low = i32x4.splat(-1);
  let high = i32x4.splat(0);
  let wrong = i32x4.splat(0);
  let sum = i64x2.splat(0);
  // Behind the cells there is space, made to hold empty ones.
  v128.store(starts + bytes, i32x4.splat(0));
  v128.store(ends + bytes, i32x4.splat(0));
  for (let i: usize = 0; i < bytes; i += 16) {
    const start = v128.load(starts + i);
    const end = v128.load(ends + i);
    const empty = i32x4.eq(start, end);
    low = i32x4.min_u(low, v128.or(start, empty));
    high = i32x4.max_u(high, v128.andnot(end, empty));
    wrong = v128.or(wrong, i32x4.gt_u(start, end));
    const lengths = i32x4.sub(end, start);
    sum = i64x2.add(sum, i64x2.add(i64x2.extend_low_i32x4_u(lengths), i64x2.extend_high_i32x4_u(lengths)));
  }
  first = min(
    min(<u32>i32x4.extract_lane(low, 0), <u32>i32x4.extract_lane(low, 1)),
    min(<u32>i32x4.extract_lane(low, 2), <u32>i32x4.extract_lane(low, 3)),
  );
  last = max(
    max(<u32>i32x4.extract_lane(high, 0), <u32>i32x4.extract_lane(high, 1)),
    max(<u32>i32x4.extract_lane(high, 2), <u32>i32x4.extract_lane(high, 3)),
  );
  total = i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1);
  return !v128.any_true(wrong);
}

/** Rows with a level, those of them without a value, and odd rows, of the last call. */
export function levelCount(): u32 {
  return <u32>(nextLevel - levels);
}
export function nulls(): u32 {
  return nullCount;
}
export function oddCount(): u32 {
  return <u32>(nextOdd - odd) >> 2;
}

function begin(isRequired: bool): usize {
  required = isRequired;
  nextLevel = levels;
  nextOdd = odd;
  nullCount = 0;
  return values;
}

function startOf(cell: u32): usize {
  return origin + load<u32>(starts + ((<usize>cell) << 2));
}

function endOf(cell: u32): usize {
  return origin + load<u32>(ends + ((<usize>cell) << 2));
}

function refuse(row: u32, reason: u32): void {
  store<u32>(nextOdd, (row << 3) | reason);
  nextOdd += 4;
}

/** Writes the level of a row; returns the form of its cell. */
function take(row: u32, cell: u32): u32 {
  if (load<u8>(refused + row)) return LEFT_OUT;
  const form = <u32>load<u8>(forms + cell);
  const level: u32 = form !== NULL ? 1 : 0;
  if (level === 0) {
    nullCount++;
    if (required) refuse(row, IS_NULL);
  }
  store<u8>(nextLevel++, level);
  return form;
}

function isValue(form: u32): bool {
  return form - TEXT < LEFT_OUT - TEXT;
}

/** INT32 (`size` 4) and INT64 (8) of so many bits. */
export function integers(column: u32, isRequired: bool, bits: u32, isUnsigned: bool, size: u32): usize {
  let out = begin(isRequired);
  for (let row: u32 = 0, cell = column; row < rows; row++, cell += columns) {
    const form = take(row, cell);
    if (!isValue(form)) continue;
    const value = integer(row, cell, form, bits, isUnsigned);
    if (size === 4) store<u32>(out, <u32>value);
    else store<u64>(out, value);
    out += size;
  }
  return out;
}

function integer(row: u32, cell: u32, form: u32, bits: u32, isUnsigned: bool): u64 {
  const at = startOf(cell);
  if (form === INT64) {
    const value = load<u64>(at);
    const isNegative = <i64>value < 0;
    if ((isUnsigned && isNegative) || !holds(value, bits, isUnsigned)) refuse(row, OUT_OF_RANGE);
    return value;
  }
  if (form === TEXT) {
    const value = isUnsigned ? natural(at, endOf(cell)) : signed(at, endOf(cell));
    if (isNumber && holds(value, bits, isUnsigned)) return value;
  }
  refuse(row, NEEDS_CAST);
  return 0;
}

function holds(value: u64, bits: u32, isUnsigned: bool): bool {
  const spare = 64 - bits;
  return isUnsigned ? (value << spare) >> spare === value : <i64>(value << spare) >> spare === <i64>value;
}

/** DOUBLE. */
export function doubles(column: u32, isRequired: bool): usize {
  let out = begin(isRequired);
  for (let row: u32 = 0, cell = column; row < rows; row++, cell += columns) {
    const form = take(row, cell);
    if (!isValue(form)) continue;
    if (form !== FLOAT64) refuse(row, NEEDS_CAST);
    else store<u64>(out, load<u64>(startOf(cell)));
    out += 8;
  }
  return out;
}

/** BOOLEAN, a byte for each. */
export function bools(column: u32, isRequired: bool): usize {
  let out = begin(isRequired);
  for (let row: u32 = 0, cell = column; row < rows; row++, cell += columns) {
    const form = take(row, cell);
    if (!isValue(form)) continue;
    if (form !== BOOL) refuse(row, NEEDS_CAST);
    else store<u8>(out, load<u8>(startOf(cell)) ? 1 : 0);
    out++;
  }
  return out;
}

/** Refuses every value: columns whose values always need a cast. */
export function casts(column: u32, isRequired: bool): usize {
  const out = begin(isRequired);
  for (let row: u32 = 0, cell = column; row < rows; row++, cell += columns) {
    if (isValue(take(row, cell))) refuse(row, NEEDS_CAST);
  }
  return out;
}

/** BYTE_ARRAY of text, checked to be UTF-8, of at most `limit` bytes. */
export function texts(column: u32, isRequired: bool, limit: u32): usize {
  let out = begin(isRequired);
  for (let row: u32 = 0, cell = column; row < rows; row++, cell += columns) {
    const form = take(row, cell);
    if (!isValue(form)) continue;
    const at = startOf(cell);
    const length = <u32>(endOf(cell) - at);
    if (length > limit) refuse(row, BAD_LENGTH);
    else if (form !== TEXT) refuse(row, NEEDS_CAST);
    else {
      store<u32>(out, length);
      if (!copyAscii(out + 4, at, length) && !isUtf8(at, at + length)) refuse(row, NOT_UTF8);
      out += 4 + length;
    }
  }
  return out;
}

function put(out: usize, at: usize, length: u32): usize {
  store<u32>(out, length);
  copy(out + 4, at, length);
  return out + 4 + length;
}

/** BYTE_ARRAY of at most `limit` bytes. */
export function bytes(column: u32, isRequired: bool, limit: u32): usize {
  let out = begin(isRequired);
  for (let row: u32 = 0, cell = column; row < rows; row++, cell += columns) {
    const form = take(row, cell);
    if (!isValue(form)) continue;
    const at = startOf(cell);
    const length = <u32>(endOf(cell) - at);
    if (length > limit) refuse(row, BAD_LENGTH);
    else if (form !== BYTES && form !== TEXT) refuse(row, NEEDS_CAST);
    else out = put(out, at, length);
  }
  return out;
}

/** FIXED_LEN_BYTE_ARRAY of `size` bytes. */
export function fixedBytes(column: u32, isRequired: bool, size: u32): usize {
  let out = begin(isRequired);
  for (let row: u32 = 0, cell = column; row < rows; row++, cell += columns) {
    const form = take(row, cell);
    if (!isValue(form)) continue;
    const at = startOf(cell);
    if (form !== BYTES && form !== TEXT) refuse(row, NEEDS_CAST);
    else if (endOf(cell) - at !== size) refuse(row, BAD_LENGTH);
    else {
      copy(out, at, size);
      out += size;
    }
  }
  return out;
}

/** Decimals in INT32 (`size` 4), INT64 (8), or, `isFixed`, big-endian in `size` bytes. */
export function decimals(
  column: u32,
  isRequired: bool,
  precision: u32,
  scale: u32,
  size: u32,
  isFixed: bool,
): usize {
  let out = begin(isRequired);
  setDecimal(precision, scale);
  for (let row: u32 = 0, cell = column; row < rows; row++, cell += columns) {
    const form = take(row, cell);
    if (!isValue(form)) continue;
    if (form !== TEXT || !decimal(startOf(cell), endOf(cell))) refuse(row, NEEDS_CAST);
    else if (isFixed) storeBig(out, size);
    else if (size === 4) store<u32>(out, <u32>low);
    else store<u64>(out, low);
    out += size;
  }
  return out;
}

/** Stores the decimal's lowest `size` bytes, the highest of them first; those above 128 bits are its sign. */
function storeBig(at: usize, size: u32): void {
  let rest = size;
  for (; rest > 16; rest--) store<u8>(at++, <i64>high < 0 ? 0xff : 0);
  for (; rest > 8; rest--) store<u8>(at++, <u8>(high >> ((<u64>(rest - 9)) << 3)));
  for (; rest > 0; rest--) store<u8>(at++, <u8>(low >> ((<u64>(rest - 1)) << 3)));
}

/** INT32 of days. */
export function dates(column: u32, isRequired: bool): usize {
  let out = begin(isRequired);
  for (let row: u32 = 0, cell = column; row < rows; row++, cell += columns) {
    const form = take(row, cell);
    if (!isValue(form)) continue;
    const at = startOf(cell);
    const days = form === TEXT && endOf(cell) - at === DATE_BYTES ? date(at) : NO_TIME;
    if (days === NO_TIME) refuse(row, NEEDS_CAST);
    store<i32>(out, <i32>days);
    out += 4;
  }
  return out;
}

/** Times of the day, counted in 10^`places` a second, in INT32 (`size` 4) or INT64 (8). */
export function times(column: u32, isRequired: bool, places: u32, size: u32): usize {
  let out = begin(isRequired);
  for (let row: u32 = 0, cell = column; row < rows; row++, cell += columns) {
    const form = take(row, cell);
    if (!isValue(form)) continue;
    const at = startOf(cell);
    const end = endOf(cell);
    const isLong = form === TEXT && end - at >= CLOCK_BYTES;
    const seconds = isLong ? clock(at) : NO_TIME;
    const units = isLong ? fraction(at + CLOCK_BYTES, end, places) : NO_TIME;
    if (seconds === NO_TIME || units === NO_TIME) refuse(row, NEEDS_CAST);
    const value = seconds * <i64>power(places) + units;
    if (size === 4) store<i32>(out, <i32>value);
    else store<i64>(out, value);
    out += size;
  }
  return out;
}

/**
 * Moments, as records that `instants` makes values of: f64 seconds from 1970-01-01 00:00:00, u32 units after them,
 * u32 row. Odd rows have none.
 */
export function moments(column: u32, isRequired: bool, places: u32): usize {
  let out = begin(isRequired);
  for (let row: u32 = 0, cell = column; row < rows; row++, cell += columns) {
    const form = take(row, cell);
    if (!isValue(form)) continue;
    const at = startOf(cell);
    const end = endOf(cell);
    const isLong = form === TEXT && end - at >= MOMENT_BYTES;
    const seconds = isLong ? moment(at) : NO_TIME;
    const units = isLong ? fraction(at + MOMENT_BYTES, end, places) : NO_TIME;
    if (seconds === NO_TIME || units === NO_TIME) {
      refuse(row, NEEDS_CAST);
      continue;
    }
    store<f64>(out, <f64>seconds);
    store<u32>(out, <u32>units, 8);
    store<u32>(out, row, 12);
    out += MOMENT_RECORD_BYTES;
  }
  return out;
}

/** Makes INT64, counted in 10^`places` a second, of the records up to `end`. Seconds that are NaN do not exist. */
export function instants(end: usize, places: u32): usize {
  const factor = <i64>power(places);
  let out = values;
  for (let at = values; at < end; at += MOMENT_RECORD_BYTES) {
    const seconds = load<f64>(at);
    const units = <i64>load<u32>(at, 8);
    if (F64.isNaN(seconds)) refuse(load<u32>(at, 12), IS_SKIPPED);
    else if (!isWithin(<i64>seconds, units, factor)) refuse(load<u32>(at, 12), OUT_OF_RANGE);
    store<i64>(out, <i64>seconds * factor + units);
    out += 8;
  }
  return out;
}

/** Whether 64 bits hold seconds × factor + units. */
function isWithin(seconds: i64, units: i64, factor: i64): bool {
  if (seconds >= 0) return seconds <= (i64.MAX_VALUE - units) / factor;
  // -(n + 1) seconds and u units are -(n seconds and factor - u units).
  const whole = seconds + 1;
  return whole >= i64.MIN_VALUE / factor && whole * factor >= i64.MIN_VALUE + (factor - units);
}
