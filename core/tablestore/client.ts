/** Tablestore for the rest of the repository: typed promises, exact integers, classified faults. */
import { assert, type SyncError } from '../errors/index.ts';
import { classify, ProtocolFault, ServiceFault, type TablestoreCodes } from './errors.ts';
import { readRow, readRows } from './plain-buffer/row-reader.ts';
import * as rows from './rows.ts';
import * as tables from './tables.ts';
import {
  type CallOptions,
  type Operation,
  type TablestoreOptions,
  type TablestorePorts,
  TablestoreTransport,
} from './transport.ts';
import { type KeyBound, type KeyColumn, type StoredRow, sdkKey } from './values.ts';

/** Rows that one BatchGetRow may ask for. */
export const MAX_BATCH_GET_ROWS = 100;
/** Rows that one BatchWriteRow may hold; together at most 4 MiB. */
export const MAX_BATCH_WRITE_ROWS = 200;

/** What became of a conditional write that the service decided on. */
export type WriteOutcome = 'applied' | 'condition-failed';

/** A page of a range, its rows decoded; `next` is absent at the end of the range. */
export interface DecodedPage<T> {
  readonly rows: T;
  readonly next?: readonly KeyColumn[];
}

/** A page of rows. */
export type RowPage = DecodedPage<readonly StoredRow[]>;

/** See `createTablestoreClient`. */
export class TablestoreClient {
  readonly #transport: TablestoreTransport;
  readonly #codes: TablestoreCodes;

  constructor(options: TablestoreOptions, ports: TablestorePorts) {
    this.#transport = new TablestoreTransport(options, ports);
    this.#codes = options.codes;
  }

  /** Performs any operation, once. */
  call<P, R>(operation: Operation<P, R>, params: P, options?: CallOptions): Promise<R> {
    return this.#transport.call(operation, params, options);
  }

  listTable(options?: CallOptions): Promise<string[]> {
    return this.call(tables.listTable, {}, options);
  }

  describeTable(table: string, options?: CallOptions): Promise<tables.TableSchema> {
    return this.call(tables.describeTable, { tableName: table }, options);
  }

