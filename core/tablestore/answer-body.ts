import { ProtocolFault } from './errors.ts';

/** No answer of the service comes near this; a larger one is refused before it fills the memory. */
const MAX_ANSWER_BYTES = 128 * 1024 * 1024;

/** Gathers a body with one copy per byte when its length is known beforehand. Throws ProtocolFault when too long. */
export class AnswerBody {
  #whole: Buffer | undefined;
  #chunks: Buffer[] = [];
  #length = 0;

  /** `contentLength` as the header gives it, absent for chunked answers. */
  constructor(contentLength: string | undefined) {
    const length = contentLength === undefined ? Number.NaN : Number(contentLength);
    if (length > MAX_ANSWER_BYTES) tooLong(length);
    // Not from the shared pool: views of it live as long as the row blocks made of it.
    if (Number.isSafeInteger(length) && length >= 0) this.#whole = Buffer.allocUnsafeSlow(length);
  }

  add(chunk: Buffer): void {
    const start = this.#length;
    this.#length += chunk.length;
    if (this.#length > (this.#whole?.length ?? MAX_ANSWER_BYTES)) tooLong(this.#length);
    if (this.#whole) chunk.copy(this.#whole, start);
    else this.#chunks.push(chunk);
  }

  finish(): Buffer {
    if (!this.#whole) return Buffer.concat(this.#chunks);
    if (this.#length < this.#whole.length) throw new ProtocolFault('body cut short', this.#length);
    return this.#whole;
  }
}

function tooLong(length: number): never {
  throw new ProtocolFault('body longer than announced or allowed', length);
}
