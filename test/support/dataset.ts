/**
 * A deterministic table with every Tablestore type and every awkward value: row `i` is known from `i` alone, so
 * an export can be compared without keeping the source. 12 columns: key (bucket, id) and ten attributes.
 */

/** A value as the embedded Tablestore takes it. */
export type SourceValue = bigint | number | boolean | string | Uint8Array;

/** A row of the source; absent attributes are nulls. */
export interface SourceRow {
  readonly primaryKey: readonly SourceValue[];
  readonly columns: ReadonlyArray<readonly [string, SourceValue]>;
}

/** Number of values of the first key column, `b00` to `b15`: one per shard of the explicit split. */
export const BUCKETS = 16;
/** All columns in job order. */
export const COLUMNS = [
  'bucket',
  'id',
  'amount',
  'extreme',
  'ratio',
  'flag',
  'note',
  'blank',
  'emoji',
  'lines',
  'raw',
  'loose',
] as const;
/** Text that stands for null in the exported file. */
export const NULL_TEXT = '\\N';

const INT64 = [2n ** 63n - 1n, -(2n ** 63n), 0n, -1n, 9_007_199_254_740_993n, -9_007_199_254_740_993n];
const DOUBLES = [0.1, -0, 1e21, 1e-7, 1.7976931348623157e308, 5e-324, 123456.789, -2.5];
const NOTES = [
  'plain',
  'with "quotes"',
  'comma, inside',
  "it's",
  ' spaces around ',
  '#hash',
  'null',
  '\\N',
  'tab\there',
];
const EMOJI = ['🧵', '𝒳 marks', 'naïve', '数据同步', '👩‍👩‍👧', 'ﬁn'];
const LINES = ['one\ntwo', 'cr\ronly', 'crlf\r\nhere', 'no break', '\n', 'ends\n'];

const pick = <T>(values: readonly T[], i: number): T => values[i % values.length]!;
const bucketOf = (i: number): string => `b${String(i % BUCKETS).padStart(2, '0')}`;

/** Row `i`. About a third of the rows lack one attribute or another. */
export function sourceRow(i: number): SourceRow {
  const columns: [string, SourceValue][] = [
    ['amount', BigInt(i) * 7n - 500_000n],
    ['extreme', pick(INT64, i)],
    ['ratio', i % 3 === 0 ? pick(DOUBLES, i) : i / 8],
    ['flag', i % 2 === 0],
    ['note', i % 2 === 0 ? pick(NOTES, i) : `${pick(NOTES, i)} ${i}`],
    ['emoji', pick(EMOJI, i)],
    ['lines', pick(LINES, i)],
  ];
  if (i % 4 !== 1) columns.push(['blank', '']);
  if (i % 5 !== 2) columns.push(['raw', Buffer.from([i & 255, 0, 255, (i >> 8) & 255, 10, 34])]);
  if (i % 7 !== 3) columns.push(['loose', loose(i)]);
  return { primaryKey: [bucketOf(i), BigInt(i)], columns };
}

/** A column whose type differs from row to row. */
function loose(i: number): SourceValue {
  switch (i % 4) {
    case 0:
      return BigInt(-i);
    case 1:
      return i + 0.5;
    case 2:
      return i % 8 === 2;
    default:
      return pick(NOTES, i);
  }
}

/** The rows of ids `from` to `to` - 1. */
export function* sourceRows(from: number, to: number): Iterable<SourceRow> {
  for (let i = from; i < to; i++) yield sourceRow(i);
}

/** What row `i` must read as in the file, null as null. */
export function expectedFields(i: number): (string | null)[] {
  const row = sourceRow(i);
  const byName = new Map(row.columns);
  const [bucket, id] = row.primaryKey;
  return [String(bucket), String(id), ...COLUMNS.slice(2).map((name) => fieldText(byName.get(name)))];
}

function fieldText(value: SourceValue | undefined): string | null {
  if (value === undefined) return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'number') return doubleText(value);
  return String(value);
}

/** Doubles of the data set, written out by hand where the plain text is not JavaScript's own. */
const DOUBLE_TEXTS = new Map<number, string>([
  [1e21, '1000000000000000000000'],
  [1e-7, '0.00000010'],
  [1.7976931348623157e308, `17976931348623157${'0'.repeat(292)}`],
  [5e-324, `0.${'0'.repeat(323)}50`],
]);

function doubleText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const special = DOUBLE_TEXTS.get(value);
  if (special) return special;
  return Number.isInteger(value) && Math.abs(value) < 1e7 ? `${value}.0` : String(value);
}
