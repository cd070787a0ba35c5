import { isUtf8 } from 'node:buffer';
import { CastCell, type Caster, createCaster } from '../../convert/index.ts';
import { ZoneClock } from '../../convert/zone-clock.ts';
import { assert, type Code } from '../../errors/index.ts';
import { type Column, Form, type RowBlock } from '../../types/index.ts';
import { CivilNumber, NO_MOMENT, readDate } from './civil-number.ts';
import { DecimalNumber } from './decimal-number.ts';
import { castTarget, type ParquetColumn, UNIT_DIGITS } from './parquet-column.ts';
import type { Slice } from './slice.ts';
import { Words } from './words.ts';

/** Bytes of one value at most. */
export const MAX_VALUE_BYTES = 64 * 1024 * 1024;

/** Converts the cells of one column. Cells that are not in the usual form of the column go through a cast. */
export interface CellConverter {
  /** Puts a cell that is not null into the slice, or says why it has no place in the column. */
  convert(block: RowBlock, cell: number, slice: Slice, row: number): Code | undefined;
}

/** Reads a value from its canonical bytes into the slice; false if they are in another form. */
type Take = (source: Uint8Array, from: number, to: number, slice: Slice, row: number) => boolean;

/** The converter of a column. `timeZone` is that of wall-clock readings that become instants. */
export function createConverter(source: Column, column: ParquetColumn, timeZone: string): CellConverter {
  const caster = createCaster(source, castTarget(column), { timeZone });
  const { annotation, physical } = column;
  switch (annotation.kind) {
    case 'string':
      return new TextConverter(caster);
    case 'json':
      return new BytesConverter(caster, undefined, false);
    case 'date':
      return new ParsingConverter(caster, takeDate);
    case 'time':
      return new ParsingConverter(caster, timeTaker(UNIT_DIGITS[annotation.unit], physical === 'INT32'));
    case 'timestamp':
      return new TimestampConverter(
        caster,
        UNIT_DIGITS[annotation.unit],
        annotation.utc ? timeZone : undefined,
      );
    case 'decimal':
      return new ParsingConverter(caster, decimalTaker(annotation.precision, annotation.scale, column));
    case 'integer':
      return new IntegerConverter(caster, annotation.bits, !annotation.signed, physical === 'INT32');
    case 'none':
      return plainConverter(caster, column);
    default:
      return annotation satisfies never;
  }
}

function plainConverter(caster: Caster, { physical, length }: ParquetColumn): CellConverter {
  switch (physical) {
    case 'BOOLEAN':
      return new BoolConverter(caster);
    case 'INT32':
    case 'INT64':
      return new IntegerConverter(caster, physical === 'INT32' ? 32 : 64, false, physical === 'INT32');
    case 'DOUBLE':
      return new DoubleConverter(caster);
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      return new BytesConverter(caster, length, true);
    default:
      return physical satisfies never;
  }
}

/** Text in the usual form is parsed in place; anything else is cast first. */
class ParsingConverter implements CellConverter {
  readonly #caster: Caster;
  readonly #take: Take;
  readonly #cast = new CastCell();

  constructor(caster: Caster, take: Take) {
    this.#caster = caster;
    this.#take = take;
  }

  convert(block: RowBlock, cell: number, slice: Slice, row: number): Code | undefined {
    const { starts, ends, bytes } = block;
    if (block.forms[cell] === Form.text && this.#take(bytes, starts[cell]!, ends[cell]!, slice, row))
      return undefined;
    const code = this.#caster.cast(block, cell, this.#cast);
    if (code) return code;
    const { bytes: cast, start, end } = this.#cast;
    return this.#take(cast, start, end, slice, row) ? undefined : 'CNV-3011';
  }
}

const takeDate: Take = (source, from, to, slice, row) => {
  const days = to - from === 10 ? readDate(source, from, to) : NO_MOMENT;
  if (days === NO_MOMENT) return false;
  slice.setWords(row, days, days >> 31);
  return true;
};

function timeTaker(digits: number, isNarrow: boolean): Take {
  const time = new CivilNumber();
  const words = new Words();
  return (source, from, to, slice, row) => {
    if (!time.readTime(source, from, to, digits)) return false;
    words.setProduct(time.seconds, 10 ** digits, time.units);
    slice.setWords(row, words.low, isNarrow ? words.low >> 31 : words.high);
    return true;
  };
}

function decimalTaker(precision: number, scale: number, { physical, length = 0 }: ParquetColumn): Take {
  const decimal = new DecimalNumber(precision, scale);
  const bytes = Buffer.alloc(length);
  return (source, from, to, slice, row) => {
    if (!decimal.read(source, from, to)) return false;
    const { low, high } = decimal.words;
    if (physical === 'INT64') slice.setWords(row, low, high);
    else if (physical === 'INT32') slice.setWords(row, low, low >> 31);
    else {
      decimal.write(bytes, 0, length);
      slice.setCopy(row, bytes);
    }
    return true;
  };
}

/** Moments since 1970-01-01 00:00:00, of the wall clock or of UTC. */
class TimestampConverter implements CellConverter {
  readonly #caster: Caster;
  readonly #digits: number;
  readonly #clock: ZoneClock | undefined;
  readonly #cast = new CastCell();
  readonly #moment = new CivilNumber();
  readonly #words = new Words();

