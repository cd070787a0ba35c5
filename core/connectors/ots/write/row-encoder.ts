/**
 * Rows of a block as the rows of a batch carry them:
 *
 *   u32 0x75  01 cell*  [02 cell*]  [08]  09 u8 rowCrc      key · attributes · delete marker
 *
 * rowCrc covers the checksums of the cells and a byte for the delete marker.
 */
import { createCaster, describeTarget } from '../../../convert/index.ts';
import { type Code, findCode, SyncError } from '../../../errors/index.ts';
import { crc8Byte, HEADER, Tag } from '../../../tablestore/index.ts';
import type { Column, RowBlock } from '../../../types/index.ts';
import type { RowFault } from '../../contract.ts';
import { CellEncoder } from './cell-encoder.ts';
import { EncodedRows } from './encoded-rows.ts';
import type { WrittenColumn } from './layout.ts';
import { MAX_BATCH_BYTES } from './limits.ts';
import type { OtsWriterConfig, WriteOperation } from './writer-config.ts';

/** Header, section tags, delete marker and checksum of a row. */
const ROW_FRAME_BYTES = 16;

type EncoderConfig = Pick<
  OtsWriterConfig,
  'operation' | 'version' | 'maxKeyBytes' | 'maxAttributeBytes' | 'allowLossy'
>;

/** Encodes block after block into the same memory. */
export class RowEncoder {
  readonly rows = new EncodedRows();
  readonly #columns: readonly WrittenColumn[];
  readonly #cells: readonly CellEncoder[];
  readonly #keyCount: number;
  readonly #operation: WriteOperation;
  #rowCrc = 0;
  #size = 0;

  /** `columns` in the order of the row, `source` the columns of the blocks. */
  constructor(
    columns: readonly WrittenColumn[],
    source: readonly Column[],
    config: EncoderConfig,
    timeZone: string,
  ) {
    const { operation, version, allowLossy } = config;
    this.#columns = columns;
    this.#keyCount = columns.filter(({ isKey }) => isKey).length;
    this.#operation = operation;
    this.#cells = columns.map(
      (column) =>
        new CellEncoder({
          name: column.name,
          type: column.type,
          caster: createCaster(source[column.source]!, column.target, { timeZone, allowLossy }),
          maxBytes: column.isKey ? config.maxKeyBytes : config.maxAttributeBytes,
          version: column.isKey ? undefined : version,
        }),
    );
  }

  /** Encodes the rows that fit and returns the faults of the others. */
  encode(block: RowBlock): readonly RowFault[] {
    const { rows } = this;
    const faults: RowFault[] = [];
    rows.clear();
    for (let row = 0; row < block.rowCount; row++) {
      const fault = this.#row(block, row);
      if (fault === undefined) continue;
      rows.dropRow();
      faults.push(fault);
    }
    return faults;
  }

  #row(block: RowBlock, row: number): RowFault | undefined {
    const { rows } = this;
    const first = row * block.columns.length;
    this.#rowCrc = this.#size = 0;
    rows.length = rows.reserve(ROW_FRAME_BYTES).writeUInt32LE(HEADER, rows.length);
    rows.bytes[rows.length++] = Tag.rowKey;
    const fault = this.#key(block, first, row);
    if (fault) return fault;
    const keyEnd = rows.length;
    const misfit = this.#operation === 'delete' ? undefined : this.#attributes(block, first, row);
    if (misfit) return misfit;
    if (this.#size > MAX_BATCH_BYTES) return tooLarge(row, this.#size);
    this.#endRow();
    rows.endRow(row, keyEnd, this.#size);
    return undefined;
  }

  #key(block: RowBlock, first: number, row: number): RowFault | undefined {
    for (let i = 0; i < this.#keyCount; i++) {
      const code = this.#cells[i]!.put(this.rows, block, first + this.#columns[i]!.source);
      if (code !== undefined) return this.#fault(row, i, code ?? 'DST-4043');
      this.#count(i);
    }
    return undefined;
  }

  #attributes(block: RowBlock, first: number, row: number): RowFault | undefined {
    const { rows } = this;
    const section = rows.length;
    rows.reserve(ROW_FRAME_BYTES)[rows.length++] = Tag.rowData;
    for (let i = this.#keyCount; i < this.#cells.length; i++) {
      const code = this.#cells[i]!.put(rows, block, first + this.#columns[i]!.source);
      if (code === null && this.#operation === 'put') continue;
      if (code === null) this.#cells[i]!.remove(rows);
      else if (code !== undefined) return this.#fault(row, i, code);
      this.#count(i);
    }
    // A section without cells is left out.
    if (rows.length === section + 1) rows.length = section;
    return undefined;
  }

  #count(column: number): void {
    const { crc, size } = this.#cells[column]!;
    this.#rowCrc = crc8Byte(this.#rowCrc, crc);
    this.#size += size;
  }

  #endRow(): void {
    const { rows } = this;
    const bytes = rows.reserve(ROW_FRAME_BYTES);
    const removes = this.#operation === 'delete';
    if (removes) bytes[rows.length++] = Tag.deleteMarker;
    bytes[rows.length++] = Tag.rowCrc;
    bytes[rows.length++] = crc8Byte(this.#rowCrc, removes ? 1 : 0);
  }

  #fault(row: number, column: number, code: Code): RowFault {
    const { name, target, source } = this.#columns[column]!;
    const title = findCode(code)?.title ?? 'a value does not fit';
    const error = new SyncError(code, 'data', `column ${name}: ${title}`, { column: name });
    return { row, column: source, error, targetType: describeTarget(target) };
  }
}

const tooLarge = (row: number, bytes: number): RowFault => ({
  row,
  column: -1,
  error: new SyncError('DST-4044', 'data', `the row has ${bytes} bytes of names and values`, { bytes }),
  targetType: `row of at most ${MAX_BATCH_BYTES} bytes`,
});
