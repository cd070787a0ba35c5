/** Numbers of days and of seconds → the canonical text of row blocks. */
import { dayOf } from '../../../convert/civil-days.ts';
import { ByteBuffer } from '../../byte-buffer.ts';

/** Seconds of a day. */
export const DAY_SECONDS = 86_400;
const ZERO = 0x30;
const MINUS = 0x2d;
const COLON = 0x3a;
const DOT = 0x2e;
const BLANK = 0x20;
/** Room for the longest text: a year of seven digits, and nine digits of a second. */
const MAX_BYTES = 48;

/** Texts of the days that were asked for last, by the lowest bits of their numbers: columns repeat their days. */
const CACHE_SLOTS = 4096;
const DATE_BYTES = 10;
/** At first days that belong to other slots. */
const cachedDays = Int32Array.from({ length: CACHE_SLOTS }, (_, slot) => slot ^ 1);
const cachedTexts = Buffer.alloc(CACHE_SLOTS * DATE_BYTES);

/** Appends `yyyy-MM-dd`; years before 0 have a sign, years after 9999 more digits. */
export function appendDate(days: number, out: ByteBuffer): void {
  const bytes = out.reserve(MAX_BYTES);
  const slot = days & (CACHE_SLOTS - 1);
  if (cachedDays[slot] !== days) {
    if (!cacheDate(days, slot)) writeDate(days, out);
    else appendDate(days, out);
    return;
  }
  let from = slot * DATE_BYTES;
  let at = out.length;
  for (const end = from + DATE_BYTES; from < end; from++) bytes[at++] = cachedTexts[from]!;
  out.length = at;
}

/** Keeps the text of a day; false if its year has not four digits. */
function cacheDate(days: number, slot: number): boolean {
  const [year] = dayOf(days);
  if (year < 0 || year > 9999) return false;
  const text = new ByteBuffer(MAX_BYTES);
  writeDate(days, text);
  text.bytes.copy(cachedTexts, slot * DATE_BYTES, 0, DATE_BYTES);
  cachedDays[slot] = days;
  return true;
}

function writeDate(days: number, out: ByteBuffer): void {
  const bytes = out.reserve(MAX_BYTES);
  const [year, month, day] = dayOf(days);
  let at = out.length;
  if (year < 0) bytes[at++] = MINUS;
  at = writeDigits(Math.abs(year), Math.max(4, String(Math.abs(year)).length), bytes, at);
  bytes[at++] = MINUS;
  at = writeDigits(month, 2, bytes, at);
  bytes[at++] = MINUS;
  out.length = writeDigits(day, 2, bytes, at);
}

/** Appends `HH:mm:ss[.f]`: `units` of `digits` digits after the second, without zeros at the end. */
export function appendClock(seconds: number, units: number, digits: number, out: ByteBuffer): void {
  const bytes = out.reserve(MAX_BYTES);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  let at = writeDigits(hours, 2, bytes, out.length);
  bytes[at++] = COLON;
  at = writeDigits(minutes - hours * 60, 2, bytes, at);
  bytes[at++] = COLON;
  at = writeDigits(seconds - minutes * 60, 2, bytes, at);
  if (units !== 0) {
    bytes[at++] = DOT;
    at = writeDigits(units, digits, bytes, at);
    while (bytes[at - 1] === ZERO) at--;
  }
  out.length = at;
}

/** Appends `yyyy-MM-dd HH:mm:ss[.f]`. */
export function appendDatetime(seconds: number, units: number, digits: number, out: ByteBuffer): void {
  const days = Math.floor(seconds / DAY_SECONDS);
  appendDate(days, out);
  out.bytes[out.length++] = BLANK;
  appendClock(seconds - days * DAY_SECONDS, units, digits, out);
}

function writeDigits(value: number, width: number, out: Uint8Array, at: number): number {
  let rest = value;
  for (let i = at + width - 1; i >= at; i--) {
    const quotient = Math.floor(rest / 10);
    out[i] = ZERO + rest - quotient * 10;
    rest = quotient;
  }
  return at + width;
}
