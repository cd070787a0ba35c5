/**
 * Rows in the memory of the kernel `block`, where the loops over every byte run: the checksum of rows, text encoders.
 * A block is copied in once, however many of them look at it; one that is very large, or that uses little of its bytes,
 * comes in piece by piece.
 */
import { AssertionError } from '../errors/index.ts';
import { Kernel } from '../kernels/kernel.ts';
import { WASM } from '../kernels/wasm/block.ts';
import type { RowBlock } from './row-block.ts';

/** Room for what a call of the kernel writes, bytes. */
export const OUT_BYTES = 256 * 1024;
/** Bytes of cells that are copied in at once. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Cells that are copied in at once. */
const MAX_CELLS = 256 * 1024;
/** A block with more bytes per cell than this is copied cell by cell. */
const MAX_BYTES_PER_CELL = 4096;

/** The functions of core/kernels/assembly/block.ts. */
interface BlockFunctions {
  measure(starts: number, ends: number, cells: number, size: number): bigint;
  hashRows(
    bytes: number,
    starts: number,
    ends: number,
    forms: number,
    rows: number,
    width: number,
    out: number,
  ): void;
  settings(): number;
  encode(
    bytes: number,
    starts: number,
    ends: number,
    forms: number,
    rows: number,
    width: number,
    out: number,
    limit: number,
  ): number;
  encodedRows(): number;
}

/** Whole rows of a block in the memory; addresses are void after the next `loadRows`. */
export interface LoadedRows {
  readonly fromRow: number;
  readonly toRow: number;
  /** Addresses of the bytes, and of what belongs to the first cell of `fromRow`. */
  readonly bytes: number;
  readonly starts: number;
  readonly ends: number;
  readonly forms: number;
  /** Address of `OUT_BYTES` to write to. */
  readonly out: number;
  /** Lengths of all cells together. */
  readonly cellBytes: number;
}

/** The cells that are to be copied in, and where they begin and end in `bytes`. */
type Cells = Pick<RowBlock, 'bytes' | 'starts' | 'ends' | 'forms'>;

/** The kernel; its functions take addresses of `LoadedRows`. */
export const blockKernel = new Kernel<BlockFunctions>(WASM);

let loadedBlock = new WeakRef<object>({});
let loaded: LoadedRows | undefined;

/** Rows of the block from some row before or at `row` to some row after it. */
export function loadRows(block: RowBlock, row: number): LoadedRows {
  if (loaded && loadedBlock.deref() === block && row >= loaded.fromRow && row < loaded.toRow) return loaded;
  loaded = undefined;
  loadedBlock = new WeakRef(block);
  const cells = block.rowCount * block.columns.length;
  const isSmall = block.bytes.length <= Math.min(MAX_BYTES, cells * MAX_BYTES_PER_CELL) && cells <= MAX_CELLS;
  loaded = isSmall ? copyIn(block, 0, block.rowCount, cells) : loadPiece(block, row);
  return loaded;
}

function copyIn(cells: Cells, fromRow: number, toRow: number, count: number): LoadedRows {
  const size = cells.bytes.length;
  const [bytes, starts, ends, forms, out] = blockKernel.layOut(
    size,
    4 * count,
    4 * count,
    count,
    OUT_BYTES,
  ) as [number, number, number, number, number];
  const memory = blockKernel.bytes;
  memory.set(cells.bytes, bytes);
  memory.set(bytesOf(cells.starts, count), starts);
  memory.set(bytesOf(cells.ends, count), ends);
  memory.set(cells.forms.subarray(0, count), forms);
  const cellBytes = Number(blockKernel.functions.measure(starts, ends, count, size));
  if (cellBytes < 0) throw damaged();
  return { fromRow, toRow, bytes, starts, ends, forms, out, cellBytes };
}

const bytesOf = ({ buffer, byteOffset }: Uint32Array, count: number): Uint8Array =>
  new Uint8Array(buffer, byteOffset, 4 * count);

/** As many rows from `fromRow` on as fit, at least one, with their cells one behind the other. */
function loadPiece(block: RowBlock, fromRow: number): LoadedRows {
  const width = block.columns.length;
  const first = fromRow * width;
  const { toRow, size } = pieceFrom(block, fromRow);
  const count = (toRow - fromRow) * width;
  const bytes = Buffer.allocUnsafeSlow(size);
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    starts[i] = at;
    bytes.set(block.bytes.subarray(block.starts[first + i]!, block.ends[first + i]!), at);
    at += block.ends[first + i]! - block.starts[first + i]!;
    ends[i] = at;
  }
  return copyIn({ bytes, starts, ends, forms: block.forms.subarray(first) }, fromRow, toRow, count);
}

function pieceFrom(block: RowBlock, fromRow: number): { readonly toRow: number; readonly size: number } {
  const width = block.columns.length;
  let size = rowBytes(block, fromRow);
  let toRow = fromRow + 1;
  for (; toRow < block.rowCount && (toRow + 1 - fromRow) * width <= MAX_CELLS; toRow++) {
    const more = rowBytes(block, toRow);
    if (size + more > MAX_BYTES) break;
    size += more;
  }
  return { toRow, size };
}

function rowBytes({ columns, bytes, starts, ends }: RowBlock, row: number): number {
  let sum = 0;
  for (let i = row * columns.length; i < (row + 1) * columns.length; i++) {
    const length = ends[i]! - starts[i]!;
    if (!(length >= 0 && ends[i]! <= bytes.length)) throw damaged();
    sum += length;
  }
  return sum;
}

const damaged = (): AssertionError => new AssertionError('a cell of a block lies outside of its bytes');
