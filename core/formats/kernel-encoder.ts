import type { RowFault } from '../connectors/contract.ts';
import { blockKernel, type Column, loadRows, OUT_BYTES, type RowBlock } from '../types/index.ts';
import type { ByteBuffer } from './byte-buffer.ts';
import { isCivil } from './civil-text.ts';
import { QuoteRules } from './quoting.ts';
import type { RowEncoder } from './row-encoder.ts';
import type { TextFormat } from './text-format.ts';

/** Rows that the other encoder gets where the kernel writes none. */
const ROWS_ASIDE = 32;

/** Layout of the settings: core/kernels/assembly/block/delimited.ts. */
const SETTINGS_BYTES = 76;
const MAX_NULL_TEXT_BYTES = 16;
const MAX_DELIMITER_BYTES = 8;
const NO_LENGTH = 0xffffffff;
const FIRST_BYTES = 4;

/**
 * csv and text in UTF-8 by the kernel `block`, as far as it goes: rows with doubles, bytes or very large cells are left
 * to the encoder that knows everything, and so are formats that the kernel does not know (`kernelEncoder`).
 */
class KernelEncoder implements RowEncoder {
  readonly #plain: RowEncoder;
  readonly #settings: Buffer;

  constructor(plain: RowEncoder, settings: Buffer) {
    this.#plain = plain;
    this.#settings = settings;
  }

  header(): Buffer {
    return this.#plain.header();
  }

  encode(block: RowBlock, fromRow: number, toRow: number, out: ByteBuffer): readonly RowFault[] {
    const faults: RowFault[] = [];
    for (let row = fromRow; row < toRow; ) {
      row = this.#encodeFast(block, row, toRow, out);
      const aside = Math.min(row + ROWS_ASIDE, toRow);
      if (row < aside) faults.push(...this.#plain.encode(block, row, aside, out));
      row = aside;
    }
    return faults;
  }

  /** Writes rows up to the first that the kernel does not write; returns that row. */
  #encodeFast(block: RowBlock, fromRow: number, toRow: number, out: ByteBuffer): number {
    const { functions } = blockKernel;
    const width = block.columns.length;
    for (let row = fromRow; row < toRow; ) {
      const rows = loadRows(block, row);
      const cell = (row - rows.fromRow) * width;
      const [starts, ends, forms] = [rows.starts + 4 * cell, rows.ends + 4 * cell, rows.forms + cell];
      const count = Math.min(toRow, rows.toRow) - row;
      blockKernel.bytes.set(this.#settings, functions.settings());
      const limit = rows.out + OUT_BYTES;
      const end = functions.encode(rows.bytes, starts, ends, forms, count, width, rows.out, limit);
      out.append(blockKernel.bytes.subarray(rows.out, end));
      const done = functions.encodedRows();
      if (done === 0) return row;
      row += done;
    }
    return toRow;
  }
}

/** An encoder that writes what `plain` writes, faster if the kernel knows the format. */
export function kernelEncoder(plain: RowEncoder, format: TextFormat, columns: readonly Column[]): RowEncoder {
  const hasPatterns = format.dateFormat !== undefined && columns.some(({ type }) => isCivil(type));
  const settings = hasPatterns ? undefined : settingsOf(format);
  return settings ? new KernelEncoder(plain, settings) : plain;
}

function settingsOf(format: TextFormat): Buffer | undefined {
  const isQuoted = format.fileFormat === 'csv';
  const special = isQuoted ? specialTable(format) : emptyTable();
  const nullText = Buffer.from(format.nullFormat, 'utf8');
  const delimiter = Buffer.from(format.fieldDelimiter, 'utf8');
  const lineEnd = Buffer.from(format.lineDelimiter, 'utf8');
  const fits = Math.max(delimiter.length, lineEnd.length) <= MAX_DELIMITER_BYTES;
  if (!special || !fits || nullText.length > MAX_NULL_TEXT_BYTES) return undefined;
  const settings = Buffer.alloc(SETTINGS_BYTES);
  special.copy(settings, 0);
  nullText.copy(settings, 16);
  delimiter.copy(settings, 32);
  lineEnd.copy(settings, 40);
  settings.writeUInt32LE(nullText.length, 48);
  settings.writeUInt32LE(delimiter.length, 52);
  settings.writeUInt32LE(lineEnd.length, 56);
  settings.writeUInt32LE(isQuoted ? nullText.length : NO_LENGTH, 60);
  nullText.copy(settings, 64, 0, FIRST_BYTES);
  settings.fill(0xff, 68, 68 + Math.min(nullText.length, FIRST_BYTES));
  settings.writeUInt32LE(isQuoted ? 1 : 0, 72);
  return settings;
}

/** Per low half of a byte: the special byte with that low half; `undefined` if two share one or one is not ASCII. */
function specialTable({ fieldDelimiter, lineDelimiter, nullFormat }: TextFormat): Buffer | undefined {
  const rules = new QuoteRules(fieldDelimiter, lineDelimiter, nullFormat);
  const table = emptyTable();
  const bytes = [...rules.special.keys()].filter((byte) => rules.special[byte] !== 0);
  for (const byte of bytes) table[byte & 15] = byte;
  const isExact = bytes.every((byte) => byte < 0x80 && table[byte & 15] === byte);
  return isExact && rules.numbersArePlain ? table : undefined;
}

/** No byte stands at its own low half. */
function emptyTable(): Buffer {
  const table = Buffer.alloc(16, 0xff);
  table[15] = 0;
  return table;
}
