import { wellFormed } from './damage.ts';
import type { Decompress } from './decompression.ts';
import type { FileColumn } from './file-column.ts';
import type { ChunkPlace } from './file-metadata.ts';
import { decodePageHeader } from './page-header.ts';
import { decodeIds, decodeLevels, decodeValues, type PageValues, ReadEncoding } from './page-values.ts';

/** Bytes of a page at most, before and after compression. */
export const MAX_PAGE_BYTES = 256 * 1024 * 1024;
/** Values of a page at most. */
export const MAX_PAGE_VALUES = 16 * 1024 * 1024;
/** Bytes that a page header may take, with its statistics. */
const HEADER_ROOM_BYTES = 64 * 1024;
/** Bytes before the levels of an older data page. */
const LENGTH_BYTES = 4;

/** Reads the bytes `[from, to)` of the file. */
export type ReadBytes = (from: number, to: number) => Promise<Buffer>;

/** A decoded data page. */
export interface DataPage {
  readonly rows: number;
  /** 1 = the row has a value; absent = all have. */
  readonly levels: Uint8Array | undefined;
  readonly values: PageValues;
  /** Which value each row with one has; absent = the next one. */
  readonly ids: Int32Array | undefined;
}

type PageHeader = ReturnType<typeof decodePageHeader>;

/** The data pages of one column chunk, in order. Holds a window of its bytes and the dictionary. */
export class ChunkReader {
  readonly #column: FileColumn;
  readonly #place: ChunkPlace;
  readonly #read: ReadBytes;
  readonly #decompress: Decompress;
  readonly #windowBytes: number;
  #window: Buffer = Buffer.alloc(0);
  /** Where the bytes after the window are in the file. */
  #next: number;
  #rowsLeft: number;
  #dictionary: PageValues | undefined;

  constructor(
    column: FileColumn,
    place: ChunkPlace,
    parts: { readonly read: ReadBytes; readonly decompress: Decompress; readonly windowBytes: number },
  ) {
    this.#column = column;
    this.#place = place;
    this.#read = parts.read;
    this.#decompress = parts.decompress;
    this.#windowBytes = parts.windowBytes;
    this.#next = place.from;
    this.#rowsLeft = place.valueCount;
  }

