/** Numbers of annotations in a file's schema: those of `ConvertedType` and `LogicalType` in parquet.thrift. */

/** The older form, an enum. INT_8 to INT_64 and UINT_8 to UINT_64 follow one another. */
export const ConvertedType = {
  utf8: 0,
  map: 1,
  mapKeyValue: 2,
  list: 3,
  enum: 4,
  decimal: 5,
  date: 6,
  timeMillis: 7,
  timeMicros: 8,
  timestampMillis: 9,
  timestampMicros: 10,
  uint8: 11,
  uint64: 14,
  int8: 15,
  int64: 18,
  json: 19,
  bson: 20,
  interval: 21,
} as const;

/** The newer form, the fields of a union. */
export const LogicalType = {
  string: 1,
  map: 2,
  list: 3,
  enum: 4,
  decimal: 5,
  date: 6,
  time: 7,
  timestamp: 8,
  integer: 10,
  unknown: 11,
  json: 12,
  bson: 13,
  uuid: 14,
} as const;

/** Units of times and timestamps, the fields of a union. */
export const UNIT_NUMBERS = { MILLIS: 1, MICROS: 2, NANOS: 3 } as const;
