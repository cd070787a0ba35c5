/** Rows by the kernel: all that are whole, short and plain, which is nearly every one. */
import { Kernel } from '../../../kernels/kernel.ts';
import { WASM } from '../../../kernels/wasm/mysql-rows.ts';
import { BLOCK_BYTES, BLOCK_ROWS } from '../../../relational/read/block-memories.ts';
import type { RowBuffer } from '../../../relational/read/row-buffer.ts';

/** Bytes scanned at a time: they and their fields stay in the cache of the processor. A longer row is no plain one. */
const PIECE_BYTES = 64 * 1024;
/** Bytes of a number in a list of bounds. */
const BOUND_BYTES = 4;

const kernel = new Kernel<{
  scan(
    at: number,
    end: number,
    limit: number,
    origin: number,
    most: number,
    kinds: number,
    fields: number,
    starts: number,
    ends: number,
    forms: number,
  ): number;
  stop(): number;
}>(WASM);

/** Takes rows from where the buffer is scanned up to, and returns how many: none if the first there is not plain. */
export function takePlainRows(buffer: RowBuffer, kinds: Uint8Array): number {
  const { fields, at, rows } = buffer;
  const size = Math.min(buffer.length - at, PIECE_BYTES);
  // A field takes a byte at least, so there are no more fields than bytes.
  const [piece, kindsAt, starts, ends, forms] = kernel.layOut(
    size,
    fields,
    size * BOUND_BYTES,
    size * BOUND_BYTES,
    size,
  ) as [number, number, number, number, number];
  const { bytes, functions } = kernel;
  bytes.set(kinds, kindsAt);
  buffer.bytes.copy(bytes, piece, at, at + size);
  const origin = piece - at;
  const most = BLOCK_ROWS - rows;
  const end = piece + size;
  const limit = origin + BLOCK_BYTES;
  const found = functions.scan(piece, end, limit, origin, most, kindsAt, fields, starts, ends, forms);
  const first = rows * fields;
  const count = found * fields;
  buffer.starts.set(new Uint32Array(bytes.buffer, starts, count), first);
  buffer.ends.set(new Uint32Array(bytes.buffer, ends, count), first);
  buffer.forms.set(bytes.subarray(forms, forms + count), first);
  buffer.rows = rows + found;
  buffer.at = functions.stop() - origin;
  return found;
}
