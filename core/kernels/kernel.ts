/**
 * Byte loops compiled to WebAssembly: what runs over every byte of every row. A kernel has a memory of its own; a call
 * copies its input in, computes, and copies the result out (about 10 GB/s), all without an await between, so one
 * instance serves a whole process. Addresses are numbers of bytes from the beginning of the memory.
 */

/** Free bytes behind each region: kernels load and store 16 bytes at a time, also across the end of their input. */
export const SLACK_BYTES = 64;
/** A memory cannot shrink: one that has become larger than this is given up after use. */
const KEPT_BYTES = 16 * 1024 * 1024;
const PAGE_BYTES = 65_536;
const ALIGNMENT_BYTES = 16;

/** What every kernel exports besides its functions. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  /** Where the memory is free. */
  arena(): number;
}

/** One module of `core/kernels/wasm`, instantiated when first used. `F` = its functions. */
export class Kernel<F extends object> {
  readonly #wasm: string;
  readonly #prepare: (functions: F) => void;
  #module: WebAssembly.Module | undefined;
  #exports: (Exports & F) | undefined;
  #bytes: Buffer = Buffer.alloc(0);

  /** `wasm`: the module in base64. `prepare` is called with each new instance, for instance to fill tables. */
  constructor(wasm: string, prepare: (functions: F) => void = () => {}) {
    this.#wasm = wasm;
    this.#prepare = prepare;
  }

  /** Its functions. They take and return addresses of `bytes`. */
  get functions(): F {
    return this.#instance();
  }

  /** Its whole memory. Take it anew after `layOut`, which may have moved it. */
  get bytes(): Buffer {
    const { buffer } = this.#instance().memory;
    if (this.#bytes.buffer !== buffer) this.#bytes = Buffer.from(buffer);
    return this.#bytes;
  }

  /**
   * Addresses of regions of these lengths, each aligned to 16 bytes and followed by `SLACK_BYTES`. The memory grows as
   * needed; regions of an earlier call are void.
   */
  layOut(...lengths: readonly number[]): number[] {
    if (this.bytes.length > KEPT_BYTES) this.#exports = undefined;
    let at = align(this.#instance().arena());
    const addresses = lengths.map((length) => {
      const address = at;
      at = align(at + length + SLACK_BYTES);
      return address;
    });
    const missing = at - this.bytes.length;
    if (missing > 0) this.#instance().memory.grow(Math.ceil(missing / PAGE_BYTES));
    return addresses;
  }

  #instance(): Exports & F {
    if (!this.#exports) {
      this.#module ??= new WebAssembly.Module(Buffer.from(this.#wasm, 'base64'));
      this.#exports = new WebAssembly.Instance(this.#module, {}).exports as unknown as Exports & F;
      this.#prepare(this.#exports);
    }
    return this.#exports;
  }
}

const align = (address: number): number => Math.ceil(address / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
