/** Ranges of shards in words. Readers own the form of a range; what is not understood is shown as it is. */
import { shorten } from './table.ts';

const MAX_WORDS = 80;
const MAX_VALUE = 24;

/** For example `from ("a", 17) up to ("k", -∞)`. */
export function describeRange(range: string): string {
  const parsed = parse(range);
  if (parsed === undefined || typeof parsed !== 'object' || parsed === null) return shorten(range, MAX_WORDS);
  const { begin, end, direction } = parsed as Record<string, unknown>;
  if (Array.isArray(begin) && Array.isArray(end)) {
    const back = direction === 'BACKWARD' ? ', backwards' : '';
    return `from ${keyWords(begin)} up to ${keyWords(end)}${back}`;
  }
  const facts = Object.entries(parsed).filter(([key]) => key !== 'v');
  return shorten(facts.map(([key, value]) => `${key} ${valueWords(value)}`).join(', '), MAX_WORDS);
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
