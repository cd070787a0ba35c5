/** JSON text as databases store it: without blanks, members in order of their names, numbers trimmed, the last of equal names. */

/** Stands for a number while the text is parsed: as a member of this name no other value can be mistaken for it. */
const NUMBER_KEY = '\u0000number';

const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** The canonical form of a JSON text; text that is no JSON stays as it is. Digits are kept, however many there are. */
export function canonicalJson(text: string): string {
  try {
    const marked = text.replace(TOKENS, (token) =>
      token.startsWith('"') ? token : JSON.stringify({ [NUMBER_KEY]: numberText(token) }),
    );
    return rendered(JSON.parse(marked));
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function rendered(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(rendered).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value);
  const [first] = members;
  if (first?.[0] === NUMBER_KEY) return String(first[1]);
  const sorted = members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${sorted.map(([name, member]) => `${JSON.stringify(name)}:${rendered(member)}`).join(',')}}`;
}

/** Most digits that a double keeps for certain. */
const DOUBLE_DIGITS = 15;

/** Exponents are for doubles; digits without one are kept exactly, but for zeros that say nothing. */
function numberText(token: string): string {
  if (/[eE]/.test(token)) return plain(String(Number(token)));
  const short = token.includes('.') ? token.replace(/\.?0+$/, '') : token;
  const digits = short.replace(/^-?0*\.?0*|\./g, '').length;
  return digits <= DOUBLE_DIGITS ? plain(String(Number(short))) : short;
}

const plain = (text: string): string => (text === '-0' ? '0' : text);
