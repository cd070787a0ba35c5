/** The memory of blocks, used again for others: a fresh page costs more than what is written into it. */

/** Rows of a block at most. */
export const BLOCK_ROWS = 5_000;
/** Wire bytes of a block, about; a single row may be larger. */
export const BLOCK_BYTES = 512 * 1024;
/** Bytes that a socket hands over at once, at most. */
export const CHUNK_BYTES = 256 * 1024;

/** A block, and what a socket adds before it is told to wait. */
const CAPACITY_BYTES = BLOCK_BYTES + CHUNK_BYTES;
/** One that is filled while somebody works with another. */
const KEPT = 2;

/** What one block takes. */
export interface BlockMemory {
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly forms: Uint8Array;
}

/** Memories that nobody uses at the moment. */
export class BlockMemories {
  #idle: BlockMemory[] = [];

  /** Memory for rows of so many fields, with anything in it. */
  take(fields: number): BlockMemory {
    const cells = BLOCK_ROWS * fields;
    const idle = this.#idle.pop();
    if (idle?.forms.length === cells) return idle;
    this.#idle = [];
    return {
      bytes: Buffer.allocUnsafeSlow(CAPACITY_BYTES),
      starts: new Uint32Array(cells),
      ends: new Uint32Array(cells),
      forms: new Uint8Array(cells),
    };
  }

  /** Takes memory back; what had to grow for a large row is let go. */
  give(memory: BlockMemory): void {
    if (memory.bytes.length === CAPACITY_BYTES && this.#idle.length < KEPT) this.#idle.push(memory);
  }
}
