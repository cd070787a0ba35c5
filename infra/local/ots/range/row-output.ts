import {
  cellNameEnd,
  cellNameStart,
  cellValueEnd,
  cellValueStart,
  keyCellEnd,
  keyCellsChecksum,
} from '../row/stored-row.ts';
import { valueBytes } from '../row/value.ts';
import type { Table } from '../table/table.ts';
import type { ByteWriter } from '../wire/byte-writer.ts';
import { crc8Byte } from '../wire/crc8.ts';
import { TAG } from '../wire/plain-format.ts';
import { writeHeader, writeRowEnd } from '../wire/plain-writer.ts';
import type { CutRule, RowCut } from './cut.ts';
import { matches } from './filter-match.ts';
import type { ReadRequest } from './read-request.ts';

/** Judges and writes rows for one read of one table. */
export class RowOutput {
  readonly cut: RowCut;
  readonly #rule: CutRule;
  readonly #filter: ReadRequest['filter'];
  readonly #keyCount: number;
  /** Per key column: answered or not; `undefined` = all. */
  readonly #keyWanted: readonly boolean[] | undefined;

  constructor(cut: RowCut, table: Table, request: ReadRequest, rule: CutRule) {
    this.cut = cut;
    this.#rule = rule;
    this.#filter = request.filter;
    this.#keyCount = table.keyCount;
    this.#keyWanted =
      request.entireKey || request.columns.length === 0
        ? undefined
        : table.definition.keyColumns.map(({ name }) => request.columns.includes(name));
  }

  /** Cuts the row at `start`; false when the read does not see the row at all. */
  select(bytes: Uint8Array, start: number): boolean {
    const { cut } = this;
    cut.apply(bytes, start, this.#rule);
    return cut.alive && (cut.count > 0 || !this.#rule.names || this.#rule.keyNamed);
  }

  /** Applies the filter to the selected row; false when the row is dropped. */
  passes(): boolean {
    const filter = this.#filter;
    if (!filter) return true;
    if (filter.kind !== 'pagination') return matches(filter, this.cut);
    this.cut.paginate(filter.offset, filter.limit);
    return true;
  }

  /** Bytes that {@link write} will produce at most. */
  size(): number {
    const { cut } = this;
    let bytes = cut.keyEnd - cut.rowStart + 3;
    for (let i = 0; i < cut.count; i++) bytes += (cut.ends[i] as number) - (cut.starts[i] as number);
    return bytes;
  }

  /** Bytes of the names and values of the selected row, as capacity units count them. */
  dataBytes(): number {
    const { cut } = this;
    let bytes = 0;
    for (let at = cut.rowStart + 1; at < cut.keyEnd; at = keyCellEnd(cut.bytes, at)) {
      bytes += cellDataBytes(cut.bytes, at);
    }
    for (let i = 0; i < cut.count; i++) bytes += cellDataBytes(cut.bytes, cut.starts[i] as number);
    return bytes;
  }

  /** Appends the selected row. */
  write(out: ByteWriter): void {
    const { cut } = this;
    out.reserve(this.size());
    let sum = this.#keyWanted ? this.#writeSomeKeys(out, this.#keyWanted) : this.#writeKeys(out);
    if (cut.count > 0) out.bytes[out.length++] = TAG.ROW_DATA;
    for (let i = 0; i < cut.count; ) {
      const start = cut.starts[i] as number;
      let end = start;
      // Neighbouring cells are copied in one piece.
      for (; i < cut.count && cut.starts[i] === end; i++) {
        end = cut.ends[i] as number;
        sum = crc8Byte(sum, cut.bytes[end - 1] as number);
      }
      out.copy(cut.bytes, start, end);
    }
    writeRowEnd(out, sum);
  }

  #writeKeys(out: ByteWriter): number {
    const { cut } = this;
    out.copy(cut.bytes, cut.rowStart, cut.keyEnd);
    return keyCellsChecksum(cut.bytes, cut.rowStart, this.#keyCount);
  }

  #writeSomeKeys(out: ByteWriter, wanted: readonly boolean[]): number {
    const { bytes, rowStart } = this.cut;
    let sum = 0;
    if (wanted.includes(true)) out.u8(TAG.ROW_PK);
    for (let i = 0, at = rowStart + 1; i < this.#keyCount; i++) {
      const end = keyCellEnd(bytes, at);
      if (wanted[i]) {
        out.copy(bytes, at, end);
        sum = crc8Byte(sum, bytes[end - 1] as number);
      }
      at = end;
    }
    return sum;
  }
}

function cellDataBytes(bytes: Uint8Array, cell: number): number {
  const nameEnd = cellNameEnd(bytes, cell);
  const value = bytes.subarray(cellValueStart(nameEnd), cellValueEnd(bytes, nameEnd));
  return nameEnd - cellNameStart(cell) + valueBytes(value);
}

/** Writes header and key cells of a stored row: the form in which a next start key is answered. */
export function writeKeyOnly(
  out: ByteWriter,
  bytes: Uint8Array,
  start: number,
  keyEnd: number,
  keyCount: number,
): void {
  writeHeader(out);
  out.copy(bytes, start, keyEnd);
  writeRowEnd(out, keyCellsChecksum(bytes, start, keyCount));
}
