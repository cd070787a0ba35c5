/** The range of a job against the primary key of its table: padding, direction, and every possible fault. */
import type { ConfigFault } from '../../errors/index.ts';
import { INF_MAX, INF_MIN, type KeyBound, type TableSchema } from '../../tablestore/index.ts';
import { compareBounds, compareKeys, keyToJson, keyTypeOf, padKey } from './key.ts';

/** Scan direction. */
export type Direction = 'FORWARD' | 'BACKWARD';

/** `range` as the job gives it: prefixes of the key, and values of its first column to cut at. */
export interface RangeConfig {
  readonly begin: readonly KeyBound[];
  readonly end: readonly KeyBound[];
  readonly split: readonly KeyBound[];
}

/** [begin, end) in scan direction; whole keys. */
export interface KeyRange {
  readonly direction: Direction;
  readonly begin: readonly KeyBound[];
  readonly end: readonly KeyBound[];
}

/** A range that fits the table, with its cuts as whole keys in scan order. */
export interface ResolvedRange extends KeyRange {
  readonly cuts: readonly (readonly KeyBound[])[];
}

type KeySchema = TableSchema['key'];

/** Fits the range to the key, or tells every reason why it does not fit. */
export function resolveRange(range: RangeConfig, key: KeySchema): ResolvedRange | readonly ConfigFault[] {
  const faults = [
    ...boundFaults('begin', range.begin, key),
    ...boundFaults('end', range.end, key),
    ...range.split.flatMap((value, i) => typeFaults(`range.split[${i}]`, value, key[0]!)),
  ];
  if (faults.length > 0) return faults;
  const whole = padded(range, key.length);
  if (!whole) return [fault('range.end', 'begin and end are equal: the range is empty')];
  const unordered = splitFaults(range.split, whole);
  if (unordered.length > 0) return unordered;
  return { ...whole, cuts: range.split.map((value) => padKey([value], key.length, INF_MIN)) };
}

/** Whether `a` comes before `b` in scan direction. */
export function isBefore(direction: Direction, a: readonly KeyBound[], b: readonly KeyBound[]): boolean {
  const order = compareKeys(a, b);
  return direction === 'FORWARD' ? order < 0 : order > 0;
}

/**
 * | given                     | direction | begin filled with | end filled with |
 * | begin = end, a prefix     | FORWARD   | INF_MIN           | INF_MAX         |
 * | begin < end               | FORWARD   | INF_MIN           | INF_MAX         |
 * | begin > end               | BACKWARD  | INF_MAX           | INF_MIN         |
 * | begin = end, a whole key  | none: the range is empty                        |
 * Absent bounds count as all INF_MIN and all INF_MAX before they are compared.
 */
function padded(range: RangeConfig, length: number): KeyRange | undefined {
  const begin = range.begin.length > 0 ? range.begin : padKey([], length, INF_MIN);
  const end = range.end.length > 0 ? range.end : padKey([], length, INF_MAX);
  const forward = compareKeys(begin, end) <= 0;
  const whole: KeyRange = {
    direction: forward ? 'FORWARD' : 'BACKWARD',
    begin: padKey(begin, length, forward ? INF_MIN : INF_MAX),
    end: padKey(end, length, forward ? INF_MAX : INF_MIN),
  };
  return compareKeys(whole.begin, whole.end) === 0 ? undefined : whole;
}

function boundFaults(name: 'begin' | 'end', values: readonly KeyBound[], key: KeySchema): ConfigFault[] {
  if (values.length > key.length) {
    const message = `${values.length} values, but the primary key has ${key.length} columns`;
    return [fault(`range.${name}`, message, `at most ${key.map((c) => c.name).join(', ')}`)];
  }
  return values.flatMap((value, i) => typeFaults(`range.${name}[${i}]`, value, key[i]!));
}

function typeFaults(path: string, value: KeyBound, column: KeySchema[number]): ConfigFault[] {
  const type = keyTypeOf(value);
  if (type === undefined || type === column.type) return [];
  const given = keyToJson(value).type;
  return [
    fault(
      `${path}.type`,
      `the key column ${column.name} is ${column.type}, not ${given}`,
      JOB_TYPE[column.type],
    ),
  ];
}

/** What a job file writes for a key column type. */
const JOB_TYPE = { INTEGER: 'INT', STRING: 'STRING', BINARY: 'BINARY' } as const;

function splitFaults(split: readonly KeyBound[], range: KeyRange): ConfigFault[] {
  const forward = range.direction === 'FORWARD';
  const before = (a: KeyBound, b: KeyBound): boolean =>
    forward ? compareBounds(a, b) < 0 : compareBounds(a, b) > 0;
  const faults: ConfigFault[] = [];
  for (const [i, value] of split.entries()) {
    const path = `range.split[${i}].value`;
    const previous = split[i - 1];
    if (previous !== undefined && !before(previous, value)) {
      faults.push(fault(path, `split values must be strictly ${forward ? 'increasing' : 'decreasing'} here`));
    } else if (!before(range.begin[0]!, value)) {
      faults.push(fault(path, 'a split value must come after the first value of begin'));
    } else if (!before(value, range.end[0]!)) {
      faults.push(fault(path, 'a split value must come before the first value of end'));
    }
  }
  return faults;
}

function fault(path: string, message: string, hint?: string): ConfigFault {
  return { code: 'SRC-2010', path, message, ...(hint === undefined ? {} : { hint }) };
}
