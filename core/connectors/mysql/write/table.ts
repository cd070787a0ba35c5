/** The target table as the catalogue has it, and what its columns can hold. */
import type { TargetType } from '../../../convert/index.ts';
import { SyncError } from '../../../errors/index.ts';
import type { TableName } from '../../../relational/identifiers.ts';
import { SIDE_CODES } from '../../../relational/side-codes.ts';
import type { TableColumn } from '../../../relational/table-description.ts';
import type { FieldTarget, TargetField, TargetTable } from '../../../relational/write/target.ts';
import type { Column } from '../../../types/index.ts';
import { describeTable } from '../catalog.ts';
import type { MysqlConnection } from '../connection.ts';

/** Engines that roll back; every other one keeps half of a statement that failed. */
const TRANSACTIONAL = /^(innodb|rocksdb|tokudb|ndb|ndbcluster|xdb|polardbx|)$/i;
/** Text types whose bound is in bytes. */
const SIZED_IN_BYTES = /text$/;

/** Reads the table; `undefined` if there is none. */
export async function readTable(
  connection: MysqlConnection,
  table: TableName,
): Promise<TargetTable | undefined> {
  try {
    const { columns, primaryKey, uniqueKeys, engine, refusals } = await describeTable(connection, table);
    const keys = uniqueKeys.map((key) => key.columns);
    return {
      fields: columns.map((column) => fieldOf(column, refusals.has(column.name))),
      primaryKey,
      uniqueKeys: primaryKey.length > 0 ? [primaryKey, ...keys] : keys,
      ...(!TRANSACTIONAL.test(engine) && { engineWithoutTransactions: engine }),
    };
  } catch (error) {
    if (error instanceof SyncError && error.code === SIDE_CODES.target.noTable) return undefined;
    throw error;
  }
}

const fieldOf = (column: TableColumn, refused: boolean): TargetField => ({
  name: column.name,
  serverType: column.serverType,
  target: refused ? 'values of this type cannot be written' : fieldTarget(column),
  nullable: column.facts.nullable !== false,
  optional: column.hasDefault || column.autoIncrement || column.generated,
  generated: column.generated,
});

function fieldTarget(column: TableColumn): FieldTarget {
  const { typeName, serverType, type, facts } = column;
  const { precision, scale = 0, length, width = 8, unsigned = false, zoned = false } = facts;
  if (typeName === 'year') return { kind: 'year' };
  if (typeName === 'json') return { kind: 'json' };
  if (typeName === 'bit') return bitsOf(Number(/\d+/.exec(serverType)?.[0] ?? 1));
  switch (type) {
    case 'long':
      return { kind: 'long', bits: (width * 8) as 8 | 16 | 24 | 32 | 64, unsigned };
    case 'double':
      return { kind: 'double', bits: width === 4 ? 32 : 64 };
    case 'decimal':
      return { kind: 'decimal', scale, ...(precision !== undefined && { precision }) };
    case 'bytes':
      return { kind: 'bytes', ...(length !== undefined && { maxBytes: length }) };
    case 'date':
      return { kind: 'date' };
    case 'time':
      return { kind: 'time', scale, beyondDay: true };
    case 'datetime':
      return { kind: 'datetime', scale, zoned };
    default:
      return textTarget(column);
  }
}

/** Bounds of the server where its bytes are ours; those of other character sets the server judges itself. */
function textTarget({ typeName, facts: { length }, charset = '' }: TableColumn): TargetType {
  if (length === undefined || typeName === 'enum' || typeName === 'set') return { kind: 'string' };
  if (!SIZED_IN_BYTES.test(typeName)) return { kind: 'string', maxChars: length };
  return charset.startsWith('utf8') ? { kind: 'string', maxBytes: length } : { kind: 'string' };
}

/**
 * Bits take bytes, most significant first, or a number; text of digits would be taken for its characters. Cells that bring
 * a type of their own fill one bit as truth values: as numbers or as bytes they would mean different things.
 */
const bitsOf =
  (bits: number) =>
  (source: Column): TargetType | string => {
    if (source.type === 'bytes') return { kind: 'bytes', maxBytes: Math.ceil(bits / 8) };
    if (bits === 1 && (source.type === 'bool' || source.type === 'any')) return { kind: 'bool' };
    if (source.type === 'string' || source.type === 'any')
      return 'text cannot become bits; use a number or bytes';
    return { kind: 'long', bits: 64, unsigned: true };
  };
