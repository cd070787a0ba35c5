import { OtsError } from '../ots-error.ts';
import { encodeKey } from '../row/primary-key.ts';
import { readInteger, SIZED_PREFIX_BYTES } from '../row/value.ts';
import type { WriteRequest } from '../row/write-request.ts';
import type { PlainCell } from '../wire/plain-format.ts';
import { VARIANT } from '../wire/plain-format.ts';

/** The writes of one table in a batch, in request order. */
export interface TableWrites {
  readonly tableName: string;
  readonly writes: readonly WriteRequest[];
}

/** The error of the first row outside table and partition key of the first row, if there is one. */
export function atomicFault(tables: readonly TableWrites[]): OtsError | undefined {
  const first = tables[0];
  const scope = first?.writes[0]?.row.primaryKey[0];
  for (const { tableName, writes } of tables) {
    for (const { row } of writes) {
      const [partition] = row.primaryKey;
      if (!scope || !partition) continue;
      const same = tableName === first?.tableName && partitionHex(scope) === partitionHex(partition);
      if (!same) return outOfScope(scope, partition);
    }
  }
  return undefined;
}

const partitionHex = (cell: PlainCell): string => Buffer.from(encodeKey([cell])).toString('hex');

const outOfScope = (scope: PlainCell, partition: PlainCell): OtsError =>
  new OtsError(
    400,
    'OTSDataOutOfRange',
    `Data out of scope of atomic. Atomic PartKey:${display(scope)}. Data PartKey:${display(partition)}`,
  );

function display({ value }: PlainCell): string {
  if (!value) return '';
  if (value[0] === VARIANT.INTEGER) return String(readInteger(value, 0));
  return Buffer.from(value.subarray(SIZED_PREFIX_BYTES)).toString(value[0] === VARIANT.BLOB ? 'hex' : 'utf8');
}
