/** The entries of `column` as the list of a SELECT: names of the catalogue, and expressions that the server types. */
import { ConfigError, type ConfigFault } from '../../errors/index.ts';
import { plainName, quoteIdentifier, quoteTable, tableText } from '../identifiers.ts';
import { findColumn, type TableColumn, type TableDescription } from '../table-description.ts';
import { namedColumn, type ReadColumn, type ReadSession } from './source.ts';

/** What a table is read as. */
export interface SelectList {
  /** SQL of each column. */
  readonly items: readonly string[];
  readonly columns: readonly ReadColumn[];
  /** The catalogue's column of an item that is nothing else, by its place. */
  readonly names: readonly (string | undefined)[];
}

/** Words that look like names and are values. */
const CONSTANTS =
  /^(null|true|false|unknown|current_date|current_time|current_timestamp|localtime|localtimestamp|current_user|session_user|user|current_role|current_catalog|current_schema|utc_date|utc_time|utc_timestamp)$/i;

/** Looks every entry up. Throws a ConfigError with all that are not there or cannot be read. */
export async function selectList(
  session: ReadSession,
  table: TableDescription,
  entries: readonly string[],
): Promise<SelectList> {
  const all = entries.length === 1 && entries[0] === '*';
  const found = all ? table.columns : entries.map((entry) => lookUp(session, table, entry));
  const faults = faultsOf(found, table, all);
  const [first, ...rest] = faults;
  if (first) throw new ConfigError([first, ...rest]);
  const items = found.map((column) =>
    typeof column === 'string' ? column : itemOf(session, column as TableColumn),
  );
  const typed = await expressionColumns(session, table, found);
  const columns = found.map((column, i) =>
    typeof column === 'string' ? typed.get(i)! : readColumn(column as TableColumn),
  );
  const names = found.map((column) =>
    typeof column === 'string' ? undefined : (column as TableColumn).name,
  );
  return { items, columns, names };
}

/** A column, an expression, or `undefined` for a name that the table does not have. */
type Found = TableColumn | string | undefined;

function lookUp({ dialect }: ReadSession, table: TableDescription, entry: string): Found {
  const name = plainName(dialect, entry);
  if (name === undefined) return entry;
  const column = findColumn(table.columns, name);
  if (column) return column;
  const isValue = /^\d/.test(entry) || CONSTANTS.test(entry);
  return isValue ? entry : undefined;
}

function faultsOf(found: readonly Found[], table: TableDescription, all: boolean): ConfigFault[] {
  return found.flatMap((column, i): ConfigFault[] => {
    const path = all ? 'column[0]' : `column[${i}]`;
    if (column === undefined) {
      const hint = `it has ${table.columns.map(({ name }) => name).join(', ')}`.slice(0, 300);
      return [{ code: 'SRC-2020', path, message: `${tableText(table.table)} has no such column`, hint }];
    }
    const refusal = typeof column === 'string' ? undefined : table.refusals.get(column.name);
    if (refusal === undefined || typeof column === 'string') return [];
    return [{ code: 'SRC-2021', path, message: `the column ${column.name} cannot be read: ${refusal}` }];
  });
}

/**
 * A column as it is selected. FLOAT of MySQL is shown with six digits unless it is made a double; money of
 * PostgreSQL is shown in the words of a country.
 */
function itemOf({ dialect }: ReadSession, column: TableColumn): string {
  const name = quoteIdentifier(dialect, column.name);
  if (dialect === 'mysql' && column.typeName === 'float') return `(${name} + 0e0) AS ${name}`;
  if (dialect === 'postgresql' && column.typeName === 'money') return `${name}::numeric AS ${name}`;
  return name;
}

const readColumn = ({ name, type, facts, serverType }: TableColumn): ReadColumn => ({
  name,
  type,
  facts,
  sourceType: serverType,
});

async function expressionColumns(
  session: ReadSession,
  table: TableDescription,
  found: readonly Found[],
): Promise<ReadonlyMap<number, ReadColumn>> {
  const places = found.flatMap((column, i) => (typeof column === 'string' ? [i] : []));
  if (places.length === 0) return new Map();
  const list = places.map((place) => found[place]).join(', ');
  const typed = await session.columnsOf(`SELECT ${list} FROM ${quoteTable(session.dialect, table.table)}`);
  if (typed.length !== places.length) {
    const message = 'an expression stands for more than one column';
    throw new ConfigError([{ code: 'SRC-2024', path: 'column', message }]);
  }
  return new Map(places.map((place, i) => [place, namedColumn(typed[i]!, place)]));
}
