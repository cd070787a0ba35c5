import { MAX_KEY_VALUE_BYTES } from '../limits.ts';
import { invalidPrimaryKey, type OtsError, parameterInvalid } from '../ots-error.ts';
import { type KeyColumn, keyVariant } from '../table/schema.ts';
import { ByteWriter } from '../wire/byte-writer.ts';
import { type PlainCell, VARIANT, variantName } from '../wire/plain-format.ts';
import { writeKeyColumn } from './key-encoding.ts';
import { integerVariant, valueBytes } from './value.ts';

/** What may stand in a key besides values of the column's type. */
export type KeyUse = 'row' | 'insert' | 'bound';

const scratch = new ByteWriter(1024);

/**
 * Checks what can be checked without the table: every cell has a plain value of legal size, and no placeholder
 * where the call allows none. Throws OTSParameterInvalid.
 */
export function checkKeyCells(cells: readonly PlainCell[], use: KeyUse): void {
  for (const cell of cells) {
    if (!cell.value || cell.operation !== undefined) {
      throw parameterInvalid(`The primary key column '${cell.name}' has no value.`);
    }
    const type = cell.value[0] as number;
    if (!isKeyType(type, use)) {
      throw parameterInvalid(`${variantName(type)} is an invalid type for the primary key.`);
    }
    const bytes = valueBytes(cell.value);
    if (type !== VARIANT.INTEGER && bytes > MAX_KEY_VALUE_BYTES) {
      throw keyTooLong(cell.name, bytes);
    }
  }
}

/** OTSParameterInvalid for a key value over the limit. */
export const keyTooLong = (name: string, bytes: number): OtsError =>
  parameterInvalid(
    `The length of primary key column: '${name}' exceeds the MaxLength:${MAX_KEY_VALUE_BYTES} with CurrentLength:${bytes}.`,
  );

function isKeyType(type: number, use: KeyUse): boolean {
  if (type === VARIANT.INTEGER || type === VARIANT.STRING || type === VARIANT.BLOB) return true;
  if (type === VARIANT.AUTO_INCREMENT) return use === 'insert';
  return (type === VARIANT.INF_MIN || type === VARIANT.INF_MAX) && use === 'bound';
}

/** Checks number, names and types of key cells against the schema. Throws OTSInvalidPK. */
export function checkKeySchema(cells: readonly PlainCell[], schema: readonly KeyColumn[]): void {
  if (cells.length !== schema.length) {
    throw invalidPrimaryKey(`Validate PK size fail. Input: ${cells.length}, Meta: ${schema.length}.`);
  }
  schema.forEach((column, index) => {
    const cell = cells[index] as PlainCell;
    if (cell.name !== column.name) {
      throw invalidPrimaryKey(`Validate PK name fail. Input: ${cell.name}, Meta: ${column.name}.`);
    }
    const type = (cell.value as Uint8Array)[0] as number;
    const expected = keyVariant(column.type);
    const placeholder =
      type === VARIANT.INF_MIN ||
      type === VARIANT.INF_MAX ||
      (type === VARIANT.AUTO_INCREMENT && column.autoIncrement);
    if (type !== expected && !placeholder) {
      throw invalidPrimaryKey(
        `Validate PK type fail. Input: ${variantName(type)}, Meta: ${variantName(expected)}.`,
      );
    }
  });
}

/** The order-preserving form of checked key cells (`key-encoding.ts`). */
export function encodeKey(cells: readonly PlainCell[]): Uint8Array {
  scratch.length = 0;
  for (const cell of cells) writeKeyColumn(scratch, cell.value as Uint8Array);
  return scratch.toBytes();
}

/** True when a cell asks the service to number the row. */
export const hasAutoIncrement = (cells: readonly PlainCell[]): boolean =>
  cells.some((cell) => cell.value?.[0] === VARIANT.AUTO_INCREMENT);

/** Replaces the AUTO_INCREMENT placeholder by `number`. */
export const numberKey = (cells: readonly PlainCell[], number: bigint): PlainCell[] =>
  cells.map((cell) =>
    cell.value?.[0] === VARIANT.AUTO_INCREMENT ? { ...cell, value: integerVariant(number) } : cell,
  );
