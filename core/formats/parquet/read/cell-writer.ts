import { isUtf8 } from 'node:buffer';
import { ZoneClock } from '../../../convert/zone-clock.ts';
import { Form } from '../../../types/index.ts';
import type { ByteBuffer } from '../../byte-buffer.ts';
import { MAX_INT64_TEXT_BYTES, writeInt64 } from '../../integer-text.ts';
import { UNIT_DIGITS } from '../parquet-column.ts';
import type { BlockFill } from './block-fill.ts';
import { wellFormed } from './damage.ts';
import type { FileColumn } from './file-column.ts';
import { appendClock, appendDate, appendDatetime, DAY_SECONDS } from './moment-text.ts';

/** Writes the stored value `source[from .. to)` as a cell of a block. */
export type CellWriter = (source: Buffer, from: number, to: number, block: BlockFill, cell: number) => void;

const TWO_32 = 0x1_0000_0000;
const MINUS = 0x2d;
const ZERO = 0x30;
const DOT = 0x2e;
const BILLION = 1e9;
/** 1970-01-01 as a Julian day. */
const EPOCH_JULIAN_DAY = 2_440_588;
/** Bytes of a decimal at most: some 300 digits. */
const MAX_DECIMAL_BYTES = 128;

/** The writer of a column's cells. `timeZone` is that in which instants are shown. */
export function cellWriter(column: FileColumn, timeZone: string): CellWriter {
  const { meaning, type } = column;
  switch (meaning.kind) {
    case 'bool':
      return copyAs(Form.bool);
    case 'integer':
      return integerWriter(type === 'INT32', meaning.signed);
    case 'double':
      return type === 'FLOAT' ? writeFloat : copyAs(Form.float64);
    case 'string':
      return writeText;
    case 'bytes':
      return copyAs(Form.bytes);
    case 'uuid':
      return writeUuid;
    case 'date':
      return writeDate;
    case 'decimal':
      return decimalWriter(type === 'INT32' || type === 'INT64', meaning.scale);
    case 'time':
      return timeWriter(UNIT_DIGITS[meaning.unit], type === 'INT32');
    case 'timestamp':
      return timestampWriter(UNIT_DIGITS[meaning.unit], meaning.utc ? new ZoneClock(timeZone) : undefined);
    case 'int96':
      return int96Writer(new ZoneClock(timeZone));
    default:
      return meaning satisfies never;
  }
}

function copyAs(form: typeof Form.bool | typeof Form.float64 | typeof Form.bytes): CellWriter {
  return (source, from, to, block, cell) => {
    const start = block.out.length;
    copy(source, from, to, block.out);
    block.set(cell, form, start);
  };
}

/** Text that is not UTF-8 stays bytes, so that whoever needs text refuses the row. */
const writeText: CellWriter = (source, from, to, block, cell) => {
  const start = block.out.length;
  const isText = copy(source, from, to, block.out) < 0x80 || isUtf8(source.subarray(from, to));
  block.set(cell, isText ? Form.text : Form.bytes, start);
};

/** Copies bytes; returns all of them or-ed. */
function copy(source: Buffer, from: number, to: number, out: ByteBuffer): number {
  const bytes = out.reserve(to - from);
  let at = out.length;
  let seen = 0;
  for (let i = from; i < to; i++) {
    const byte = source[i]!;
    seen |= byte;
    bytes[at++] = byte;
  }
  out.length = at;
  return seen;
}

/** Unsigned 64-bit integers beyond 2^63 travel as digits. */
function integerWriter(isNarrow: boolean, signed: boolean): CellWriter {
  return (source, from, _to, block, cell) => {
    const { out } = block;
    const start = out.length;
    const low = readWord(source, from);
    const high = isNarrow ? (signed ? low >> 31 : 0) : readWord(source, from + 4);
    if (!isNarrow && !signed && high < 0) {
      out.reserve(MAX_INT64_TEXT_BYTES);
      out.length += out.bytes.write(String(source.readBigUInt64LE(from)), start, 'latin1');
      block.set(cell, Form.text, start);
      return;
    }
    out.reserve(8);
    out.bytes.writeInt32LE(low, start);
    out.bytes.writeInt32LE(high, start + 4);
    out.length += 8;
    block.set(cell, Form.int64, start);
  };
}

const writeFloat: CellWriter = (source, from, _to, block, cell) => {
  const start = block.out.length;
  block.out.reserve(8).writeDoubleLE(source.readFloatLE(from), start);
  block.out.length += 8;
  block.set(cell, Form.float64, start);
};

const writeUuid: CellWriter = (source, from, to, block, cell) => {
  const start = block.out.length;
  const hex = source.toString('hex', from, to);
  const text = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
    '-',
  );
  block.out.append(Buffer.from(text, 'latin1'));
  block.set(cell, Form.text, start);
};