  /** `exists` says only that a table of this name is there, not that it has this schema. */
  async createTable(table: tables.NewTable, options?: CallOptions): Promise<'created' | 'exists'> {
    const params = tables.createTableParams(table);
    const outcome = await this.#unlessCode(
      'OTSObjectAlreadyExist',
      this.call(tables.createTable, params, options),
    );
    return outcome ? 'created' : 'exists';
  }

  deleteTable(table: string, options?: CallOptions): Promise<void> {
    return this.call(tables.deleteTable, { tableName: table }, options);
  }

  computeSplitPointsBySize(
    request: tables.SplitRequest,
    options?: CallOptions,
  ): Promise<KeyColumn<KeyBound>[][]> {
    return this.call(tables.computeSplitPointsBySize, request, options);
  }

  /** The row, or `undefined` if there is none. */
  getRow(request: rows.GetRowRequest, options?: CallOptions): Promise<StoredRow | undefined> {
    return this.call(rows.getRow, rows.getRowParams(request), options);
  }

  putRow(request: rows.PutRowRequest, options?: CallOptions): Promise<WriteOutcome> {
    return this.#conditional(rows.putRow, rows.putRowParams(request), options);
  }

  updateRow(request: rows.UpdateRowRequest, options?: CallOptions): Promise<WriteOutcome> {
    return this.#conditional(rows.updateRow, rows.updateRowParams(request), options);
  }

  /** Deleting a row that is not there is `applied` under `ignore`. */
  deleteRow(request: rows.DeleteRowRequest, options?: CallOptions): Promise<WriteOutcome> {
    return this.#conditional(rows.deleteRow, rows.deleteRowParams(request), options);
  }

  /** One page, its rows still encoded. */
  getRange(request: rows.GetRangeRequest, options?: CallOptions): Promise<rows.RawPage> {
    return this.call(rows.getRange, rows.getRangeParams(request), options);
  }

  /** One page, its rows read by `decodeRows`, whose ProtocolFaults count as damage of the answer. */
  getRangeAs<T>(
    request: rows.GetRangeRequest,
    decodeRows: (bytes: Buffer) => T,
    options?: CallOptions,
  ): Promise<DecodedPage<T>> {
    const operation: Operation<object, DecodedPage<T>> = {
      ...rows.getRange,
      decode: (body, answer) => {
        const page = rows.getRange.decode(body, answer);
        const decoded = decodeRows(page.rows);
        return page.next ? { rows: decoded, next: page.next } : { rows: decoded };
      },
    };
    return this.call(operation, rows.getRangeParams(request), options);
  }

  /** One page, decoded to values. For small ranges. */
  getRangeRows(request: rows.GetRangeRequest, options?: CallOptions): Promise<RowPage> {
    return this.getRangeAs(request, (bytes) => (bytes.length === 0 ? [] : readRows(bytes)), options);
  }

  /**
   * Rows of one table by key, in request order: the row, `undefined` if there is none, or the fault of this
   * row. At most `MAX_BATCH_GET_ROWS`.
   */
  async batchGetRow(
    request: { readonly table: string; readonly keys: readonly (readonly KeyColumn[])[] },
    options?: CallOptions,
  ): Promise<(StoredRow | undefined | SyncError)[]> {
    const { table, keys } = request;
    if (keys.length === 0) return [];
    assert(keys.length <= MAX_BATCH_GET_ROWS, 'too many rows for one BatchGetRow', { rows: keys.length });
    const params = { tables: [{ tableName: table, primaryKey: keys.map(sdkKey), maxVersions: 1 }] };
    const operation: Operation<object, (StoredRow | undefined | ServiceFault)[]> = {
      ...rows.batchGetRow,
      decode: (body, answer) =>
        onlyTable(rows.batchGetRow.decode(body, answer), keys.length).map(
          (item) => item.fault ?? readRow(item.row),
        ),
    };
    const items = await this.call(operation, params, options);
    return items.map((item) => (item instanceof ServiceFault ? this.#rowFault('batchGetRow', item) : item));
  }

  /**
   * Writes to one table, outcomes in request order. Each row stands alone: some may be applied, others
   * refused. At most `MAX_BATCH_WRITE_ROWS` rows, no row twice. A lost answer throws UnknownOutcomeError.
   */
  async batchWriteRow(
    table: string,
    writes: readonly rows.BatchWrite[],
    options?: CallOptions,
  ): Promise<(WriteOutcome | SyncError)[]> {
    if (writes.length === 0) return [];
    assert(writes.length <= MAX_BATCH_WRITE_ROWS, 'too many rows for one BatchWriteRow', {
      rows: writes.length,
    });
    assert(
      writes.every((w) => w.table === table),
      'a batch write names more than one table',
    );
    const params = { tables: [{ tableName: table, rows: writes.map(rows.batchWriteParams) }] };
    const answer = await this.call(
      {
        ...rows.batchWriteRow,
        decode: (body, answer) => onlyTable(rows.batchWriteRow.decode(body, answer), writes.length),
      } satisfies Operation<object, rows.BatchItem[]>,
      params,
      options,
    );
    return answer.map(({ fault }) => {
      if (!fault) return 'applied';
      if (fault.otsCode === 'OTSConditionCheckFail') return 'condition-failed';
      return this.#rowFault('batchWriteRow', fault);
    });
  }

  close(): void {
    this.#transport.close();
  }

  async #conditional(
    operation: Operation<object, void>,
    params: object,
    options: CallOptions | undefined,
  ): Promise<WriteOutcome> {
    const applied = await this.#unlessCode('OTSConditionCheckFail', this.call(operation, params, options));
    return applied ? 'applied' : 'condition-failed';
  }

  /** True when the call succeeds, false when it fails with exactly this service code. */
  async #unlessCode(otsCode: string, call: Promise<void>): Promise<boolean> {
    try {
      await call;
      return true;
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      if (cause instanceof ServiceFault && cause.otsCode === otsCode) return false;
      throw error;
    }
  }

  #rowFault(operation: string, fault: ServiceFault): SyncError {
    return classify(fault, { operation, write: operation === 'batchWriteRow', codes: this.#codes });
  }
}

/**
 * A client for one instance. Each call is tried once, lasts at most `timeoutMs`, and ends soon after its
 * signal aborts. Faults are SyncErrors of the caller's codes: a write whose answer was lost throws
 * UnknownOutcomeError, a condition that did not hold is a result.
 */
export function createTablestoreClient(options: TablestoreOptions, ports: TablestorePorts): TablestoreClient {
  return new TablestoreClient(options, ports);
}

function onlyTable(items: rows.BatchItem[][], expected: number): rows.BatchItem[] {
  const [table = []] = items;
  if (items.length === 1 && table.length === expected) return table;
  throw new ProtocolFault(`${table.length} row answers for ${expected} rows`, 0);
}
