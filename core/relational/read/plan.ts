/** Cutting the input of a job into shards. */
import type { Piece, PlanNote } from '../../connectors/contract.ts';
import { ConfigError, SyncError } from '../../errors/index.ts';
import { tableText } from '../identifiers.ts';
import { findColumn, rowKey, type TableDescription } from '../table-description.ts';
import { CTID, type KeyColumn, keyColumns } from './key.ts';
import { evenly } from './keyset-walk.ts';
import { decodeCursor, encodeRange, type ShardRange } from './range.ts';
import type { RelationalReaderConfig } from './reader-config.ts';
import type { CutRequest, Cuts, ReadSession } from './source.ts';
import { rangeColumns } from './statement.ts';

/** Shards of a run at most. */
export const MAX_SHARDS = 10_000;

/** The part of a range that is the same for all shards of a table. */
export type RangeBase = Pick<ShardRange, 'v' | 'connection' | 'columns' | 'table' | 'query' | 'snapshot'>;

/** Shards of one table or query, and what a person should know about them. */
export interface TablePlan {
  readonly pieces: readonly Piece[];
  readonly notes: readonly PlanNote[];
}

/** How many shards each table is to become. DataX multiplies again for each further connection; here it is once. */
export function piecesPerTable(
  want: number,
  tablesInAll: number,
  tablesOfConnection: number,
  splitFactor: number,
): number {
  const share = Math.ceil(want / tablesInAll);
  const wanted = share > 1 && tablesOfConnection === 1 ? share * splitFactor : share;
  return Math.max(1, Math.min(wanted, Math.floor(MAX_SHARDS / tablesInAll)));
}

/** Cuts one table. */
export class TablePlanner {
  readonly #session: ReadSession;
  readonly #config: RelationalReaderConfig;
  readonly #table: TableDescription;
  readonly #base: RangeBase;
  readonly #notes: PlanNote[] = [];

  constructor(
    session: ReadSession,
    config: RelationalReaderConfig,
    table: TableDescription,
    base: RangeBase,
  ) {
    this.#session = session;
    this.#config = config;
    this.#table = table;
    this.#base = base;
  }

