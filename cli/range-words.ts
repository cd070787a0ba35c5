/** Ranges of shards in words. Readers own the form of a range; what is not understood is shown as it is. */
import { shorten } from './table.ts';

const MAX_WORDS = 80;
const MAX_VALUE = 24;

/** For example `from ("a", 17) up to ("k", -∞)`. */
export function describeRange(range: string): string {
  const parsed = parse(range);
  if (parsed === undefined || typeof parsed !== 'object' || parsed === null) return shorten(range, MAX_WORDS);
  const fields = parsed as Record<string, unknown>;
  const { begin, end, direction } = fields;
  if (Array.isArray(begin) && Array.isArray(end)) {
    const back = direction === 'BACKWARD' ? ', backwards' : '';
    return `from ${keyWords(begin)} up to ${keyWords(end)}${back}`;
  }
  if ('by' in parsed && 'order' in parsed) return relationalWords(fields);
  const facts = Object.entries(parsed).filter(([key]) => key !== 'v');
  return shorten(facts.map(([key, value]) => `${key} ${valueWords(value)}`).join(', '), MAX_WORDS);
}

/** For example `orders, 100 ≤ id < 200`; a bound that is absent is open. */
function relationalWords(range: Record<string, unknown>): string {
  const { table, query, by, lower, upper, isNull } = range;
  const what = table === undefined ? `query ${Number(query) + 1}` : String(table);
  const columns = tuple(by);
  if (isNull === true) return `${what}, ${columns} is null`;
  const from = lower === undefined ? '' : `${tuple(lower)} ≤ `;
  const to = upper === undefined ? '' : ` < ${tuple(upper)}`;
  return shorten(from + to === '' ? what : `${what}, ${from}${columns}${to}`, MAX_WORDS);
}

/** One value as it is, several in brackets. */
function tuple(values: unknown): string {
  const all = (Array.isArray(values) ? values : []).map((value) => shorten(String(value), MAX_VALUE));
  return all.length === 1 ? String(all[0]) : `(${all.join(', ')})`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const keyWords = (key: readonly unknown[]): string => `(${key.map(valueWords).join(', ')})`;

/** Key values are `{type, value}`; infinite ones have no value. */
function valueWords(value: unknown): string {
  if (typeof value !== 'object' || value === null) return shorten(String(JSON.stringify(value)), MAX_VALUE);
  const { type, value: inner } = value as Record<string, unknown>;
  if (type === 'INF_MIN') return '-∞';
  if (type === 'INF_MAX') return '+∞';
  if (type === 'INT' && typeof inner === 'string') return inner;
  return shorten(JSON.stringify(inner ?? value), MAX_VALUE);
}
