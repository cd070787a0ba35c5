import { MAX_FILTER_CONDITIONS, MAX_FILTER_DEPTH } from '../limits.ts';
import { parameterInvalid } from '../ots-error.ts';
import { checkColumnName } from '../table/schema.ts';
import { checkVariant } from '../wire/plain-reader.ts';
import { ProtoReader, required } from '../wire/proto-reader.ts';

/**
 * Filters and column conditions as they arrive:
 *
 *     Filter     { 1 type: 1 single column | 2 composite | 3 pagination, 2 bytes }
 *     Single     { 1 comparator, 2 column, 3 variant, 4 filter_if_missing, 5 latest_version_only, 6 rule }
 *     Composite  { 1 combinator: 1 NOT | 2 AND | 3 OR, 2* Filter }
 *     Pagination { 1 offset, 2 limit }
 */
export interface ColumnFilter {
  readonly kind: 'column';
  readonly comparator: number;
  readonly name: Uint8Array;
  readonly value: Uint8Array;
  readonly dropIfMissing: boolean;
  readonly latestVersionOnly: boolean;
}

/** NOT, AND or OR over other filters. */
export interface CompositeFilter {
  readonly kind: 'not' | 'and' | 'or';
  readonly parts: readonly RowFilter[];
}

/** A filter that says yes or no to a row. */
export type RowFilter = ColumnFilter | CompositeFilter;

/** Keeps a window of the row's columns instead of judging the row. */
export interface PaginationFilter {
  readonly kind: 'pagination';
  readonly offset: number;
  readonly limit: number;
}

/** Comparators by the numbers of the protocol. */
export const COMPARATOR = {
  EQUAL: 1,
  NOT_EQUAL: 2,
  GREATER: 3,
  GREATER_EQUAL: 4,
  LESS: 5,
  LESS_EQUAL: 6,
  EXIST: 7,
  NOT_EXIST: 8,
} as const;

const TYPE_COLUMN = 1;
const TYPE_COMPOSITE = 2;
const TYPE_PAGINATION = 3;
const COMBINATORS: Readonly<Record<number, CompositeFilter['kind']>> = { 1: 'not', 2: 'and', 3: 'or' };

class FilterParser {
  #conditions = 0;

  parse(bytes: Uint8Array, depth: number): RowFilter | PaginationFilter {
    if (depth > MAX_FILTER_DEPTH) throw parameterInvalid('The filter is nested too deeply.');
    const reader = new ProtoReader(bytes);
    let type: number | undefined;
    let body: Uint8Array | undefined;
    while (reader.next()) {
      if (reader.field === 1) type = reader.int32();
      else if (reader.field === 2) body = reader.bytes();
    }
    const content = new ProtoReader(required(body));
    if (required(type) === TYPE_COLUMN) return this.#column(content);
    if (type === TYPE_COMPOSITE) return this.#composite(content, depth);
    if (type === TYPE_PAGINATION) return pagination(content);
    throw parameterInvalid('Unknown filter type.');
  }

  #column(reader: ProtoReader): ColumnFilter {
    this.#conditions++;
    if (this.#conditions > MAX_FILTER_CONDITIONS) {
      throw parameterInvalid(`The number of filter conditions exceeds the limit: ${MAX_FILTER_CONDITIONS}.`);
    }
    let comparator: number | undefined;
    let name: string | undefined;
    let value: Uint8Array | undefined;
    let dropIfMissing = false;
    let latestVersionOnly = true;
    while (reader.next()) {
      if (reader.field === 1) comparator = reader.int32();
      else if (reader.field === 2) name = reader.string();
      else if (reader.field === 3) value = reader.bytes();
      else if (reader.field === 4) dropIfMissing = reader.bool();
      else if (reader.field === 5) latestVersionOnly = reader.bool();
      else if (reader.field === 6) throw parameterInvalid('value_trans_rule is not supported.');
    }
    checkColumnName(required(name));
    checkComparison(required(comparator), required(value));
    return {
      kind: 'column',
      comparator: required(comparator),
      name: Buffer.from(required(name), 'latin1'),
      value: required(value),
      dropIfMissing,
      latestVersionOnly,
    };
  }

  #composite(reader: ProtoReader, depth: number): CompositeFilter {
    let kind: CompositeFilter['kind'] | undefined;
    const parts: RowFilter[] = [];
    while (reader.next()) {
      if (reader.field === 1) kind = COMBINATORS[reader.int32()];
      else if (reader.field === 2) {
        const part = this.parse(reader.bytes(), depth + 1);
        if (part.kind === 'pagination') throw parameterInvalid('A pagination filter must stand alone.');
        parts.push(part);
      }
    }
    if (!kind) throw parameterInvalid('Unknown logical operator in the filter.');
    if (kind === 'not' ? parts.length !== 1 : parts.length < 2) {
      throw parameterInvalid('Invalid number of sub filters in the composite filter.');
    }
    return { kind, parts };
  }
}

function checkComparison(comparator: number, value: Uint8Array): void {
  if (comparator < COMPARATOR.EQUAL || comparator > COMPARATOR.NOT_EXIST) {
    throw parameterInvalid('Unknown comparator in the filter.');
  }
  if (comparator < COMPARATOR.EXIST) checkVariant(value);
}

function pagination(reader: ProtoReader): PaginationFilter {
  let offset: number | undefined;
  let limit: number | undefined;
  while (reader.next()) {
    if (reader.field === 1) offset = reader.int32();
    else if (reader.field === 2) limit = reader.int32();
  }
  if (required(offset) < 0 || required(limit) <= 0) {
    throw parameterInvalid('Invalid offset or limit in the pagination filter.');
  }
  return { kind: 'pagination', offset: required(offset), limit: required(limit) };
}

/** Parses the filter of a read. Throws OTSParameterInvalid. */
export const parseFilter = (bytes: Uint8Array): RowFilter | PaginationFilter =>
  new FilterParser().parse(bytes, 1);

/** Parses the column condition of a write, where pagination has no meaning. */
export function parseColumnCondition(bytes: Uint8Array): RowFilter {
  const filter = parseFilter(bytes);
  if (filter.kind === 'pagination') throw parameterInvalid('A condition cannot be a pagination filter.');
  return filter;
}
