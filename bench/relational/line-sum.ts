import { createHash } from 'node:crypto';

const HASH_BYTES = 6;
const MODULUS = 2 ** 48;

/** Lines with a checksum that does not depend on their order. */
export class LineSum {
  lines = 0;
  sum = 0;
  #rest = '';

  /** Takes a piece of the text, cut anywhere. */
  add(piece: string): void {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      this.lines++;
      const hash = createHash('md5').update(line).digest().readUIntBE(0, HASH_BYTES);
      this.sum = (this.sum + hash) % MODULUS;
    }
  }

  /** Throws unless both have the same lines. */
  expectEqual(other: LineSum, what: string): void {
    const [ours, theirs] = [this, other].map(({ lines, sum }) => `${lines} lines, checksum ${sum}`);
    if (ours !== theirs || this.#rest !== '' || other.#rest !== '') {
      throw new Error(`${what} is not exact: ${ours}; the peer has ${theirs}`);
    }
  }
}
