/** How types of the MySQL family are read here, by their names in the catalogue. */

import type { TypeReading } from '../../relational/table-description.ts';
import type { ColumnFacts, LogicalType } from '../../types/index.ts';

/** A column of `information_schema.columns`, as far as its type goes. */
export interface MysqlType {
  /** `data_type`, lower case, such as `bigint`. */
  readonly name: string;
  /** `column_type`, such as `bigint(20) unsigned zerofill`. */
  readonly full: string;
  readonly precision?: number;
  readonly scale?: number;
  /** Characters, or bytes of binary types. */
  readonly length?: number;
  /** Digits after the point of seconds. */
  readonly fraction?: number;
}

/** Bytes of whole numbers. */
const INTEGERS: Readonly<Record<string, number>> = {
  tinyint: 1,
  smallint: 2,
  mediumint: 3,
  int: 4,
  bigint: 8,
};
/** Most digits of a DECIMAL, and after its point; an unknown one counts as the largest. */
const MAX_PRECISION = 65;

const GEOMETRIES =
  /^(geometry|point|linestring|polygon|multipoint|multilinestring|multipolygon|geomcollection|geometrycollection)$/;

const TEXTS = /^(char|varchar|tinytext|text|mediumtext|longtext|nchar|nvarchar)$/;
const BYTES = /^(binary|varbinary|tinyblob|blob|mediumblob|longblob)$/;
/** Canonical text of the server. */
const WORDS = /^(json|enum|set|uuid|inet4|inet6|xmltype)$/;

/** How a type is read, or why it cannot be. */
export function readingOf(type: MysqlType): TypeReading {
  const { name, full } = type;
  const width = INTEGERS[name];
  if (width !== undefined) return long(width, /unsigned/i.test(full));
  if (name === 'year') return long(2, true);
  if (name === 'bit') return bit(type.precision ?? bitLength(full));
  if (name === 'float') return { type: 'double', facts: { width: 4 } };
  if (name === 'double' || name === 'real') return { type: 'double', facts: { width: 8 } };
  if (name === 'decimal' || name === 'numeric') return decimal(type);
  if (name === 'date') return { type: 'date', facts: {} };
  if (name === 'time') return { type: 'time', facts: { scale: type.fraction ?? 0 } };
  if (name === 'datetime') return moment(type, false);
  if (name === 'timestamp') return moment(type, true);
  if (TEXTS.test(name)) return sized('string', type.length);
  if (BYTES.test(name)) return sized('bytes', type.length);
  if (WORDS.test(name)) return sized('string', name === 'json' ? undefined : type.length);
  if (GEOMETRIES.test(name)) return `${name} is a geometry: read ST_AsText(…) or ST_AsWKB(…) instead`;
  return `the type ${name} is not known here`;
}

const long = (width: number, unsigned: boolean): TypeReading => ({
  type: 'long',
  facts: unsigned ? { width, unsigned } : { width },
});

/** One bit is a truth value; more are bytes, the most significant first, as the server sends them. */
const bit = (bits: number): TypeReading =>
  bits === 1 ? { type: 'bool', facts: {} } : { type: 'bytes', facts: { length: Math.ceil(bits / 8) } };

const bitLength = (full: string): number => Number(/\((\d+)\)/.exec(full)?.[1] ?? 1);

const decimal = ({ precision, scale }: MysqlType): TypeReading => ({
  type: 'decimal',
  facts: { precision: precision ?? MAX_PRECISION, scale: scale ?? 0 },
});

const moment = ({ fraction }: MysqlType, zoned: boolean): TypeReading => ({
  type: 'datetime',
  facts: zoned ? { scale: fraction ?? 0, zoned } : { scale: fraction ?? 0 },
});

const sized = (type: LogicalType, length: number | undefined): TypeReading => {
  const facts: ColumnFacts = length === undefined ? {} : { length };
  return { type, facts };
};
