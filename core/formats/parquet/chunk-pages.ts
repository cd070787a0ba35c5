import type { ByteBuffer } from '../byte-buffer.ts';
import type { Compress } from './codec.ts';
import { type ChunkFacts, type CodecName, type PageFacts, pageHeader } from './metadata-bytes.ts';
import { bitWidth, writeRun, writeRunLengths } from './run-length.ts';

/** How pages are made. One per encoder: the space is shared by all columns. */
export interface PageMaking {
  readonly codec: CodecName;
  readonly compress: Compress;
  /** Size at which a page ends, bytes before compression. */
  readonly pageBytes: number;
  readonly scratch: ByteBuffer;
}

/** Rows of a page at most, also where they take few bytes. */
export const MAX_PAGE_ROWS = 128 * 1024;
const INITIAL_ROWS = 4096;
/** The levels of a page are preceded by their length. */
const LENGTH_BYTES = 4;

const noPages = () => ({
  valueCount: 0,
  nullCount: 0,
  rawBytes: 0,
  storedBytes: 0,
  idPages: 0,
  plainPages: 0,
});

/** The pages of a column chunk: rows with and without a value first, then the values. */
export class ChunkPages {
  readonly #making: PageMaking;
  readonly #required: boolean;
  /** 1 = the row has a value. */
  #levels = new Uint8Array(INITIAL_ROWS);
  /** Rows of the page so far. */
  rows = 0;
  #nulls = 0;
  #stored: Buffer[] = [];
  #totals = noPages();

  constructor(making: PageMaking, required: boolean) {
    this.#making = making;
    this.#required = required;
  }

  /** Bytes of the ended pages before compression. */
  get rawBytes(): number {
    return this.#totals.rawBytes;
  }

  /** Whether pages of ids exist, which need the dictionary. */
  get hasIds(): boolean {
    return this.#totals.idPages > 0;
  }

  /** Appends a row with (1) or without (0) a value. */
  addRow(level: 0 | 1): void {
    if (this.rows === this.#levels.length) {
      const larger = new Uint8Array(2 * this.rows);
      larger.set(this.#levels);
      this.#levels = larger;
    }
    this.#levels[this.rows++] = level;
    if (level === 0) this.#nulls++;
  }

  /** Takes the rows of the page back, to be added again. */
  takeRows(): Uint8Array {
    const levels = this.#levels.slice(0, this.rows);
    this.rows = this.#nulls = 0;
    return levels;
  }

  /** Ends a page of ids. */
  endIds(ids: Int32Array, count: number, entryCount: number): void {
    const out = this.#begin();
    const width = bitWidth(Math.max(0, entryCount - 1));
    out.reserve(1)[out.length++] = width;
    writeRunLengths(ids, count, width, out);
    this.#totals.idPages++;
    this.#end('ids');
  }

  /** Ends a page of values. */
  endPlain(values: Uint8Array): void {
    this.#begin().append(values);
    this.#totals.plainPages++;
    this.#end('plain');
  }

  /** The whole chunk, in order, and what the metadata says about it; another one may begin. */
  finish(entries: Uint8Array, entryCount: number): { readonly bytes: Buffer[]; readonly facts: ChunkFacts } {
    let dictionaryBytes = 0;
    if (this.hasIds) {
      const page = this.#store({ kind: 'dictionary', valueCount: entryCount }, entries);
      dictionaryBytes = page[0]!.length + page[1]!.length;
      this.#stored.unshift(...page);
    }
    const facts = { codec: this.#making.codec, bounds: undefined, dictionaryBytes, ...this.#totals };
    const bytes = this.#stored;
    this.#stored = [];
    this.#totals = noPages();
    return { bytes, facts };
  }

  #begin(): ByteBuffer {
    const out = this.#making.scratch;
    out.length = 0;
    if (this.#required) return out;
    out.reserve(LENGTH_BYTES);
    out.length = LENGTH_BYTES;
    if (this.#nulls === 0) writeRun1(this.rows, out);
    else writeRunLengths(this.#levels, this.rows, 1, out);
    out.bytes.writeUInt32LE(out.length - LENGTH_BYTES, 0);
    return out;
  }

  #end(kind: 'ids' | 'plain'): void {
    const { bytes, length } = this.#making.scratch;
    this.#stored.push(...this.#store({ kind, valueCount: this.rows }, bytes.subarray(0, length)));
    this.#totals.valueCount += this.rows;
    this.#totals.nullCount += this.#nulls;
    this.rows = this.#nulls = 0;
  }

  #store(page: Pick<PageFacts, 'kind' | 'valueCount'>, raw: Uint8Array): [Buffer, Buffer] {
    const stored = ownBytes(this.#making.compress(raw), raw);
    const header = pageHeader({ ...page, rawBytes: raw.length, storedBytes: stored.length });
    this.#totals.rawBytes += header.length + raw.length;
    this.#totals.storedBytes += header.length + stored.length;
    return [header, stored];
  }
}

const writeRun1 = (rows: number, out: ByteBuffer): void => writeRun(1, rows, 1, out);

/** Bytes that nobody else writes to and that keep no larger space alive. */
function ownBytes(bytes: Uint8Array, raw: Uint8Array): Buffer {
  const isOwn = bytes.buffer !== raw.buffer && bytes.buffer.byteLength < 1.25 * bytes.length;
  return isOwn ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) : Buffer.from(bytes);
}
