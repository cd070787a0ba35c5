/** Columns of a result by the definitions of the protocol: what expressions and queries are, before any row. */
import type { FieldPacket } from 'mysql2';
import { SyncError } from '../../../errors/index.ts';
import type { ReadColumn } from '../../../relational/read/source.ts';
import type { MysqlConnection } from '../connection.ts';
import { mysqlFault } from '../errors.ts';
import { type MysqlType, readingOf } from '../types.ts';

/** `enum_field_types`: the names that the catalogue has for them. */
const NAMES: Readonly<Record<number, string>> = {
  0: 'decimal',
  1: 'tinyint',
  2: 'smallint',
  3: 'int',
  4: 'float',
  5: 'double',
  6: 'varchar', // the type of NULL
  7: 'timestamp',
  8: 'bigint',
  9: 'mediumint',
  10: 'date',
  11: 'time',
  12: 'datetime',
  13: 'year',
  14: 'date',
  15: 'varchar',
  16: 'bit',
  242: 'vector',
  245: 'json',
  246: 'decimal',
  247: 'enum',
  248: 'set',
  249: 'tinyblob',
  250: 'mediumblob',
  251: 'longblob',
  252: 'blob',
  253: 'varchar',
  254: 'char',
  255: 'geometry',
};

/** Flags of a column definition. */
const NOT_NULL = 1;
const UNSIGNED = 32;
const ZEROFILL = 64;
const ENUM = 256;
const SET = 2048;
/** Charset number of bytes. */
const BINARY_CHARSET = 63;
/** Most bytes of a character in the session's charset, utf8mb4. */
const CHARACTER_BYTES = 4;
/** Decimals of a type whose point floats. */
const NO_DECIMALS = 31;

const BINARY_NAMES: Readonly<Record<string, string>> = { varchar: 'varbinary', char: 'binary' };
const TEXT_NAMES: Readonly<Record<string, string>> = {
  tinyblob: 'tinytext',
  blob: 'text',
  mediumblob: 'mediumtext',
  longblob: 'longtext',
};

/** The columns of a SELECT, by preparing it. Throws SRC-2021 for one that cannot be read. */
export async function resultColumns(
  connection: MysqlConnection,
  sql: string,
): Promise<readonly ReadColumn[]> {
  const fields = await fieldsOf(connection, sql);
  return fields.map((field, i) => readColumn(field, i));
}

function fieldsOf(connection: MysqlConnection, sql: string): Promise<readonly FieldPacket[]> {
  return new Promise((resolve, reject) => {
    connection.driver.prepare(sql, (error, statement) => {
      if (error) return reject(mysqlFault(error, connection.side, 'the columns cannot be read'));
      const { columns } = statement as unknown as { columns?: readonly FieldPacket[] };
      connection.driver.unprepare(sql);
      resolve(columns ?? []);
    });
  });
}

function readColumn(field: FieldPacket, ordinal: number): ReadColumn {
  const type = typeOf(field);
  const reading = readingOf(type);
  const { name } = field;
  if (typeof reading === 'string') {
    throw new SyncError('SRC-2021', 'config', `the column ${name || ordinal + 1} cannot be read: ${reading}`);
  }
  const nullable = (flagsOf(field) & NOT_NULL) === 0;
  return { name, type: reading.type, facts: { ...reading.facts, nullable }, sourceType: type.full };
}

const flagsOf = (field: FieldPacket): number => (typeof field.flags === 'number' ? field.flags : 0);

function typeOf(field: FieldPacket): MysqlType {
  const {
    characterSet = 0,
    columnLength: length = 0,
    decimals = 0,
  } = field as {
    characterSet?: number;
    columnLength?: number;
    decimals?: number;
  };
  const flags = flagsOf(field);
  const base = NAMES[field.columnType ?? field.type ?? -1] ?? 'unknown';
  const binary = characterSet === BINARY_CHARSET;
  const name = wordType(flags) ?? (binary ? BINARY_NAMES[base] : TEXT_NAMES[base]) ?? base;
  const unsigned = (flags & UNSIGNED) !== 0;
  const fraction = decimals < NO_DECIMALS ? decimals : 0;
  switch (name) {
    case 'decimal': {
      // The display length counts the point, and the sign of a signed type.
      const precision = length - (fraction > 0 ? 1 : 0) - (unsigned ? 0 : 1);
      return {
        name,
        full: withAttributes(`decimal(${precision},${fraction})`, flags),
        precision,
        scale: fraction,
      };
    }
    case 'bit':
      return { name, full: `bit(${length})`, precision: length };
    case 'time':
    case 'datetime':
    case 'timestamp':
      return { name, full: fraction > 0 ? `${name}(${fraction})` : name, fraction };
    case 'char':
    case 'varchar':
      return sized(name, Math.floor(length / CHARACTER_BYTES));
    case 'binary':
    case 'varbinary':
      return sized(name, length);
    default:
      return { name, full: name === 'year' ? name : withAttributes(name, flags) };
  }
}

const withAttributes = (name: string, flags: number): string =>
  name + ((flags & UNSIGNED) !== 0 ? ' unsigned' : '') + ((flags & ZEROFILL) !== 0 ? ' zerofill' : '');

const wordType = (flags: number): string | undefined =>
  (flags & ENUM) !== 0 ? 'enum' : (flags & SET) !== 0 ? 'set' : undefined;

const sized = (name: string, length: number): MysqlType => ({ name, full: `${name}(${length})`, length });
