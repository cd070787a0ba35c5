/** Writes runs of cells that plainly are what their columns hold (core/kernels/assembly/notation.ts). */
import { assert } from '../../errors/index.ts';
import { Kernel } from '../../kernels/kernel.ts';
import { WASM } from '../../kernels/wasm/notation.ts';
import type { RowBlock } from '../../types/index.ts';
import type { EncodedColumn } from './encoded-column.ts';
import type { EncodedRows } from './encoded-rows.ts';
import { framesOf, NO_LETTER, type Notation, shapeOf } from './notation.ts';

const kernel = new Kernel<{
  describe(style: number, columns: number, width: number, maxRowBytes: number): void;
  take(bytes: number, length: number, starts: number, ends: number, forms: number, rows: number): void;
  into(at: number, size: number, rowEnds: number): void;
  run(row: number, column: number, carried: number, place: number): StopReason;
  row(): number;
  column(): number;
  ended(): number;
  size(): number;
}>(WASM);

/** Why a run ended: all rows are written · the room was used up · a cell is for the caster · the row is too long. */
export const Stop = { done: 0, full: 1, cell: 2, long: 3 } as const;

/** One of the values of `Stop`. */
export type StopReason = (typeof Stop)[keyof typeof Stop];

/** Bytes of a block that are given to the kernel; cells beyond them stop it. */
const COPIED_BYTES = 4 * 1024 * 1024;
/** Bytes that one run writes at most. */
const OUT_BYTES = 512 * 1024;
const WORD_BYTES = 8;
const NO_BOUND = 0xffffffff;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;

/** Layout of the kernel's descriptions. */
const STYLE_BYTES = 288;
const COLUMN_BYTES = 32;

/** One notation over one list of columns. Shares its memory with all others: no await between `load` and the last run. */
export class RowKernel {
  readonly #description: Buffer;
  readonly #width: number;
  readonly #maxRowBytes: number;
  #out = 0;
  #rowEnds = 0;

  constructor(notation: Notation, columns: readonly EncodedColumn[], maxRowBytes: number) {
    const style = styleOf(notation);
    this.#description = Buffer.concat([style, ...columns.map((column) => columnOf(column, notation))]);
    this.#width = columns.length;
    this.#maxRowBytes = Math.min(maxRowBytes, NO_BOUND);
  }

  /** Copies a block into the kernel. */
  load({ bytes, starts, ends, forms, rowCount }: RowBlock): void {
    const cells = rowCount * this.#width;
    const length = Math.min(bytes.length, COPIED_BYTES);
    const sizes = [this.#description.length, length, 4 * cells, 4 * cells, cells, OUT_BYTES, 4 * rowCount];
    const [style = 0, at = 0, from = 0, to = 0, formsAt = 0, out = 0, rowEnds = 0] = kernel.layOut(...sizes);
    const { bytes: memory, functions } = kernel;
    memory.set(this.#description, style);
    memory.set(bytes.subarray(0, length), at);
    new Uint32Array(memory.buffer, from, cells).set(starts.subarray(0, cells));
    new Uint32Array(memory.buffer, to, cells).set(ends.subarray(0, cells));
    memory.set(forms.subarray(0, cells), formsAt);
    functions.describe(style, style + STYLE_BYTES, this.#width, this.#maxRowBytes);
    functions.take(at, length, from, to, formsAt, rowCount);
    functions.into(out, OUT_BYTES, rowEnds);
    this.#out = out;
    this.#rowEnds = rowEnds;
  }

  /** Appends rows to `out` from a cell of the loaded block on, up to `row` and `column`. */
  run(row: number, column: number, out: EncodedRows): StopReason {
    const { functions, bytes } = kernel;
    const why = functions.run(row, column, out.length - out.start(out.count), out.count);
    const ends = new Uint32Array(bytes.buffer, this.#rowEnds, functions.ended());
    out.endRows(row, ends);
    out.append(bytes.subarray(this.#out, this.#out + functions.size()));
    return why;
  }

  /** Where the last run ended. */
  get row(): number {
    return kernel.functions.row();
  }

  get column(): number {
    return kernel.functions.column();
  }
}

function styleOf(notation: Notation): Buffer {
  const { letters, open, separator, last, tail, ordinals, nullWord, hexPrefix } = notation;
  const style = Buffer.alloc(STYLE_BYTES);
  style.set(letters);
  const [likely = BACKSLASH, ...more] = [...letters.keys()].filter(
    (byte) => letters[byte] !== 0 && byte >= FIRST_PRINTABLE && byte !== BACKSLASH,
  );
  assert(more.length === 0, 'the kernel looks for one character beside the backslash and control characters');
  style[256] = likely;
  style.set([open, separator, last, tail, ordinals ? 1 : 0, nullWord.length, hexPrefix.length], 257);
  style.write(nullWord, 264, WORD_BYTES, 'latin1');
  style.write(hexPrefix, 272, WORD_BYTES, 'latin1');
  return style;
}

function columnOf({ target, lane }: EncodedColumn, notation: Notation): Buffer {
  const column = Buffer.alloc(COLUMN_BYTES);
  const refusesNul = target.kind === 'string' && target.refusesNul === true;
  if (!lane || (refusesNul && notation.letters[0] !== NO_LETTER)) return column;
  const [before, behind] = framesOf(shapeOf(target), notation);
  column.set([lane.code, before, behind]);
  column.writeUInt32LE(Math.min(lane.first, NO_BOUND), 4);
  column.writeUInt32LE(Math.min(lane.second, NO_BOUND), 8);
  column.writeBigUInt64LE(lane.greatest ?? 0n, 16);
  column.writeBigUInt64LE(lane.least ?? 0n, 24);
  return column;
}
