/** Which cast leads from a logical type to a target, for cells of text and for the other physical forms. */
import type { LogicalType } from '../types/index.ts';
import type { CellCast } from './cast-cell.ts';
import { DecimalCasts } from './decimal.ts';
import { DoubleCasts } from './double.ts';
import { IntegerCasts } from './integer.ts';
import { MillisCasts, MomentCasts, type MomentTarget, toYear } from './moment.ts';
import type { TargetType } from './target-type.ts';
import { boolCasts, StringCasts, toBytes, toJson } from './text.ts';
import { ZoneClock } from './zone-clock.ts';

/** How a column is to be cast. */
export interface CastOptions {
  /** IANA zone in which wall-clock text is meant. */
  readonly timeZone: string;
  /** Whether empty text is null where it is no value, that is everywhere but in text and bytes. */
  readonly emptyAsNull?: boolean;
  /** Whether digits of a second, times of day and floating point digits that the target lacks are cut. */
  readonly allowLossy?: boolean;
}

/** What a column of the source is. */
export interface CastSource {
  readonly type: LogicalType;
  readonly zoned: boolean;
}

/** Casts by physical form; absent = there is none. `text` is for text of the source's logical type. */
export interface FormCasts {
  readonly text?: CellCast | undefined;
  readonly int64?: CellCast;
  readonly float64?: CellCast;
  readonly bytes?: CellCast;
  readonly bool?: CellCast;
}

/** The casts that lead to a target. */
export function formCasts(source: CastSource, target: TargetType, options: CastOptions): FormCasts {
  switch (target.kind) {
    case 'long':
      return longCasts(source, new IntegerCasts(target.bits, target.unsigned), options);
    case 'decimal':
      return decimalCasts(source, new DecimalCasts(target));
    case 'double':
      return doubleCasts(source, new DoubleCasts(target.bits, target.specials ?? false));
    case 'string':
    case 'any':
      return stringCasts(new StringCasts(target));
    case 'bytes':
      return bytesCasts(source, toBytes(target.maxBytes));
    case 'bool':
      return toBool(source);
    case 'json':
      return jsonCasts(source, new StringCasts(target));
    case 'year':
      return yearCasts(source, new IntegerCasts(32, true));
    default:
      return momentCasts(source, target, options);
  }
}

const isMoment = (type: LogicalType): boolean => type === 'date' || type === 'time' || type === 'datetime';
const isNumber = (type: LogicalType): boolean => type === 'long' || type === 'double' || type === 'decimal';
const isText = (type: LogicalType): boolean => type === 'string' || type === 'any';

function longCasts({ type }: CastSource, casts: IntegerCasts, options: CastOptions): FormCasts {
  const { fromText, fromInt64: int64, fromFloat64: float64, fromBool: bool } = casts;
  const millis = (): CellCast => new MillisCasts(new ZoneClock(options.timeZone), fromText).fromText;
  const text =
    isNumber(type) || isText(type)
      ? fromText
      : type === 'bool'
        ? viaBool(fromText)
        : type === 'date' || type === 'datetime'
          ? millis()
          : undefined;
  return { text, int64, float64, bool };
}

function decimalCasts({ type }: CastSource, casts: DecimalCasts): FormCasts {
  const { fromText, fromInt64: int64, fromFloat64: float64, fromBool: bool } = casts;
  return { text: numberText(type, fromText, fromText), int64, float64, bool };
}

function doubleCasts({ type }: CastSource, casts: DoubleCasts): FormCasts {
  const { fromText, fromLongText, fromInt64: int64, fromFloat64: float64, fromBool: bool } = casts;
  return { text: numberText(type, fromText, fromLongText), int64, float64, bool };
}

function numberText(type: LogicalType, any: CellCast, ofLong: CellCast): CellCast | undefined {
  if (type === 'long') return ofLong;
  if (type === 'bool') return viaBool(ofLong);
  return isNumber(type) || isText(type) ? any : undefined;
}

const stringCasts = (casts: StringCasts): FormCasts => ({
  text: casts.fromText,
  int64: casts.fromInt64,
  float64: casts.fromFloat64,
  bytes: casts.fromBytes,
  bool: casts.fromBool,
});

const bytesCasts = ({ type }: CastSource, cast: CellCast): FormCasts => ({
  bytes: cast,
  text: isText(type) || type === 'bytes' ? cast : undefined,
});

function toBool({ type }: CastSource): FormCasts {
  const { fromText, fromBoolText, fromLongText, fromInt64: int64, fromBool: bool } = boolCasts;
  const text =
    type === 'bool' ? fromBoolText : type === 'long' ? fromLongText : isText(type) ? fromText : undefined;
  return { text, int64, bool };
}

/** Numbers, booleans and text can be JSON; text must be it already. */
function jsonCasts({ type }: CastSource, casts: StringCasts): FormCasts {
  const all = stringCasts(casts);
  const checked = (cast: CellCast | undefined): CellCast => toJson(cast ?? casts.fromText);
  return {
    ...all,
    text: isMoment(type) ? undefined : checked(all.text),
    float64: checked(all.float64),
    bytes: checked(all.bytes),
  };
}

function yearCasts({ type }: CastSource, casts: IntegerCasts): FormCasts {
  const text = isNumber(type) || isText(type) ? toYear(casts.fromText) : undefined;
  return { text, int64: toYear(casts.fromInt64), float64: toYear(casts.fromFloat64) };
}

function momentCasts({ type, zoned }: CastSource, target: MomentTarget, options: CastOptions): FormCasts {
  const casts = new MomentCasts({
    target,
    sourceType: type,
    sourceZoned: zoned,
    clock: new ZoneClock(options.timeZone),
    allowLossy: options.allowLossy ?? false,
  });
  if (type === 'long') return { text: casts.fromLongText, int64: casts.fromInt64 };
  return { text: isText(type) || isMoment(type) ? casts.fromText : undefined, int64: casts.fromInt64 };
}

/** Text of a boolean, then a digit to something else. */
const viaBool =
  (cast: CellCast): CellCast =>
  (source, from, to, out) => {
    const fault = boolCasts.fromBoolText(source, from, to, out);
    if (fault) return fault;
    const digit = Buffer.from(out.text() ?? '');
    return cast(digit, 0, digit.length, out);
  };
