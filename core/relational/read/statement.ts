/** The SELECT of a shard: what it shows, what it needs to be resumed, and in which order. */
import { createHash } from 'node:crypto';
import { SyncError } from '../../errors/index.ts';
import { quoteTable } from '../identifiers.ts';
import type { TableDescription } from '../table-description.ts';
import { CTID, compareKey, type KeyColumn, keyColumns, keyName, type Tuple } from './key.ts';
import type { ShardRange } from './range.ts';
import type { SelectList } from './select-list.ts';
import type { ReadColumn, ReadSession, StreamQuery } from './source.ts';

/** A table with what is read of it. */
export interface ReadTable {
  readonly table: TableDescription;
  readonly list: SelectList;
}

/** The place of a row in the file of a PostgreSQL table, as a key. */
const PLACE: KeyColumn = { name: CTID, kind: 'cast', integer: false, nullable: false, serverType: 'tid' };

/** Columns of a range as keys; the table must still have them. */
export function rangeColumns(
  { dialect }: Pick<ReadSession, 'dialect'>,
  table: TableDescription,
  names: readonly string[],
): readonly KeyColumn[] {
  if (names.length === 1 && names[0] === CTID && dialect === 'postgresql') return [PLACE];
  const columns = keyColumns(dialect, table, names);
  if (columns === undefined) throw changed();
  return columns;
}

/** The statement that reads what is left of a shard. */
export function shardQuery(
  session: Pick<ReadSession, 'dialect'>,
  { table, list }: ReadTable,
  range: ShardRange,
  where: string | undefined,
  after: Tuple | undefined,
): StreamQuery {
  const { dialect } = session;
  const by = rangeColumns(session, table, range.by);
  const key = rangeColumns(session, table, range.order);
  if (after !== undefined && after.length !== key.length) throw changed();
  const physical = key.length === 1 && key[0] === PLACE;
  const { places, hidden } = keyPlaces(dialect, key, list);
  const shown = hidden.map((column) => keyName(dialect, column));
  const conditions = [
    ...(where === undefined ? [] : [`(${where})`]),
    ...(range.isNull ? [`${keyName(dialect, by[0]!)} IS NULL`] : []),
    ...(range.lower ? [compareKey(dialect, by, '>=', range.lower)] : []),
    ...(range.upper ? [compareKey(dialect, by, '<', range.upper)] : []),
    ...(after ? [compareKey(dialect, key, '>', after)] : []),
  ];
  const sql = [
    `SELECT ${[...list.items, ...shown].join(', ')}`,
    `FROM ${quoteTable(dialect, table.table)}`,
    ...(conditions.length > 0 ? [`WHERE ${conditions.join(' AND ')}`] : []),
    ...(key.length > 0 && !physical
      ? [`ORDER BY ${key.map((column) => keyName(dialect, column)).join(', ')}`]
      : []),
  ].join(' ');
  return { sql, columns: list.columns, keyPlaces: places, hidden: hidden.length, key, physical };
}

/** Values of the key are taken from columns that are shown anyway, if those keep the server's text; others are added. */
function keyPlaces(
  dialect: ReadSession['dialect'],
  key: readonly KeyColumn[],
  { names, columns }: SelectList,
): { places: readonly number[]; hidden: readonly KeyColumn[] } {
  const hidden: KeyColumn[] = [];
  const places = key.map((column) => {
    const place = names.indexOf(column.name);
    if (place >= 0 && keepsText(dialect, columns[place]!)) return place;
    hidden.push(column);
    return columns.length + hidden.length - 1;
  });
  return { places, hidden };
}

/** Whether making a block leaves the bytes of these cells as they came. */
function keepsText(dialect: ReadSession['dialect'], { type }: ReadColumn): boolean {
  if (type === 'bool') return false;
  return dialect === 'mysql' || type !== 'bytes';
}

/** Stands for the columns of a plan and their types. */
export function columnsMark(columns: readonly ReadColumn[]): string {
  const shape = JSON.stringify(columns.map(({ name, type, sourceType }) => [name, type, sourceType]));
  return createHash('sha256').update(shape).digest('hex').slice(0, 12);
}

/** The refusal of a shard whose table is not the one that was planned. */
export const changed = (): SyncError =>
  new SyncError('SRC-2023', 'config', 'the columns or the key of the table are others than planned');
