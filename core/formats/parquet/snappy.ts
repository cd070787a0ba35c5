/** Snappy's raw format, by a kernel that also says what it looks like. */
import { Kernel } from '../../kernels/kernel.ts';
import { WASM } from '../../kernels/wasm/snappy.ts';

/** Bytes that the result may have besides the content and its sixth part. */
const EXTRA_BYTES = 32;

const kernel = new Kernel<{ compress(at: number, end: number, to: number): number }>(WASM);

/** The compressed form of `raw`, in space of its own. */
export function snappy(raw: Uint8Array): Buffer {
  const [at = 0, out = 0] = kernel.layOut(raw.length, EXTRA_BYTES + raw.length + Math.ceil(raw.length / 6));
  const { bytes, functions } = kernel;
  bytes.set(raw, at);
  return ownBytes(bytes.subarray(out, functions.compress(at, at + raw.length, out)));
}

/** A copy that shares its memory with nothing else. */
export function ownBytes(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
