import { type OtsError, parameterInvalid } from '../ots-error.ts';
import { crc8, crc8Byte } from './crc8.ts';
import {
  HEADER,
  HEADER_BYTES,
  type PlainCell,
  type PlainRow,
  readU32,
  TAG,
  VARIANT,
} from './plain-format.ts';

/** Decoder of the one-row buffers in requests (layout: `plain-format.ts`). Checksums are verified. */
const malformed = (what: string): OtsError => parameterInvalid(`Invalid PlainBuffer: ${what}.`);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Length of a fixed-size value including its type byte; 0 for the two sized types. */
const FIXED_VALUE_BYTES: Readonly<Record<number, number>> = {
  [VARIANT.INTEGER]: 9,
  [VARIANT.DOUBLE]: 9,
  [VARIANT.BOOLEAN]: 2,
  [VARIANT.STRING]: 0,
  [VARIANT.BLOB]: 0,
  [VARIANT.INF_MIN]: 1,
  [VARIANT.INF_MAX]: 1,
  [VARIANT.AUTO_INCREMENT]: 1,
};

/** Checks that `value` is one well-formed variant of exactly its own length; text must be UTF-8. */
export function checkVariant(value: Uint8Array): void {
  const type = value[0];
  const fixed = type === undefined ? undefined : FIXED_VALUE_BYTES[type];
  if (fixed === undefined) throw malformed('unknown value type');
  const expected = fixed > 0 ? fixed : value.length < 5 ? -1 : 5 + readU32(value, 1);
  if (value.length !== expected) throw malformed('wrong value length');
  if (type === VARIANT.BOOLEAN && (value[1] as number) > 1) throw malformed('wrong boolean');
  if (type === VARIANT.STRING) decodeText(value.subarray(5));
}

const decodeText = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw Object.assign(malformed('text is not UTF-8'), { cause });
  }
};

class RowReader {
  readonly #bytes: Uint8Array;
  #position = HEADER_BYTES;
  #rowSum = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  row(): PlainRow {
    if (this.#bytes.length < HEADER_BYTES || readU32(this.#bytes, 0) !== HEADER) throw malformed('no header');
    const primaryKey = this.#section(TAG.ROW_PK);
    const cells = this.#section(TAG.ROW_DATA);
    const deleteMarker = this.#takeTag(TAG.DELETE_MARKER);
    if (this.#takeTag(TAG.EXTENSION)) this.#span(this.#length());
    if (!this.#takeTag(TAG.ROW_CHECKSUM)) throw malformed('no row checksum');
    if (this.#byte() !== crc8Byte(this.#rowSum, deleteMarker ? 1 : 0)) throw malformed('wrong row checksum');
    this.#checkTail();
    return { primaryKey, cells, deleteMarker };
  }

  /** Some SDKs leave zero bytes behind the row; anything else there is an error. */
  #checkTail(): void {
    for (let i = this.#position; i < this.#bytes.length; i++) {
      if (this.#bytes[i] !== 0) throw malformed('bytes after the row');
    }
  }

  #section(tag: number): PlainCell[] {
    const cells: PlainCell[] = [];
    if (!this.#takeTag(tag)) return cells;
    while (this.#takeTag(TAG.CELL)) cells.push(this.#cell());
    return cells;
  }

  #cell(): PlainCell {
    if (!this.#takeTag(TAG.CELL_NAME)) throw malformed('cell without a name');
    const nameBytes = this.#span(this.#length());
    const value = this.#takeTag(TAG.CELL_VALUE) ? this.#span(this.#length()) : undefined;
    if (value) checkVariant(value);
    const operation = this.#takeTag(TAG.CELL_TYPE) ? this.#byte() : undefined;
    const stamp = this.#takeTag(TAG.CELL_TIMESTAMP) ? this.#span(8) : undefined;
    let sum = crc8(0, nameBytes, 0, nameBytes.length);
    if (value) sum = crc8(sum, value, 0, value.length);
    if (stamp) sum = crc8(sum, stamp, 0, 8);
    if (operation !== undefined) sum = crc8Byte(sum, operation);
    if (!this.#takeTag(TAG.CELL_CHECKSUM) || this.#byte() !== sum) throw malformed('wrong cell checksum');
    this.#rowSum = crc8Byte(this.#rowSum, sum);
    return { name: decodeText(nameBytes), value, operation, timestamp: stamp && readStamp(stamp) };
  }

  #takeTag(tag: number): boolean {
    if (this.#bytes[this.#position] !== tag) return false;
    this.#position++;
    return true;
  }

  #byte(): number {
    const byte = this.#bytes[this.#position++];
    if (byte === undefined) throw malformed('it ends too early');
    return byte;
  }

  #length(): number {
    return readU32(this.#span(4), 0);
  }

  #span(count: number): Uint8Array {
    const start = this.#position;
    if (count > this.#bytes.length - start) throw malformed('it ends too early');
    this.#position = start + count;
    return this.#bytes.subarray(start, start + count);
  }
}

const readStamp = (bytes: Uint8Array): bigint =>
  new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true);

/** Decodes a buffer that holds one row. Throws OTSParameterInvalid when it is malformed or a sum is wrong. */
export const readPlainRow = (bytes: Uint8Array): PlainRow => new RowReader(bytes).row();
