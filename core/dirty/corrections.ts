/** What a person changes about refused rows: a file with corrected rows, and values for whole columns. */
import { SyncError } from '../errors/index.ts';
import type { Column } from '../types/index.ts';
import { type CellJson, cellFromJson, doubleCell, longCell } from './cell-json.ts';
import type { DeskRow } from './model.ts';

/** A line of an exported file: what a person reads and edits. `row` counts, the rest is for reading. */
export interface ExportLine {
  readonly place: string;
  readonly row: Readonly<Record<string, CellJson>>;
  readonly code: string;
  readonly column: string;
  readonly message: string;
  readonly targetType: string;
  readonly key: string;
  readonly value: string;
}

/** Corrected rows by place, in column order. */
export type Corrections = ReadonlyMap<string, readonly CellJson[]>;

const LINE_KEYS = ['place', 'row', 'code', 'column', 'message', 'targetType', 'key', 'value'];

/** Names that tell the columns apart: a repeated one gets `#2`, `#3`, … */
export function columnNames(columns: readonly Column[]): readonly string[] {
  const seen = new Map<string, number>();
  return columns.map(({ name }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  });
}

/** The line of a row, or `undefined` if it was too large to be kept. */
export function exportLine({ place, refused }: DeskRow, names: readonly string[]): ExportLine | undefined {
  const { cells, code, column, message, targetType, key, value } = refused;
  if (!cells) return undefined;
  const row = Object.fromEntries(names.map((name, i) => [name, cells[i] ?? null]));
  return { place, row, code, column, message, targetType, key, value };
}

/**
 * Reads corrected rows, one JSON object per line: `place` and `row` as exported. Throws CLI-0010 with the line.
 */
export function parseCorrections(text: string, file: string, names: readonly string[]): Corrections {
  const rows = new Map<string, readonly CellJson[]>();
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const refuse = (message: string): SyncError => badFile(`${file}:${i + 1}: ${message}`);
    const { place, row } = parseLine(line, refuse);
    if (rows.has(place)) throw refuse(`row ${place} is given twice`);
    rows.set(place, cellsOf(row, names, refuse));
  }
  if (rows.size === 0) throw badFile(`${file} has no rows`);
  return rows;
}

type Refuse = (message: string) => SyncError;

function parseLine(line: string, refuse: Refuse): { place: string; row: object } {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    throw refuse(`is no JSON object: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw refuse('is no JSON object');
  const unknown = Object.keys(json).find((key) => !LINE_KEYS.includes(key));
  if (unknown !== undefined) throw refuse(`unknown key \`${unknown}\`; \`place\` and \`row\` are read`);
  const { place, row } = json as { readonly place?: unknown; readonly row?: unknown };
  if (typeof place !== 'string') throw refuse('`place` is missing');
  if (typeof row !== 'object' || row === null || Array.isArray(row)) throw refuse('`row` is no object');
  return { place, row };
}

function cellsOf(row: object, names: readonly string[], refuse: Refuse): readonly CellJson[] {
  const cells = new Map(Object.entries(row));
  const unknown = [...cells.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw refuse(`the rows have no column \`${unknown}\`; they have ${names.join(', ')}`);
  return names.map((name) => {
    if (!cells.has(name)) throw refuse(`column \`${name}\` is missing: a row is corrected as a whole`);
    const cell: unknown = cells.get(name);
    try {
      return normalized(cell);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw refuse(`column \`${name}\`: ${error.message}`);
    }
  });
}

/** Plain numbers and booleans become the tagged values that they mean. */
function normalized(cell: unknown): CellJson {
  cellFromJson(cell);
  if (typeof cell === 'number') return { long: String(cell) };
  return typeof cell === 'boolean' ? { bool: cell } : (cell as CellJson);
}

/** Values for columns of every row, by column index. */
export type Settings = ReadonlyMap<number, CellJson>;

/** What the command line sets: `column=value` each, and names of columns that become null. */
export interface GivenSettings {
  readonly values: readonly string[];
  readonly nulls: readonly string[];
}

/** Reads the settings of a command line, values as their columns take them. Throws CLI-0001. */
export function parseSettings({ values, nulls }: GivenSettings, columns: readonly Column[]): Settings {
  const names = columnNames(columns);
  const settings = new Map<number, CellJson>();
  const set = (option: string, name: string, make: (column: Column) => CellJson): void => {
    const index = names.indexOf(name);
    if (index < 0)
      throw badOption(option, `the rows have no column \`${name}\`; they have ${names.join(', ')}`);
    if (settings.has(index)) throw badOption(option, `\`${name}\` is given twice`);
    settings.set(index, make(columns[index]!));
  };
  for (const one of values) {
    const option = `--set ${one}`;
    const equals = one.indexOf('=');
    if (equals < 0) throw badOption(option, 'write it as column=value; for null there is --set-null');
    set(option, one.slice(0, equals), (column) => settingOf(option, one.slice(equals + 1), column));
  }
  for (const name of nulls) set(`--set-null ${name}`, name, () => null);
  return settings;
}

function settingOf(option: string, text: string, column: Column): CellJson {
  try {
    return valueFor(text, column);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw badOption(option, error.message);
  }
}

/** A word of the command line in the form that the column's cells have. Decimals and dates travel as text. */
function valueFor(text: string, { type, facts }: Column): CellJson {
  switch (type) {
    case 'long':
      if (facts?.unsigned && isUnsigned64(text)) return text;
      longCell(text);
      return { long: text };
    case 'double':
      doubleCell(text);
      return { double: text };
    case 'bool':
      if (text !== 'true' && text !== 'false') throw new RangeError('the column takes true or false');
      return { bool: text === 'true' };
    default:
      return text;
  }
}

/** Whether a whole number is beyond what a signed one of 64 bits can be, and within an unsigned one. */
const isUnsigned64 = (text: string): boolean =>
  /^\d{19,20}$/.test(text) && BigInt(text) >= 2n ** 63n && BigInt(text) < 2n ** 64n;

const badFile = (message: string): SyncError => new SyncError('CLI-0010', 'config', message);
const badOption = (option: string, message: string): SyncError =>
  new SyncError('CLI-0001', 'config', `${option}: ${message}`);
