import type { z } from 'zod';

/**
 * Reads scalars by their text form where a schema wants another type: `"5"` for 5, `"True"` for true, 5 for "5",
 * null for absent. Only lossless readings count; everything else stays for the schema to refuse.
 */

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Messages of the schema library itself; any other was written by the schema's author, for a person. */
export const STOCK_MESSAGE = /^(Invalid|Too |Unrecognized|Unexpected)/;

/** Rounds of reading: each makes at least one more value fit, and each may uncover values inside a union. */
const MAX_ROUNDS = 8;

/** The result of a schema on input whose scalars may be written in another form, with the input as last read. */
export function parseScalarsFreely<T>(
  schema: z.ZodType<T>,
  input: unknown,
): { readonly result: z.ZodSafeParseResult<T>; readonly input: unknown } {
  let value = input;
  let result = schema.safeParse(value);
  for (let round = 0; round < MAX_ROUNDS && !result.success; round++) {
    const next = readAll(value, result.error.issues);
    if (next === undefined) break;
    value = next;
    result = schema.safeParse(value);
  }
  return { result, input: value };
}

const ABSENT = Symbol('absent');

/** A copy with every misfit that has a lossless reading replaced, or `undefined` if there is none. */
function readAll(input: unknown, issues: readonly Issue[]): unknown {
  let copy: unknown;
  for (const [path, reading] of readings(input, issues, [])) {
    copy ??= structuredClone(input);
    const holder = valueAt(copy, path.slice(0, -1));
    const key = path.at(-1);
    if (typeof holder !== 'object' || holder === null || key === undefined) continue;
    if (reading === ABSENT) Reflect.deleteProperty(holder, key);
    else Reflect.set(holder, key, reading);
  }
  return copy;
}

function readings(input: unknown, issues: readonly Issue[], prefix: Path): Array<[Path, unknown]> {
  const found: Array<[Path, unknown]> = [];
  for (const issue of issues) {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'invalid_union') found.push(...unionReadings(input, issue.errors, path));
    const reading = readingOf(issue, valueAt(input, path), typeof path.at(-1) === 'string');
    if (reading !== undefined) found.push([path, reading]);
  }
  return found;
}

/** The readings of the first alternative that they would satisfy completely. */
function unionReadings(
  input: unknown,
  alternatives: readonly (readonly Issue[])[],
  path: Path,
): Array<[Path, unknown]> {
  for (const issues of alternatives) {
    const found = readings(input, issues, path);
    if (found.length > 0 && found.length === issues.length) return found;
  }
  return [];
}

function readingOf(issue: Issue, value: unknown, isMember: boolean): unknown {
  if (value === null && isMember && issue.code !== 'custom') return ABSENT;
  // A type with words of its own is meant strictly.
  const free = issue.code === 'invalid_type' && STOCK_MESSAGE.test(issue.message);
  return free ? readScalar(issue.expected, value) : undefined;
}

function readScalar(expected: string, value: unknown): unknown {
  const scalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (!scalar) return undefined;
  switch (expected) {
    case 'string':
      return typeof value === 'string' ? undefined : String(value);
    case 'boolean':
      return readBoolean(String(value));
    case 'number':
    case 'int':
      return typeof value === 'string' ? readNumber(value, expected === 'int') : undefined;
    case 'bigint':
      return /^[+-]?\d{1,40}$/.test(String(value)) ? BigInt(value) : undefined;
    default:
      return undefined;
  }
}

function readBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === 'true' || lower === 'false' ? lower === 'true' : undefined;
}

/** Significant decimal digits that every double keeps. */
const EXACT_DIGITS = 15;

function readNumber(text: string, whole: boolean): number | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE][+-]?\d{1,3})?$/.exec(text.trim());
  if (!match) return undefined;
  const value = Number(text);
  const digits = `${match[2]}${match[3] ?? ''}`.replace(/^0+|0+$/g, '').length;
  const exact = Number.isInteger(value)
    ? Number.isSafeInteger(value) && digits <= 16
    : digits <= EXACT_DIGITS;
  return exact && Number.isFinite(value) && (!whole || Number.isInteger(value)) ? value : undefined;
}

/** The value at a path, `undefined` where there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}
