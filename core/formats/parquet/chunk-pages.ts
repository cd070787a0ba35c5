import type { Compress } from './codec.ts';
import { type ChunkFacts, type CodecName, type PageFacts, pageHeader } from './metadata-bytes.ts';

/** How pages are made. One per encoder. */
export interface PageMaking {
  readonly codec: CodecName;
  readonly compress: Compress;
  /** Size of the values at which a page ends, bytes before compression. */
  readonly pageBytes: number;
}

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
  #stored: Buffer[] = [];
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
    this.#stored.push(...this.#store({ kind, valueCount: rows }, raw));
    this.#totals[kind === 'ids' ? 'idPages' : 'plainPages']++;
    this.#totals.valueCount += rows;
    this.#totals.nullCount += nulls;
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

  #store(page: Pick<PageFacts, 'kind' | 'valueCount'>, raw: Uint8Array): [Buffer, Buffer] {
    const stored = this.#making.compress(raw);
    const header = pageHeader({ ...page, rawBytes: raw.length, storedBytes: stored.length });
    this.#totals.rawBytes += header.length + raw.length;
    this.#totals.storedBytes += header.length + stored.length;
    return [header, stored];
  }
}
