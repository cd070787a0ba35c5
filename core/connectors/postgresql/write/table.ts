/** The target table as the catalogue has it, and what its columns can hold. */
import type { TargetType } from '../../../convert/index.ts';
import { SyncError } from '../../../errors/index.ts';
import type { TableName } from '../../../relational/identifiers.ts';
import { SIDE_CODES } from '../../../relational/side-codes.ts';
import type { TableColumn } from '../../../relational/table-description.ts';
import type { FieldTarget, TargetField, TargetTable } from '../../../relational/write/target.ts';
import type { Column } from '../../../types/index.ts';
import { describeTable } from '../catalog.ts';
import type { PostgresConnection } from '../connection.ts';

/** Bytes of a name of PostgreSQL. */
const NAME_BYTES = 63;
/** Digits of a second. */
const MICROS = 6;

/** Reads the table; `undefined` if there is none. */
export async function readTable(
  connection: PostgresConnection,
  table: TableName,
): Promise<TargetTable | undefined> {
  try {
    const { columns, primaryKey, uniqueKeys } = await describeTable(connection, table);
    const keys = uniqueKeys.map((key) => key.columns);
    return {
      fields: columns.map(fieldOf),
      primaryKey,
      uniqueKeys: primaryKey.length > 0 ? [primaryKey, ...keys] : keys,
    };
  } catch (error) {
    if (error instanceof SyncError && error.code === SIDE_CODES.target.noTable) return undefined;
    throw error;
  }
}

const fieldOf = (column: TableColumn): TargetField => ({
  name: column.name,
  serverType: column.serverType,
  target: fieldTarget(column),
  nullable: column.facts.nullable !== false,
  optional: column.hasDefault || column.autoIncrement || column.generated,
  generated: column.generated,
});

/** Text that the server reads and checks: enums, arrays, uuid, inet, ranges, xml and all that is not known here. */
const TEXT = { kind: 'string', refusesNul: true } as const satisfies TargetType;

const NAMED: Readonly<Record<string, FieldTarget>> = {
  json: { kind: 'json' },
  jsonb: { kind: 'json' },
  name: { ...TEXT, maxBytes: NAME_BYTES },
  char: { ...TEXT, maxBytes: 1 },
  bit: bitsOf,
  varbit: bitsOf,
  // Read and written in the server's own notation, which may have a currency sign.
  money: TEXT,
};

function fieldTarget({ typeName, serverType, type, facts }: TableColumn): FieldTarget {
  const named = NAMED[typeName];
  if (named !== undefined) return named;
  const { precision, scale, length, width = 8, unsigned = false, zoned = false } = facts;
  switch (type) {
    case 'long':
      return { kind: 'long', bits: (width * 8) as 16 | 32 | 64, unsigned };
    case 'double':
      return { kind: 'double', bits: width === 4 ? 32 : 64, specials: true };
    case 'decimal':
      if (serverType.includes(',-')) return 'a negative scale rounds whole digits away';
      // Infinities fit an unbounded numeric only: the server tells.
      return {
        kind: 'decimal',
        specials: true,
        ...(precision !== undefined && { precision, scale: scale ?? 0 }),
      };
    case 'bool':
    case 'bytes':
      return { kind: type };
    case 'date':
      return { kind: 'date', wide: true };
    case 'time':
      return { kind: 'time', scale: scale ?? MICROS };
    case 'datetime':
      return { kind: 'datetime', scale: scale ?? MICROS, zoned, wide: true };
    default:
      return length === undefined ? TEXT : { ...TEXT, maxChars: length };
  }
}

/** Bit strings take the text `0101` and, as one bit, a boolean; bytes have no such form. */
function bitsOf(source: Column): TargetType | string {
  if (source.type === 'bool') return { kind: 'long', bits: 8, unsigned: true };
  return source.type === 'bytes' ? 'bytes cannot become a bit string; use bytea' : TEXT;
}