const writeDate: CellWriter = (source, from, _to, block, cell) => {
  const start = block.out.length;
  appendDate(readWord(source, from), block.out);
  block.set(cell, Form.text, start);
};

/** Unscaled integers: little-endian of 4 or 8 bytes, or big-endian of any length. */
function decimalWriter(isWord: boolean, scale: number): CellWriter {
  const digits = Buffer.alloc(MAX_INT64_TEXT_BYTES);
  const word = Buffer.alloc(8);
  return (source, from, to, block, cell) => {
    const start = block.out.length;
    const length = to - from;
    if (length <= 8) {
      // Big-endian bytes are turned around; the sign fills what is missing.
      const sign = (isWord ? source[to - 1]! : (source[from] ?? 0)) >= 0x80 ? 0xff : 0;
      for (let i = 0; i < 8; i++) word[i] = i >= length ? sign : source[isWord ? from + i : to - 1 - i]!;
      appendDecimal(digits, 0, writeInt64(word, 0, digits, 0), scale, block.out);
    } else {
      wellFormed(length <= MAX_DECIMAL_BYTES, `a decimal has ${length} bytes`);
      const unsigned = BigInt(`0x${source.toString('hex', from, to)}`);
      const text = Buffer.from(String(BigInt.asIntN(8 * length, unsigned)), 'latin1');
      appendDecimal(text, 0, text.length, scale, block.out);
    }
    block.set(cell, Form.text, start);
  };
}

/** Appends `-?` digits with the point before the last `scale` of them. */
function appendDecimal(digits: Buffer, from: number, to: number, scale: number, out: ByteBuffer): void {
  const bytes = out.reserve(to - from + scale + 3);
  let at = out.length;
  let next = from;
  if (digits[next] === MINUS) bytes[at++] = digits[next++]!;
  const whole = to - next - scale;
  if (whole <= 0) bytes[at++] = ZERO;
  for (let i = 0; i < whole; i++) bytes[at++] = digits[next++]!;
  if (scale > 0) {
    bytes[at++] = DOT;
    for (let i = whole; i < 0; i++) bytes[at++] = ZERO;
    while (next < to) bytes[at++] = digits[next++]!;
  }
  out.length = at;
}

function timeWriter(digits: number, isNarrow: boolean): CellWriter {
  const moment = new SplitMoment(10 ** digits);
  return (source, from, _to, block, cell) => {
    const start = block.out.length;
    const low = readWord(source, from);
    moment.split(low, isNarrow ? low >> 31 : readWord(source, from + 4));
    wellFormed(moment.seconds >= 0 && moment.seconds < DAY_SECONDS, 'a time is not within a day');
    appendClock(moment.seconds, moment.units, digits, block.out);
    block.set(cell, Form.text, start);
  };
}

function timestampWriter(digits: number, clock: ZoneClock | undefined): CellWriter {
  const moment = new SplitMoment(10 ** digits);
  return (source, from, _to, block, cell) => {
    const start = block.out.length;
    moment.split(readWord(source, from), readWord(source, from + 4));
    const seconds = clock ? clock.civilAt(moment.seconds) : moment.seconds;
    appendDatetime(seconds, moment.units, digits, block.out);
    block.set(cell, Form.text, start);
  };
}

/** Nanoseconds of the day in 8 bytes and the Julian day in 4, an instant as Spark and Hive write it. */
function int96Writer(clock: ZoneClock): CellWriter {
  const moment = new SplitMoment(BILLION);
  return (source, from, _to, block, cell) => {
    const start = block.out.length;
    moment.split(readWord(source, from), readWord(source, from + 4));
    const days = readWord(source, from + 8) - EPOCH_JULIAN_DAY;
    appendDatetime(clock.civilAt(days * DAY_SECONDS + moment.seconds), moment.units, 9, block.out);
    block.set(cell, Form.text, start);
  };
}

/** A count of units as whole seconds and units after them. */
class SplitMoment {
  readonly #perSecond: number;
  seconds = 0;
  units = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Takes the 64-bit count of these words. */
  split(low: number, high: number): void {
    const count = high * TWO_32 + (low >>> 0);
    if (!Number.isSafeInteger(count)) {
      this.#splitLarge((BigInt(high) << 32n) + BigInt(low >>> 0));
      return;
    }
    this.seconds = Math.floor(count / this.#perSecond);
    this.units = count - this.seconds * this.#perSecond;
  }

  #splitLarge(count: bigint): void {
    const perSecond = BigInt(this.#perSecond);
    const rest = ((count % perSecond) + perSecond) % perSecond;
    this.units = Number(rest);
    this.seconds = Number((count - rest) / perSecond);
  }
}

/** The signed little-endian word at `at`. */
const readWord = (source: Uint8Array, at: number): number =>
  source[at]! | (source[at + 1]! << 8) | (source[at + 2]! << 16) | (source[at + 3]! << 24);
