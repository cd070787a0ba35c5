/**
 * Lists of tables as job files write them: entries may hold several names with commas, and one bracket with a range:
 * `t[00-03]` is t00, t01, t02, t03; `t[3-0]` is t0 to t3; `db.t_[08-11]x` is db.t_08x to db.t_11x. Zeros are kept
 * when the lower bound begins with one. Quoted names and names with a hyphen before the bracket are no patterns.
 */

/** Tables that one pattern may stand for. */
const MAX_EXPANSION = 10_000;

const PATTERN = /^([\w.]+)\[(\d{1,12})-(\d{1,12})\](.*)$/;

/** All tables of a list in order, or the sentence that says what is wrong. */
export function expandTables(entries: readonly string[]): readonly string[] | string {
  const tables: string[] = [];
  for (const name of entries.flatMap(splitNames)) {
    const expanded = expandOne(name);
    if (typeof expanded === 'string') return expanded;
    tables.push(...expanded);
  }
  return tables.length > 0 ? tables : 'names no table';
}

/** At commas outside of quotes. */
function splitNames(entry: string): string[] {
  const names: string[] = [];
  let name = '';
  let quote = '';
  for (const char of entry) {
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '`' || char === '"') quote = char;
    if (char === ',' && quote === '') {
      names.push(name);
      name = '';
    } else name += char;
  }
  return [...names, name].map((text) => text.trim()).filter((text) => text !== '');
}

function expandOne(name: string): readonly string[] | string {
  const match = PATTERN.exec(name);
  if (!match) return [name];
  const [, head = '', from = '', to = '', tail = ''] = match;
  const [low, high] = BigInt(from) <= BigInt(to) ? [from, to] : [to, from];
  const count = BigInt(high) - BigInt(low) + 1n;
  if (count > BigInt(MAX_EXPANSION))
    return `\`${name}\` stands for ${count} tables; at most ${MAX_EXPANSION}`;
  const width = low.startsWith('0') ? low.length : 0;
  const first = BigInt(low);
  return Array.from(
    { length: Number(count) },
    (_, i) => head + String(first + BigInt(i)).padStart(width, '0') + tail,
  );
}
