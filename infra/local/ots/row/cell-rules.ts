import { parameterInvalid } from '../ots-error.ts';
import type { TableDefinition, TableOptions } from '../table/schema.ts';
import { CELL_OP, type PlainCell, VARIANT, variantName } from '../wire/plain-format.ts';
import type { WriteRequest } from './write-request.ts';

const MS_PER_SECOND = 1000n;

/** Value types of predefined columns by the numbers of the protocol. */
const DEFINED_VARIANTS: Readonly<Record<number, number>> = {
  1: VARIANT.INTEGER,
  2: VARIANT.DOUBLE,
  3: VARIANT.BOOLEAN,
  4: VARIANT.STRING,
  7: VARIANT.BLOB,
};

/** Checks a write against options and columns of its table. Throws OTSParameterInvalid. */
export function checkAgainstTable({ kind, row }: WriteRequest, definition: TableDefinition): void {
  if (kind === 'update' && !definition.options.allowUpdate) {
    throw parameterInvalid('UpdateRow is not allowed because the allow_update option of the table is false.');
  }
  if (definition.definedColumns.length === 0 && kind === 'delete') return;
  for (const cell of row.cells) {
    if (definition.keyColumns.some((column) => column.name === cell.name)) {
      throw parameterInvalid(`The attribute column '${cell.name}' has the name of a primary key column.`);
    }
    checkDefinedType(cell, definition);
  }
}

function checkDefinedType({ name, value }: PlainCell, definition: TableDefinition): void {
  const column = value && definition.definedColumns.find((defined) => defined.name === name);
  if (!column) return;
  const expected = DEFINED_VARIANTS[column.type] as number;
  const actual = value[0] as number;
  if (actual !== expected) {
    throw parameterInvalid(
      `Invalid column type for column ${name} expect ${variantName(expected)} actual ${variantName(actual)}`,
    );
  }
}

/**
 * A written version must lie in [max(now - deviation, now - TTL), now + deviation), compared in seconds.
 * Deletes name versions that exist already, so they are free of the rule.
 */
export function checkTimestamps(cells: readonly PlainCell[], options: TableOptions, nowMs: number): void {
  const now = BigInt(Math.floor(nowMs)) / MS_PER_SECOND;
  const ttl = BigInt(options.ttlSeconds);
  const reach = ttl >= 0n && ttl < options.deviationSeconds ? ttl : options.deviationSeconds;
  for (const { timestamp, operation, name } of cells) {
    if (timestamp === undefined || operation === CELL_OP.DELETE_ONE_VERSION) continue;
    const second = timestamp / MS_PER_SECOND;
    if (second >= now - reach && second < now + options.deviationSeconds) continue;
    throw parameterInvalid(
      `The timestamp ${timestamp} of column '${name}' is out of the valid range [${now - reach}, ${now + options.deviationSeconds}) in seconds.`,
    );
  }
}
