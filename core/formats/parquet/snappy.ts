/** Snappy's raw format, by a kernel that also says what it looks like. */
import { Kernel } from '../../kernels/kernel.ts';
import { WASM } from '../../kernels/wasm/snappy.ts';
import type { ByteBuffer } from '../byte-buffer.ts';

/** Bytes that the result may have besides the content and its sixth part. */
const EXTRA_BYTES = 32;

const kernel = new Kernel<{ compress(at: number, end: number, to: number): number }>(WASM);

/** Appends the compressed form of `raw`. */
export function snappy(raw: Uint8Array, out: ByteBuffer): void {
  const [at = 0, to = 0] = kernel.layOut(raw.length, EXTRA_BYTES + raw.length + Math.ceil(raw.length / 6));
  const { bytes, functions } = kernel;
  bytes.set(raw, at);
  out.append(bytes.subarray(to, functions.compress(at, at + raw.length, to)));
}
