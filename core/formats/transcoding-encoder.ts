import type { RowFault } from '../connectors/contract.ts';
import { SyncError } from '../errors/index.ts';
import { cellValue, type RowBlock } from '../types/index.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { transcode } from './charset.ts';
import type { RowEncoder } from './row-encoder.ts';

/**
 * Writes what another encoder makes in UTF-8 in some other encoding. Every piece is read back and compared, so
 * that no character becomes `?` unseen. Quoting is decided on the UTF-8 form.
 */
export class TranscodingEncoder implements RowEncoder {
  readonly #inner: RowEncoder;
  readonly #charset: string;
  /** The encoding as the job names it. */
  readonly #label: string;
  readonly #scratch = new ByteBuffer();

  constructor(inner: RowEncoder, charset: string, label: string) {
    this.#inner = inner;
    this.#charset = charset;
    this.#label = label;
  }

  header(): Buffer {
    const bytes = transcode(this.#inner.header().toString('utf8'), this.#charset);
    if (!bytes) throw new SyncError('CNV-3002', 'config', `the header does not exist in ${this.#label}`);
    return bytes;
  }

  encode(block: RowBlock, fromRow: number, toRow: number, out: ByteBuffer): readonly RowFault[] {
    const faults: RowFault[] = [];
    this.#scratch.length = 0;
    faults.push(...this.#inner.encode(block, fromRow, toRow, this.#scratch));
    const whole = this.#transcodeScratch();
    if (whole) {
      out.append(whole);
      return faults;
    }
    return this.#encodeSingly(block, fromRow, toRow, out);
  }

  /** Row by row, to find those that cannot be written. */
  #encodeSingly(block: RowBlock, fromRow: number, toRow: number, out: ByteBuffer): readonly RowFault[] {
    const faults: RowFault[] = [];
    for (let row = fromRow; row < toRow; row++) {
      this.#scratch.length = 0;
      const refused = this.#inner.encode(block, row, row + 1, this.#scratch);
      faults.push(...refused);
      if (refused.length > 0) continue;
      const bytes = this.#transcodeScratch();
      if (bytes) out.append(bytes);
      else faults.push(this.#fault(block, row));
    }
    return faults;
  }

  #transcodeScratch(): Buffer | undefined {
    const { bytes, length } = this.#scratch;
    return transcode(bytes.toString('utf8', 0, length), this.#charset);
  }

  #fault(block: RowBlock, row: number): RowFault {
    const column = block.columns.findIndex((_, index) => {
      const value = cellValue(block, row, index);
      const text = value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;
      return typeof text === 'string' && transcode(text, this.#charset) === undefined;
    });
    const error = new SyncError('CNV-3002', 'data', `a character does not exist in ${this.#label}`, {
      column: block.columns[column]?.name ?? '',
    });
    return { row, column, error, targetType: `text in ${this.#label}` };
  }
}
