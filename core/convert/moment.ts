/** Casts to and from dates, times and datetimes. Times without an offset are wall-clock time of the job's zone. */
import type { Code } from '../errors/index.ts';
import type { LogicalType } from '../types/index.ts';
import type { CastCell, CellCast } from './cast-cell.ts';
import { dayNumber, dayOf } from './civil-days.ts';
import {
  MAX_MOMENT_BYTES,
  MomentParts,
  writeClock,
  writeDate,
  writeFraction,
  writeTwo,
} from './moment-text.ts';
import { trimZeros } from './number-text.ts';
import type { TargetType } from './target-type.ts';
import type { ZoneClock } from './zone-clock.ts';

const MINUS = 0x2d;
const BLANK = 0x20;
const DAY_SECONDS = 86_400;
/** 0000-01-01 00:00:00 and the second after 9999-12-31 23:59:59, in civil seconds. */
const FIRST_CIVIL = dayNumber(0, 1, 1) * DAY_SECONDS;
const BEYOND_CIVIL = dayNumber(10_000, 1, 1) * DAY_SECONDS;
/** No instant of a four-digit year is this many milliseconds from 1970. */
const BEYOND_MS = 1e15;

/** A target that holds moments. */
export type MomentTarget = TargetType & { readonly kind: 'date' | 'time' | 'datetime' };

/** What the casts of one column go by. */
export interface MomentRules {
  readonly target: MomentTarget;
  readonly sourceType: LogicalType;
  /** Whether the source's text is an instant shown in the job's zone. */
  readonly sourceZoned: boolean;
  readonly clock: ZoneClock;
  /** Whether digits and parts that the target lacks are cut. */
  readonly allowLossy: boolean;
}

/** Casts to one type of moment. */
export class MomentCasts {
  readonly #rules: MomentRules;
  readonly #scale: number;
  readonly #parts = new MomentParts();
  readonly #text = Buffer.alloc(MAX_MOMENT_BYTES);

  constructor(rules: MomentRules) {
    this.#rules = rules;
    this.#scale = rules.target.kind === 'date' ? 0 : rules.target.scale;
  }

  /** Text of a moment. */
  readonly fromText: CellCast = (source, from, to, out) => {
    const parts = this.#parts;
    if (!parts.scan(source, from, to)) return this.#unusual(source, from, to, out);
    const { target } = this.#rules;
    if (target.kind === 'time') return this.#toTime(source, from, to, out);
    if (!parts.hasDate) return 'CNV-3013';
    if (parts.offset !== undefined) {
      const fault = this.#toZone(parts.offset);
      if (fault) return fault;
    } else if (this.#mayBeSkipped() && this.#instant() === undefined) return 'CNV-3014';
    return target.kind === 'date' ? this.#toDate(source, from, out) : this.#toDatetime(source, from, to, out);
  };

  /** Milliseconds since the epoch. */
  readonly fromInt64: CellCast = (source, from, to, out) => {
    const { kind } = this.#rules.target;
    if (kind === 'time') return 'CNV-3020';
    const ms = Number(source.readBigInt64LE(from));
    return Math.abs(ms) < BEYOND_MS ? this.#fromMillis(ms, to, out) : 'CNV-3011';
  };

  /** Milliseconds since the epoch, as digits. */
  readonly fromLongText: CellCast = (source, from, to, out) => {
    const text = source.toString('latin1', from, to);
    if (!/^-?\d+$/.test(text)) return 'CNV-3010';
    if (this.#rules.target.kind === 'time') return 'CNV-3020';
    const ms = Number(text);
    return Math.abs(ms) < BEYOND_MS ? this.#fromMillis(ms, to, out) : 'CNV-3011';
  };

  #fromMillis(ms: number, to: number, out: CastCell): ReturnType<CellCast> {
    const seconds = Math.floor(ms / 1000);
    const civil = this.#rules.clock.civilAt(seconds);
    if (civil < FIRST_CIVIL || civil >= BEYOND_CIVIL) return 'CNV-3011';
    const text = this.#text;
    this.#setCivil(civil);
    text.write(String(ms - seconds * 1000).padStart(3, '0'), 0, 'latin1');
    const parts = this.#parts;
    parts.fractionStart = 0;
    parts.fractionEnd = ms === seconds * 1000 ? 0 : 3;
    parts.hasTime = true;
    parts.canonical = false;
    return this.#rules.target.kind === 'date'
      ? this.#toDate(text, 0, out)
      : this.#toDatetime(text, 0, to, out);
  }

  /** A moment that has no four-digit year, such as `infinity`: only for targets that take them. */
  #unusual(source: Uint8Array, from: number, to: number, out: CastCell): ReturnType<CellCast> {
    const { target, sourceType } = this.#rules;
    const wide = target.kind !== 'time' && target.wide === true && sourceType === target.kind;
    return wide && to > from ? out.setSlice(source, from, to) : 'CNV-3013';
  }