  async plan(pieces: number): Promise<TablePlan> {
    const by = this.#splitColumns();
    const order = this.#resumeKey();
    if (isPlace(by)) return this.#byPlace(pieces);
    const cuts = by && (await this.#cuts(by, pieces));
    if (!by || !cuts || cuts.points.length === 0) return this.#whole(order);
    const ordered = orderOf(by, order, this.#table);
    const bounds = { by: by.map(({ name }) => name), order: ordered };
    const ranges: ShardRange[] = between(cuts.points).map((ends) => ({ ...this.#base, ...bounds, ...ends }));
    if (by.length === 1 && by[0]!.nullable)
      ranges.push({ ...this.#base, ...bounds, isNull: true, order: [...order] });
    const each = this.#config.where === undefined ? cuts.estimatedRows : undefined;
    return this.#result(ranges, each === undefined ? undefined : Math.ceil(each / ranges.length));
  }

  #whole(order: readonly string[]): TablePlan {
    const rows = this.#config.where === undefined ? this.#table.estimatedRows : undefined;
    return this.#result([{ ...this.#base, by: [], order: [...order] }], rows);
  }

  #result(ranges: readonly ShardRange[], rows: number | undefined): TablePlan {
    const pieces = ranges.map((range) => ({
      range: encodeRange(range),
      ...(rows !== undefined && { estimatedRows: rows }),
    }));
    return { pieces, notes: this.#notes };
  }

  /** Columns to cut by: `splitPk`, or the key of the table; `undefined` = it cannot be cut. */
  #splitColumns(): readonly KeyColumn[] | undefined {
    const { splitPk, dialect } = this.#config;
    const { table } = this.#table;
    if (splitPk === undefined) {
      return nonEmpty(keyColumns(dialect, this.#table, rowKey(this.#table))) ?? this.#fixedPlaces();
    }
    const name = splitPk.replace(/^[`"]|[`"]$/g, '');
    const column = findColumn(this.#table.columns, name);
    if (!column && name.toLowerCase() === CTID && dialect === 'postgresql') {
      requirePlaces(this.#table);
      return rangeColumns(this.#session, this.#table, [CTID]);
    }
    if (!column) {
      const message = `${tableText(table)} has no column ${name}`;
      throw new ConfigError([{ code: 'SRC-2020', path: 'splitPk', message }]);
    }
    const columns = keyColumns(dialect, this.#table, [column.name]);
    if (!columns)
      this.#warn(`${tableText(table)} is one shard: it cannot be cut by ${name}, a ${column.serverType}`);
    return columns;
  }

  /** Rows of one snapshot stay where they are: a table without a key can be cut and resumed by their places. */
  #fixedPlaces(): readonly KeyColumn[] | undefined {
    if (this.#base.snapshot === undefined || !this.#table.hasPlaces) return undefined;
    return rangeColumns(this.#session, this.#table, [CTID]);
  }

  /** Columns to resume by; empty = none. */
  #resumeKey(): readonly string[] {
    const key = rowKey(this.#table);
    if (key.length > 0 && keyColumns(this.#config.dialect, this.#table, key)) return key;
    const reason =
      key.length === 0
        ? 'it has no primary key and no unique key without nulls'
        : 'its key has a type that cannot be compared exactly';
    this.#warn(
      `shards of ${tableText(this.#table.table)} start over after a fault: ${reason}; each must fit into one invocation`,
    );
    return [];
  }

  async #cuts(by: readonly KeyColumn[], pieces: number): Promise<Cuts | undefined> {
    if (this.#config.splitPoints.length > 0) return this.#givenPoints(by[0]!);
    if (pieces < 2) return undefined;
    const { where } = this.#config;
    const request: CutRequest = {
      table: this.#table,
      columns: by,
      pieces,
      ...(where !== undefined && { where }),
    };
    const cuts = await this.#session.cut(request);
    if (cuts.reason !== undefined) {
      this.#warn(`${tableText(this.#table.table)} is one shard: ${cuts.reason}; give splitPk or splitPoints`);
    }
    if (await this.#session.increasing(by, cuts.points)) return cuts;
    this.#warn(
      `${tableText(this.#table.table)} is one shard: the server does not confirm the order of its own values`,
    );
    return undefined;
  }

  async #givenPoints(column: KeyColumn): Promise<Cuts> {
    const { splitPoints } = this.#config;
    const refuse = (message: string, cause?: unknown): SyncError =>
      new SyncError('SRC-2025', 'config', message, { column: column.name }, { cause });
    const points = splitPoints.map((point) => [point]);
    let increasing: boolean;
    try {
      increasing = await this.#session.increasing([column], points);
    } catch (error) {
      if (error instanceof SyncError && error.kind === 'transient') throw error;
      throw refuse(`splitPoints hold a value that ${column.name} (${column.serverType}) cannot have`, error);
    }
    if (!increasing) throw refuse(`splitPoints are not strictly increasing as ${column.name} is compared`);
    return { points };
  }

  async #byPlace(pieces: number): Promise<TablePlan> {
    this.#notes.length = 0;
    const risk = this.#base.snapshot === undefined ? MOVED_ROWS : MOVED_FILE;
    this.#warn(`${tableText(this.#table.table)} is cut by the place of rows in the file: ${risk}`);
    const columns = rangeColumns(this.#session, this.#table, [CTID]);
    const cuts =
      pieces < 2 ? { points: [] } : await this.#session.cut({ table: this.#table, columns, pieces });
    const bounds = { by: [CTID], order: [CTID] };
    const ranges = between(cuts.points).map((ends) => ({ ...this.#base, ...bounds, ...ends }));
    return this.#result(ranges, rowsEach(this.#table.estimatedRows, ranges.length));
  }

  #warn(message: string): void {
    this.#notes.push({ level: 'warning', message });
  }
}

/** What goes wrong with places of rows when each shard has a snapshot of its own, and when all have one. */
const MOVED_ROWS = 'rows that are updated while the run lasts may be missed or read twice';
const MOVED_FILE = 'it must not be rewritten (VACUUM FULL, CLUSTER) while the run lasts';

/** A place names a row only inside of one file. */
function requirePlaces(table: TableDescription): void {
  if (table.hasPlaces) return;
  const message = `${tableText(table.table)} cannot be cut by ctid: only tables without partitions, of PostgreSQL 14 and later`;
  throw new ConfigError([{ code: 'SRC-2020', path: 'splitPk', message }]);
}

const rowsEach = (rows: number | undefined, count: number): number | undefined =>
  rows === undefined ? undefined : Math.ceil(rows / count);

const isPlace = (by: readonly KeyColumn[] | undefined): boolean => by?.[0]?.serverType === 'tid';

const nonEmpty = <T>(items: readonly T[] | undefined): readonly T[] | undefined =>
  items && items.length > 0 ? items : undefined;

type Ends = Pick<ShardRange, 'lower' | 'upper'>;

/** The ranges between points: the first open below, the last open above, so rows that come later belong somewhere. */
function between(points: Cuts['points'], whole: Ends = {}): Ends[] {
  return [undefined, ...points].map((point, i) => {
    const lower = point ?? whole.lower;
    const upper = points[i] ?? whole.upper;
    return { ...(lower && { lower: [...lower] }), ...(upper && { upper: [...upper] }) };
  });
}

/**
 * The order inside a range: the key of rows if the range is one of it; the column of the range and then the key if an
 * index gives that order; otherwise the key alone, so that the server sorts nothing large.
 */
function orderOf(by: readonly KeyColumn[], key: readonly string[], table: TableDescription): string[] {
  const names = by.map(({ name }) => name);
  if (key.length === 0 || names.every((name, i) => name === key[i])) return [...key];
  const first = names[0]!;
  if (!table.indexStarts.includes(first)) return [...key];
  return [...names, ...key.filter((name) => !names.includes(name))];
}

/** Cuts what is left of a shard; see `Reader.split`. */
export async function splitRange(
  session: ReadSession,
  table: TableDescription,
  range: ShardRange,
  where: string | undefined,
  from: Parameters<typeof decodeCursor>[0] | undefined,
  pieces: number,
): Promise<readonly Piece[]> {
  const by = range.by.length > 0 ? range.by : range.order;
  const ordered = by.every((name, i) => name === range.order[i]);
  if (pieces < 2 || range.isNull || by.length === 0 || !ordered) return [];
  const columns = rangeColumns(session, table, by);
  const lower = from === undefined ? range.lower : decodeCursor(from).slice(0, by.length);
  const { points } = await session.cut({
    table,
    columns,
    pieces,
    ...(where !== undefined && { where }),
    ...(lower && { lower }),
    ...(range.upper && { upper: range.upper }),
  });
  if (points.length === 0 || !(await session.increasing(columns, points))) return [];
  return between(evenly(points, pieces), range).map((ends) => {
    const { lower: _lower, upper: _upper, ...rest } = range;
    return { range: encodeRange({ ...rest, by, ...ends }) };
  });
}
