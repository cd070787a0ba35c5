import { ByteBuffer } from '../byte-buffer.ts';
import type { Compress } from './codec.ts';
import { type ChunkFacts, type CodecName, type PageFacts, pageHeader } from './metadata-bytes.ts';

/** How pages are made. One per encoder. */
export interface PageMaking {
  readonly codec: CodecName;
  readonly compress: Compress;
  /** Size of the values at which a page ends, bytes before compression. */
  readonly pageBytes: number;
  /** Space for one compressed page, shared by all columns. */
  readonly scratch: ByteBuffer;
}

const INITIAL_BYTES = 4 * 1024;

const noPages = () => ({
  valueCount: 0,
  nullCount: 0,
  rawBytes: 0,
  storedBytes: 0,
  idPages: 0,
  plainPages: 0,
});

/** The compressed pages of a column chunk. */
export class ChunkPages {
  readonly #making: PageMaking;
  readonly #stored = new ByteBuffer(INITIAL_BYTES);
  readonly #dictionary = new ByteBuffer(INITIAL_BYTES);
  #totals = noPages();

  constructor(making: PageMaking) {
    this.#making = making;
  }

  /** Bytes before compression. */
  get rawBytes(): number {
    return this.#totals.rawBytes;
  }

  /** Whether pages of ids exist, which need the dictionary. */
  get hasIds(): boolean {
    return this.#totals.idPages > 0;
  }

  /** Adds a page of so many rows. */
  add(kind: 'ids' | 'plain', raw: Uint8Array, rows: number, nulls: number): void {
    this.#store({ kind, valueCount: rows }, raw, this.#stored);
    this.#totals[kind === 'ids' ? 'idPages' : 'plainPages']++;
    this.#totals.valueCount += rows;
    this.#totals.nullCount += nulls;
  }

  /**
   * The whole chunk, in order, and what the metadata says about it; another one may begin, whose first page overwrites
   * these bytes.
   */
  finish(entries: Uint8Array, entryCount: number): { readonly bytes: Buffer[]; readonly facts: ChunkFacts } {
    if (this.hasIds) this.#store({ kind: 'dictionary', valueCount: entryCount }, entries, this.#dictionary);
    const facts = {
      codec: this.#making.codec,
      bounds: undefined,
      dictionaryBytes: this.#dictionary.length,
      ...this.#totals,
    };
    const bytes = [this.#dictionary, this.#stored].map((part) => part.bytes.subarray(0, part.length));
    this.#dictionary.length = this.#stored.length = 0;
    this.#totals = noPages();
    return { bytes, facts };
  }

  #store(page: Pick<PageFacts, 'kind' | 'valueCount'>, raw: Uint8Array, out: ByteBuffer): void {
    const { scratch } = this.#making;
    scratch.length = 0;
    this.#making.compress(raw, scratch);
    const header = pageHeader({ ...page, rawBytes: raw.length, storedBytes: scratch.length });
    out.append(header);
    out.append(scratch.bytes.subarray(0, scratch.length));
    this.#totals.rawBytes += header.length + raw.length;
    this.#totals.storedBytes += header.length + scratch.length;
  }
}
