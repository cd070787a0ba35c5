import { encodeKey } from '../row/primary-key.ts';
import { VARIANT } from '../wire/plain-format.ts';
import { readPlainRow } from '../wire/plain-reader.ts';
import { ProtoReader } from '../wire/proto-reader.ts';

/**
 * How fault rules see what a call touches: `table/keyHex`, where `keyHex` is the order-preserving form of the
 * key, bounds of a range joined by `..`, rows of a batch by `,` and tables by `;`.
 */
const keyHex = (row: Uint8Array): string => {
  const cells = readPlainRow(row).primaryKey.filter(
    (cell) => cell.value !== undefined && cell.value[0] !== VARIANT.AUTO_INCREMENT,
  );
  return Buffer.from(encodeKey(cells)).toString('hex');
};

/** Name for calls whose message holds the table in `tableField`. */
export const tableKey =
  (tableField: number) =>
  (body: Uint8Array): string => {
    const reader = new ProtoReader(body);
    while (reader.next()) if (reader.field === tableField) return reader.string();
    return '';
  };

/** Name for calls with a table in field 1 and rows in `rowFields`. */
export const rowKey =
  (...rowFields: readonly number[]) =>
  (body: Uint8Array): string => {
    const reader = new ProtoReader(body);
    let table = '';
    const keys: string[] = [];
    while (reader.next()) {
      if (reader.field === 1) table = reader.string();
      else if (rowFields.includes(reader.field)) keys.push(keyHex(reader.bytes()));
    }
    return `${table}/${keys.join('..')}`;
  };

/** Name for batches: tables in field 1, each with rows in field 2, whose key is bare or in `keyField`. */
export const batchKey =
  (keyField: number | undefined) =>
  (body: Uint8Array): string => {
    const reader = new ProtoReader(body);
    const names: string[] = [];
    while (reader.next()) if (reader.field === 1) names.push(batchTable(reader.message(), keyField));
    return names.join(';');
  };

function batchTable(reader: ProtoReader, keyField: number | undefined): string {
  let table = '';
  const keys: string[] = [];
  while (reader.next()) {
    if (reader.field === 1) table = reader.string();
    else if (reader.field === 2)
      keys.push(keyField ? nestedKey(reader.message(), keyField) : keyHex(reader.bytes()));
  }
  return `${table}/${keys.join(',')}`;
}

function nestedKey(reader: ProtoReader, keyField: number): string {
  while (reader.next()) if (reader.field === keyField) return keyHex(reader.bytes());
  return '';
}
