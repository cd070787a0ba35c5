import { MAX_COLUMNS_TO_GET } from '../limits.ts';
import { parameterInvalid, unsupported } from '../ots-error.ts';
import { compareBytes } from '../row/key-encoding.ts';
import { checkColumnName } from '../table/schema.ts';
import type { Table } from '../table/table.ts';
import { ProtoReader } from '../wire/proto-reader.ts';
import type { CutRule, SplitTime } from './cut.ts';
import { splitTime } from './cut.ts';
import { type PaginationFilter, parseFilter, type RowFilter } from './filter.ts';
import { expiryTime } from './table-cut.ts';

/** What every read may ask for, whatever its field numbers are. */
export interface ReadRequest {
  readonly columns: readonly string[];
  /** Bounds in ms, end exclusive; `undefined` = all times. */
  readonly times: { readonly from: bigint; readonly to: bigint } | undefined;
  readonly maxVersions: number | undefined;
  readonly filter: RowFilter | PaginationFilter | undefined;
  readonly startColumn: string | undefined;
  readonly endColumn: string | undefined;
  /** False: only the key columns among `columns` are answered. */
  readonly entireKey: boolean;
}

/** The field numbers of a read message that hold the parts of a {@link ReadRequest}. */
export interface ReadFields {
  readonly columns: number;
  readonly times: number;
  readonly maxVersions: number;
  readonly filter: number;
  readonly startColumn: number;
  readonly endColumn: number;
  readonly entireKey?: number;
  /** Fields that mean a feature which this service lacks; refused when they hold anything. */
  readonly refused: ReadonlyMap<number, string>;
}

/** Collects the shared fields of a read message; `take` is called for each field and says if it was one. */
export class ReadFieldCollector {
  readonly #fields: ReadFields;
  readonly #columns: string[] = [];
  #times: ReadRequest['times'];
  #maxVersions: number | undefined;
  #filter: Uint8Array | undefined;
  #startColumn: string | undefined;
  #endColumn: string | undefined;
  #entireKey = true;

  constructor(fields: ReadFields) {
    this.#fields = fields;
  }

  take(reader: ProtoReader): boolean {
    const { field } = reader;
    const fields = this.#fields;
    if (field === fields.columns) this.#columns.push(reader.string());
    else if (field === fields.times) this.#times = parseTimes(reader.bytes());
    else if (field === fields.maxVersions) this.#maxVersions = reader.int32();
    else if (field === fields.filter) this.#filter = reader.bytes();
    else if (field === fields.startColumn) this.#startColumn = reader.string();
    else if (field === fields.endColumn) this.#endColumn = reader.string();
    else if (field === fields.entireKey) this.#entireKey = reader.bool();
    else return this.#refuse(reader);
    return true;
  }

  /** The checked request. `where` completes the text for a missing version condition. */
  finish(where: string): ReadRequest {
    if (this.#times === undefined && this.#maxVersions === undefined) {
      throw parameterInvalid(`No version condition is specified${where}.`);
    }
    if (this.#maxVersions !== undefined && this.#maxVersions <= 0) {
      throw parameterInvalid('The max_versions must be greater than 0.');
    }
    const columns = [...new Set(this.#columns)];
    if (columns.length > MAX_COLUMNS_TO_GET) {
      throw parameterInvalid(
        `The number of columns from the request exceeds the limit, limit count: ${MAX_COLUMNS_TO_GET}, column count: ${columns.length}.`,
      );
    }
    for (const name of [...columns, this.#startColumn, this.#endColumn]) if (name) checkColumnName(name);
    return {
      columns,
      times: this.#times,
      maxVersions: this.#maxVersions,
      filter: this.#filter && this.#filter.length > 0 ? parseFilter(this.#filter) : undefined,
      startColumn: this.#startColumn,
      endColumn: this.#endColumn,
      entireKey: this.#entireKey,
    };
  }

  #refuse(reader: ProtoReader): boolean {
    const feature = this.#fields.refused.get(reader.field);
    if (feature === undefined) return false;
    if (reader.bytes().length > 0) throw unsupported(feature);
    return true;
  }
}

/** `TimeRange { 1 start, 2 end exclusive, 3 specific }` in ms. */
function parseTimes(bytes: Uint8Array): { from: bigint; to: bigint } {
  const reader = new ProtoReader(bytes);
  let from: bigint | undefined;
  let to: bigint | undefined;
  let specific: bigint | undefined;
  while (reader.next()) {
    if (reader.field === 1) from = reader.int64();
    else if (reader.field === 2) to = reader.int64();
    else if (reader.field === 3) specific = reader.int64();
  }
  if (specific !== undefined && from === undefined && to === undefined && specific >= 0n) {
    return { from: specific, to: specific + 1n };
  }
  if (specific !== undefined || from === undefined || to === undefined || from < 0n || to <= from) {
    throw parameterInvalid('Invalid time range.');
  }
  return { from, to };
}

/** Turns a request into the rule for cutting rows of `table`. */
export function cutRule(request: ReadRequest, table: Table, nowMs: number): CutRule {
  const { columns, times } = request;
  const keyNames = table.definition.keyColumns.map((column) => column.name);
  const wanted = columns.filter((name) => !keyNames.includes(name)).map(nameBytes);
  wanted.sort((a, b) => compareBytes(a, 0, a.length, b, 0, b.length));
  const expiry = expiryTime(table, nowMs);
  const tableVersions = table.definition.options.maxVersions;
  return {
    keyColumns: table.keyCount,
    names: columns.length > 0 ? wanted : undefined,
    keyNamed: wanted.length < columns.length,
    startColumn: request.startColumn ? nameBytes(request.startColumn) : undefined,
    endColumn: request.endColumn ? nameBytes(request.endColumn) : undefined,
    fromTime: later(times && splitTime(times.from), expiry),
    toTime: times && splitTime(times.to),
    maxVersions: Math.min(request.maxVersions ?? tableVersions, tableVersions),
    expiry,
  };
}

const nameBytes = (name: string): Uint8Array => Buffer.from(name, 'latin1');

function later(a: SplitTime | undefined, b: SplitTime | undefined): SplitTime | undefined {
  if (!a || !b) return a ?? b;
  return a.high > b.high || (a.high === b.high && a.low > b.low) ? a : b;
}