  /** Only a wall-clock reading written as an instant can hit a gap of the clock. */
  #mayBeSkipped(): boolean {
    const { target, sourceZoned } = this.#rules;
    return target.kind === 'datetime' && target.zoned && !sourceZoned;
  }

  #instant(): number | undefined {
    return this.#rules.clock.instantOf(civilSeconds(this.#parts));
  }

  #toZone(offset: number): Code | undefined {
    const civil = this.#rules.clock.civilAt(civilSeconds(this.#parts) - offset);
    if (civil < FIRST_CIVIL || civil >= BEYOND_CIVIL) return 'CNV-3011';
    this.#setCivil(civil);
    return undefined;
  }

  #setCivil(civil: number): void {
    const parts = this.#parts;
    const day = Math.floor(civil / DAY_SECONDS);
    const second = civil - day * DAY_SECONDS;
    [parts.year, parts.month, parts.day] = dayOf(day);
    parts.hour = Math.floor(second / 3600);
    parts.minute = Math.floor(second / 60) % 60;
    parts.second = second % 60;
  }

  #toDate(source: Uint8Array, from: number, out: CastCell): ReturnType<CellCast> {
    const parts = this.#parts;
    if (parts.hasTime && !this.#rules.allowLossy && !isMidnight(source, parts)) return 'CNV-3012';
    if (parts.canonical) return out.setSlice(source, from, from + 10);
    return out.setScratch(writeDate(parts.year, parts.month, parts.day, out.scratch(MAX_MOMENT_BYTES), 0));
  }

  #toDatetime(source: Uint8Array, from: number, to: number, out: CastCell): ReturnType<CellCast> {
    const parts = this.#parts;
    const end = this.#fractionEnd(source);
    if (end < 0) return 'CNV-3012';
    if (parts.canonical && parts.hasTime && end === parts.fractionEnd) return out.setSlice(source, from, to);
    const scratch = out.scratch(MAX_MOMENT_BYTES);
    let at = writeDate(parts.year, parts.month, parts.day, scratch, 0);
    scratch[at++] = BLANK;
    at = writeClock(parts.hour, parts.minute, parts.second, scratch, at);
    return out.setScratch(writeFraction(source, parts.fractionStart, end, scratch, at));
  }

  #toTime(source: Uint8Array, from: number, to: number, out: CastCell): ReturnType<CellCast> {
    const { target, allowLossy } = this.#rules;
    const parts = this.#parts;
    if (parts.hasDate && (!parts.hasTime || !allowLossy)) return parts.hasTime ? 'CNV-3012' : 'CNV-3013';
    if (parts.offset !== undefined) return 'CNV-3013';
    if (target.kind === 'time' && !target.beyondDay && (parts.negative || parts.hour > 23)) {
      if (!target.endOfDay || !isEndOfDay(source, parts)) return 'CNV-3011';
    }
    const end = this.#fractionEnd(source);
    if (end < 0) return 'CNV-3012';
    if (!parts.hasDate && parts.canonical && end === parts.fractionEnd) return out.setSlice(source, from, to);
    const scratch = out.scratch(MAX_MOMENT_BYTES);
    let at = 0;
    if (parts.negative) scratch[at++] = MINUS;
    at = writeClock(parts.hour, parts.minute, parts.second, scratch, at);
    return out.setScratch(writeFraction(source, parts.fractionStart, end, scratch, at));
  }

  /** Where the fraction ends in the target: zeros beyond its scale go, other digits only if allowed; else -1. */
  #fractionEnd(source: Uint8Array): number {
    const { fractionStart, fractionEnd } = this.#parts;
    if (fractionEnd - fractionStart <= this.#scale) return fractionEnd;
    const end = fractionStart + this.#scale;
    if (!this.#rules.allowLossy && trimZeros(source, end, fractionEnd) > end) return -1;
    return end;
  }
}

/** Casts of moments to milliseconds since the epoch; `long` does the rest. */
export class MillisCasts {
  readonly #clock: ZoneClock;
  readonly #long: CellCast;
  readonly #parts = new MomentParts();

  constructor(clock: ZoneClock, long: CellCast) {
    this.#clock = clock;
    this.#long = long;
  }

  readonly fromText: CellCast = (source, from, to, out) => {
    const parts = this.#parts;
    if (!parts.scan(source, from, to) || !parts.hasDate) return 'CNV-3013';
    const { fractionStart, fractionEnd } = parts;
    const digits = source.toString('latin1', fractionStart, fractionEnd);
    if (/[1-9]/.test(digits.slice(3))) return 'CNV-3012';
    const civil = civilSeconds(parts);
    const instant = parts.offset === undefined ? this.#clock.instantOf(civil) : civil - parts.offset;
    if (instant === undefined) return 'CNV-3014';
    const text = Buffer.from(String(instant * 1000 + Number(digits.slice(0, 3).padEnd(3, '0'))));
    return this.#long(text, 0, text.length, out);
  };
}

/** Casts to a year: 0000 and 1901 to 2155, as in MySQL. */
export const toYear =
  (long: CellCast): CellCast =>
  (source, from, to, out) => {
    const fault = long(source, from, to, out);
    if (fault) return fault;
    const year = Number(out.text());
    if (year !== 0 && (year < 1901 || year > 2155)) return 'CNV-3011';
    const scratch = out.scratch(4);
    return out.setScratch(writeTwo(year % 100, scratch, writeTwo(Math.floor(year / 100), scratch, 0)));
  };

const civilSeconds = (p: MomentParts): number =>
  dayNumber(p.year, p.month, p.day) * DAY_SECONDS + p.hour * 3600 + p.minute * 60 + p.second;

const isEndOfDay = (source: Uint8Array, p: MomentParts): boolean =>
  !p.negative && p.hour === 24 && isWholeHour(source, p);

const isMidnight = (source: Uint8Array, p: MomentParts): boolean => p.hour === 0 && isWholeHour(source, p);

const isWholeHour = (source: Uint8Array, p: MomentParts): boolean =>
  (p.minute | p.second) === 0 && trimZeros(source, p.fractionStart, p.fractionEnd) === p.fractionStart;
