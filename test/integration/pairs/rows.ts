/**
 * The rows that every pair of systems moves, as one text per value: what a source is filled with and what a target is
 * read back as. Texts are canonical: decimals and seconds without zeros at their end, doubles as JavaScript shows them,
 * bytes as hex, instants on the wall clock of the job's zone.
 */

/** Columns in job order; the first is the key. */
export const COLUMNS = [
  'id',
  'big',
  'small',
  'price',
  'ratio',
  'flag',
  'word',
  'body',
  'raw',
  'born',
  'at',
  'clock',
  'seen',
  'doc',
] as const;

/** Name of a column. */
export type ColumnName = (typeof COLUMNS)[number];

/** A row as canonical texts. */
export type Row = Readonly<Record<ColumnName, string | null>>;

const WORDS = [
  '',
  null,
  'plain',
  'null',
  '\\N',
  'emoji 😀 and 漢字',
  'a "quoted", word',
  'two\nlines\r\nand a third',
  ' blanks around ',
  "it's \\ back\\\\slashed\ttab",
  '#comment',
  'NULL',
] as const;
const RATIOS = [0, 0.1, 1 / 3, -2.5, 1.7976931348623157e308, 5e-324, 1e21, 123456789.125] as const;
const PRICES = [
  '9999999999999999999999999999.9999999999',
  '-9999999999999999999999999999.9999999999',
  '0.0000000001',
  '0',
  '-12.5',
] as const;
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('hex');
const HOUR_MS = 3_600_000;
/** Shanghai is eight hours before UTC, and changed no clock in the years used here. */
const ZONE_MS = 8 * HOUR_MS;

const pick = <T>(values: readonly T[], i: number): T => values[i % values.length]!;
const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');
const micros = (i: number): string => pad((i * 7_919) % 1_000_000, 6);

/** `yyyy-MM-dd HH:mm:ss` of an instant in UTC. */
const wallClock = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/** The wall clock in the job's zone at an instant, given in microseconds since 1970. */
export const inJobZone = (us: bigint): string =>
  trimFraction(`${wallClock(Number(us / 1_000_000n) * 1000 + ZONE_MS)}.${pad(Number(us % 1_000_000n), 6)}`);

function idOf(i: number): bigint {
  if (i === 0) return -(2n ** 63n);
  return i === 1 ? 2n ** 63n - 1n : BigInt(i * 7 - 1_000);
}

const atOf = (i: number): string => {
  if (i % 500 === 1) return '9999-12-31 23:59:59.999999';
  return trimFraction(`${wallClock(Date.UTC(1000, 0, 1) + i * 2_750 * HOUR_MS)}.${micros(i)}`);
};

const seenOf = (i: number): string => {
  if (i % 500 === 2) return '2038-01-19 11:14:07.999999';
  if (i % 500 === 3) return '1970-01-01 08:00:01';
  return trimFraction(`${wallClock(Date.UTC(2000, 0, 1) + i * HOUR_MS)}.${micros(i + 1)}`);
};

/** Row `i`: each column has its extremes, and nulls at a distance of its own. */
export function rowOf(i: number): Row {
  const unless = (every: number, value: string): string | null => (i % every === every - 1 ? null : value);
  return {
    id: String(idOf(i)),
    big: unless(11, i % 5 === 0 ? String(2n ** 64n - 1n - BigInt(i)) : String(i)),
    small: unless(13, String(i % 3 === 0 ? 2_147_483_647 - i : i - 2_147_483_648)),
    price: unless(7, pick(PRICES, i)),
    ratio: unless(17, String(pick(RATIOS, i))),
    flag: unless(3, String(i % 2)),
    word: pick(WORDS, i),
    body: unless(19, `${pick(WORDS, i + 3) ?? ''} ${'text '.repeat(i % 40)}`),
    raw: unless(5, i % 4 === 0 ? BYTES.slice(0, (i % 257) * 2) : ''),
    born: unless(23, i % 9 === 0 ? '1000-01-01' : wallClock(Date.UTC(1900, 0, i)).slice(0, 10)),
    at: unless(29, atOf(i)),
    clock: unless(
      31,
      i % 10 === 0 ? '23:59:59.999999' : trimFraction(`00:${pad(i % 60, 2)}:07.${micros(i)}`),
    ),
    seen: unless(37, seenOf(i)),
    doc: unless(6, `{"n": ${i}, "list": [1.50, null], "text": "ü \\"${i}\\""}`),
  };
}

/** The rows `0` to `count` - 1. */
export const rowsUpTo = (count: number): Row[] => Array.from({ length: count }, (_, i) => rowOf(i));

const trimFraction = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

const FLAGS: Readonly<Record<string, string>> = { true: '1', false: '0', t: '1', f: '0', '1': '1', '0': '0' };

const CANONICAL: Partial<Record<ColumnName, (text: string) => string>> = {
  price: trimFraction,
  ratio: (text) => String(Number(text)),
  flag: (text) => FLAGS[text] ?? `no flag: ${text}`,
  raw: (text) => text.toLowerCase(),
  at: trimFraction,
  clock: trimFraction,
  seen: trimFraction,
};

/** A row of a target, given as texts in job order. */
export function canonicalRow(cells: readonly (string | null | undefined)[]): Row {
  const entries = COLUMNS.map((name, i) => {
    const cell = cells[i] ?? null;
    return [name, cell === null ? null : (CANONICAL[name]?.(cell) ?? cell)];
  });
  return Object.fromEntries(entries) as Row;
}

/** What a target has too little, too much or otherwise: nothing, if it holds exactly the rows wanted, each once. */
export function differences(found: readonly Row[], wanted: readonly Row[]): string[] {
  const count = (rows: readonly Row[]): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const row of rows) {
      const text = JSON.stringify(COLUMNS.map((name) => row[name]));
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return counts;
  };
  const left = count(wanted);
  const right = count(found);
  return [
    ...[...left].filter(([text, n]) => (right.get(text) ?? 0) < n).map(([text]) => `missing: ${text}`),
    ...[...right].filter(([text, n]) => (left.get(text) ?? 0) < n).map(([text]) => `too many: ${text}`),
  ].sort((a, b) => (a.split(':"')[1] ?? '').localeCompare(b.split(':"')[1] ?? ''));
}