  constructor(caster: Caster, digits: number, zone: string | undefined) {
    this.#caster = caster;
    this.#digits = digits;
    this.#clock = zone === undefined ? undefined : new ZoneClock(zone);
  }

  convert(block: RowBlock, cell: number, slice: Slice, row: number): Code | undefined {
    const moment = this.#moment;
    const isUsual =
      block.forms[cell] === Form.text &&
      moment.readDatetime(block.bytes, block.starts[cell]!, block.ends[cell]!, this.#digits);
    if (!isUsual) {
      const code = this.#caster.cast(block, cell, this.#cast);
      if (code) return code;
      const { bytes, start, end } = this.#cast;
      if (!moment.readDatetime(bytes, start, end, this.#digits)) return 'CNV-3013';
    }
    const seconds = this.#clock ? this.#clock.instantOf(moment.seconds) : moment.seconds;
    if (seconds === undefined) return 'CNV-3014';
    if (!this.#setUnits(seconds, moment.units)) return 'CNV-3011';
    slice.setWords(row, this.#words.low, this.#words.high);
    return undefined;
  }

  /** The units since the epoch; false if 64 bits do not hold them. */
  #setUnits(seconds: number, units: number): boolean {
    const words = this.#words;
    const factor = 10 ** this.#digits;
    if (seconds >= 0) return words.setProduct(seconds, factor, units) && words.high >= 0;
    // -(n + 1) seconds and u units are -(n seconds and factor - u units).
    if (!words.setProduct(-seconds - 1, factor, factor - units)) return false;
    words.negate();
    return words.high < 0;
  }
}

/** INT32 and INT64, signed or not. */
class IntegerConverter implements CellConverter {
  readonly #caster: Caster;
  readonly #unsigned: boolean;
  readonly #spareBits: number;
  readonly #isWide: boolean;
  readonly #isNarrow: boolean;
  readonly #words = new Words();
  readonly #cast = new CastCell();

  constructor(caster: Caster, bits: number, unsigned: boolean, isNarrow: boolean) {
    this.#caster = caster;
    this.#unsigned = unsigned;
    this.#isWide = bits === 64;
    this.#isNarrow = isNarrow;
    this.#spareBits = 32 - Math.min(bits, 32);
  }

  convert(block: RowBlock, cell: number, slice: Slice, row: number): Code | undefined {
    const start = block.starts[cell]!;
    const form = block.forms[cell];
    if (form === Form.int64) {
      this.#words.read(block.bytes, start);
      if (!this.#holds(this.#words.high < 0)) return 'CNV-3011';
    } else if (form !== Form.text || !this.#parse(block.bytes, start, block.ends[cell]!)) {
      const code = this.#caster.cast(block, cell, this.#cast);
      if (code) return code;
      const { bytes, start: from, end } = this.#cast;
      if (!this.#parse(bytes, from, end)) return 'CNV-3011';
    }
    const { low, high } = this.#words;
    slice.setWords(row, low, this.#isNarrow ? low >> 31 : high);
    return undefined;
  }

  #parse(source: Uint8Array, from: number, to: number): boolean {
    const words = this.#words;
    if (this.#unsigned) return words.setDigits(source, from, to) && this.#holds(false);
    return words.setSigned(source, from, to) && this.#holds(words.high < 0);
  }

  #holds(negative: boolean): boolean {
    const { low, high } = this.#words;
    if (this.#unsigned && negative) return false;
    if (this.#isWide) return true;
    if (this.#unsigned) return high === 0 && (low << this.#spareBits) >>> this.#spareBits === low >>> 0;
    return high === low >> 31 && (low << this.#spareBits) >> this.#spareBits === low;
  }
}

/** DOUBLE: the bytes of a double, or the double nearest to a text. */
class DoubleConverter implements CellConverter {
  readonly #caster: Caster;
  readonly #words = new Words();
  readonly #cast = new CastCell();
  readonly #bytes = Buffer.alloc(8);

  constructor(caster: Caster) {
    this.#caster = caster;
  }

  convert(block: RowBlock, cell: number, slice: Slice, row: number): Code | undefined {
    if (block.forms[cell] === Form.float64) {
      this.#words.read(block.bytes, block.starts[cell]!);
    } else {
      const code = this.#caster.cast(block, cell, this.#cast);
      if (code) return code;
      this.#bytes.writeDoubleLE(Number(this.#cast.text()));
      this.#words.read(this.#bytes, 0);
    }
    slice.setWords(row, this.#words.low, this.#words.high);
    return undefined;
  }
}

/** BOOLEAN. */
class BoolConverter implements CellConverter {
  readonly #caster: Caster;
  readonly #cast = new CastCell();

  constructor(caster: Caster) {
    this.#caster = caster;
  }

  convert(block: RowBlock, cell: number, slice: Slice, row: number): Code | undefined {
    if (block.forms[cell] === Form.bool) {
      slice.setWords(row, block.bytes[block.starts[cell]!] === 0 ? 0 : 1, 0);
      return undefined;
    }
    const code = this.#caster.cast(block, cell, this.#cast);
    if (code) return code;
    const text = this.#cast.text();
    assert(text === '0' || text === '1', 'a boolean was cast to something else');
    slice.setWords(row, Number(text), 0);
    return undefined;
  }
}

/** Text: its bytes are checked to be UTF-8. */
class TextConverter implements CellConverter {
  readonly #caster: Caster;
  readonly #cast = new CastCell();

  constructor(caster: Caster) {
    this.#caster = caster;
  }

  convert(block: RowBlock, cell: number, slice: Slice, row: number): Code | undefined {
    const start = block.starts[cell]!;
    const end = block.ends[cell]!;
    if (end - start > MAX_VALUE_BYTES) return 'CNV-3016';
    if (block.forms[cell] === Form.text) {
      if (!isAscii(block.bytes, start, end) && !isUtf8(block.bytes.subarray(start, end))) return 'CNV-3017';
      slice.setBlock(row, start, end);
      return undefined;
    }
    const code = this.#caster.cast(block, cell, this.#cast);
    if (!code) slice.setCopy(row, this.#cast.bytes.subarray(this.#cast.start, this.#cast.end));
    return code;
  }
}

/** Bytes as they are; `inPlace`: cells of bytes and text need no cast. Without it the bytes are JSON text. */
class BytesConverter implements CellConverter {
  readonly #caster: Caster;
  readonly #length: number | undefined;
  readonly #inPlace: boolean;
  readonly #cast = new CastCell();

  constructor(caster: Caster, length: number | undefined, inPlace: boolean) {
    this.#caster = caster;
    this.#length = length;
    this.#inPlace = inPlace;
  }

  convert(block: RowBlock, cell: number, slice: Slice, row: number): Code | undefined {
    const start = block.starts[cell]!;
    const end = block.ends[cell]!;
    const form = block.forms[cell];
    if (end - start > MAX_VALUE_BYTES) return 'CNV-3016';
    if (this.#inPlace && (form === Form.bytes || form === Form.text)) {
      if (this.#length !== undefined && end - start !== this.#length) return 'CNV-3016';
      slice.setBlock(row, start, end);
      return undefined;
    }
    const code = this.#caster.cast(block, cell, this.#cast);
    if (code) return code;
    const cast = this.#cast.bytes.subarray(this.#cast.start, this.#cast.end);
    if (this.#length !== undefined && cast.length !== this.#length) return 'CNV-3016';
    if (!this.#inPlace && !isUtf8(cast)) return 'CNV-3017';
    slice.setCopy(row, cast);
    return undefined;
  }
}

function isAscii(source: Uint8Array, from: number, to: number): boolean {
  let seen = 0;
  for (let i = from; i < to; i++) seen |= source[i]!;
  return seen < 0x80;
}