  /** The next data page. */
  async page(): Promise<DataPage> {
    wellFormed(this.#rowsLeft > 0, `column ${this.#column.name} ends before its row group`);
    for (;;) {
      const header = await this.#header();
      const body = await this.#body(header.compressed_page_size);
      const page = this.#decode(header, body);
      if (!page) continue;
      this.#rowsLeft -= page.rows;
      return page;
    }
  }

  /** Reads on until `bytes` are in the window, or the chunk ends. */
  async #fill(bytes: number): Promise<void> {
    if (this.#window.length >= bytes || this.#next >= this.#place.to) return;
    const wanted = Math.max(bytes - this.#window.length, this.#windowBytes);
    const to = Math.min(this.#place.to, this.#next + wanted);
    const more = await this.#read(this.#next, to);
    wellFormed(more.length === to - this.#next, 'the file is shorter than before');
    this.#next = to;
    this.#window = this.#window.length === 0 ? more : Buffer.concat([this.#window, more]);
  }

  async #header(): Promise<PageHeader> {
    await this.#fill(HEADER_ROOM_BYTES);
    wellFormed(this.#window.length > 0, `column ${this.#column.name} ends before its last page`);
    const { buffer, byteOffset, byteLength } = this.#window;
    const reader = { view: new DataView(buffer, byteOffset, byteLength), offset: 0 };
    const header = decodePageHeader(reader);
    this.#window = this.#window.subarray(reader.offset);
    return header;
  }

  async #body(bytes: number): Promise<Buffer> {
    wellFormed(bytes >= 0 && bytes <= MAX_PAGE_BYTES, `a page has ${bytes} bytes`);
    await this.#fill(bytes);
    wellFormed(this.#window.length >= bytes, 'a page was cut off');
    const body = this.#window.subarray(0, bytes);
    this.#window = this.#window.subarray(bytes);
    return body;
  }

  #decode(header: PageHeader, stored: Buffer): DataPage | undefined {
    const rawBytes = header.uncompressed_page_size;
    wellFormed(rawBytes >= 0 && rawBytes <= MAX_PAGE_BYTES, `a page would have ${rawBytes} bytes`);
    if (header.data_page_header_v2) return this.#newerPage(header.data_page_header_v2, stored, rawBytes);
    if (header.data_page_header) {
      return this.#olderPage(header.data_page_header, asBuffer(this.#decompress(stored, rawBytes)));
    }
    if (header.dictionary_page_header) {
      wellFormed(!this.#dictionary, 'a column has two dictionaries');
      const count = this.#checkedCount(header.dictionary_page_header.num_values, MAX_PAGE_VALUES);
      const raw = asBuffer(this.#decompress(stored, rawBytes));
      this.#dictionary = decodeValues(raw, ReadEncoding.plain, count, this.#column);
    }
    return undefined;
  }

  /** Levels with their length before them, then the values; all compressed together. */
  #olderPage(facts: NonNullable<PageHeader['data_page_header']>, raw: Buffer): DataPage {
    const rows = this.#checkedCount(facts.num_values, this.#rowsLeft);
    if (this.#column.required) return this.#page(rows, undefined, encodingNumber(facts.encoding), raw);
    wellFormed(
      facts.definition_level_encoding === 'RLE',
      'levels in the deprecated bit packing are not supported',
    );
    wellFormed(raw.length >= LENGTH_BYTES, 'a page is too short for its levels');
    const from = LENGTH_BYTES + raw.readUInt32LE(0);
    wellFormed(from <= raw.length, 'a page is too short for its levels');
    const levels = decodeLevels(raw.subarray(LENGTH_BYTES, from), rows);
    return this.#page(rows, levels, encodingNumber(facts.encoding), raw.subarray(from));
  }

  /** Levels outside the compression, their length in the header. */
  #newerPage(
    facts: NonNullable<PageHeader['data_page_header_v2']>,
    stored: Buffer,
    rawBytes: number,
  ): DataPage {
    const rows = this.#checkedCount(facts.num_values, this.#rowsLeft);
    const { definition_levels_byte_length: levelBytes, repetition_levels_byte_length: other } = facts;
    wellFormed(other === 0, 'a flat column has repetition levels');
    wellFormed(
      levelBytes >= 0 && levelBytes <= stored.length && levelBytes <= rawBytes,
      'a page is too short for its levels',
    );
    const levels = this.#column.required ? undefined : decodeLevels(stored.subarray(0, levelBytes), rows);
    const body = stored.subarray(levelBytes);
    const isEmpty = body.length === 0 && rawBytes === levelBytes;
    const isPlain = facts.is_compressed === false || isEmpty;
    const raw = isPlain ? body : asBuffer(this.#decompress(body, rawBytes - levelBytes));
    return this.#page(rows, levels, encodingNumber(facts.encoding), raw);
  }

  #page(rows: number, levels: Uint8Array | undefined, encoding: number, body: Buffer): DataPage {
    let count = rows;
    if (levels) for (const level of levels) count -= 1 - level;
    if (encoding !== ReadEncoding.dictionary && encoding !== ReadEncoding.plainDictionary) {
      return { rows, levels, values: decodeValues(body, encoding, count, this.#column), ids: undefined };
    }
    const dictionary = this.#dictionary;
    wellFormed(dictionary || count === 0, 'a page has ids and its column no dictionary');
    const values = dictionary ?? decodeValues(Buffer.alloc(0), ReadEncoding.plain, 0, this.#column);
    return { rows, levels, values, ids: decodeIds(body, count, values.count) };
  }

  #checkedCount(count: number, limit: number): number {
    wellFormed(count >= 0 && count <= limit, `column ${this.#column.name} has more values than rows`);
    wellFormed(count <= MAX_PAGE_VALUES, `a page has ${count} values, more than ${MAX_PAGE_VALUES}`);
    return count;
  }
}

const ENCODING_NUMBERS: Readonly<Record<string, number>> = {
  PLAIN: ReadEncoding.plain,
  PLAIN_DICTIONARY: ReadEncoding.plainDictionary,
  RLE: ReadEncoding.runLength,
  DELTA_BINARY_PACKED: ReadEncoding.deltaBinary,
  DELTA_LENGTH_BYTE_ARRAY: ReadEncoding.deltaLength,
  DELTA_BYTE_ARRAY: ReadEncoding.deltaBytes,
  RLE_DICTIONARY: ReadEncoding.dictionary,
  BYTE_STREAM_SPLIT: ReadEncoding.byteStreamSplit,
};

function encodingNumber(name: string): number {
  const number = ENCODING_NUMBERS[name];
  wellFormed(number !== undefined, `encoding ${name} is not supported`);
  return number;
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
