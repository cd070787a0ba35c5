/**
 * Rows of an answer as they came: the bytes of the wire in one buffer, and where the fields are. A scanner of a
 * protocol finds the fields; the block that is made of them points into the same bytes, nothing is copied again. Two
 * such memories take turns if whoever has a block gives it back.
 */
import { SyncError } from '../../errors/index.ts';
import type { Column, RowBlock } from '../../types/index.ts';
import { BLOCK_BYTES, BLOCK_ROWS, BlockMemories } from './block-memories.ts';
import type { KeyColumn, Tuple } from './key.ts';
import type { KeyedBlock } from './source.ts';

/** A row larger than this is refused: a reader holds at least two. */
export const MAX_ROW_BYTES = 64 * 1024 * 1024;

/** Finds the rows of one answer in the bytes of a buffer. */
export interface Scanner {
  /** Whether the whole answer was scanned. */
  readonly ended: boolean;
  /** Scans until the block is full, the bytes or the answer are over. Throws the fault that the answer is. */
  scan(): void;
}

/** What the scanner of a protocol fills. Public fields, because its loops run once per byte. */
export class RowBuffer {
  /** Fields of a row on the wire: the columns of the job, then hidden ones. */
  readonly fields: number;
  bytes: Buffer;
  /** Bytes received so far. */
  length = 0;
  /** Everything before is scanned. */
  at = 0;
  rows = 0;
  /** Field `row * fields + field` is `bytes[starts .. ends)`; of a null, both are the same. */
  starts: Uint32Array;
  ends: Uint32Array;
  forms: Uint8Array;
  readonly #memories: BlockMemories;

  constructor(fields: number, memories = new BlockMemories()) {
    this.fields = fields;
    this.#memories = memories;
    ({ bytes: this.bytes, starts: this.starts, ends: this.ends, forms: this.forms } = memories.take(fields));
  }

  /** Whether the rows so far are enough for a block. */
  get full(): boolean {
    return this.rows >= BLOCK_ROWS || this.at >= BLOCK_BYTES;
  }

  /** Whether a block's worth of bytes is here. */
  get laden(): boolean {
    return this.length >= BLOCK_BYTES;
  }

  append(chunk: Buffer): void {
    const needed = this.length + chunk.length;
    if (needed > this.bytes.length) this.#grow(needed);
    chunk.copy(this.bytes, this.length);
    this.length = needed;
  }

  #grow(needed: number): void {
    if (this.length - this.at > MAX_ROW_BYTES) {
      const message = `a row has more than ${MAX_ROW_BYTES / 1024 / 1024} MiB`;
      throw new SyncError('SRC-2026', 'config', message);
    }
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  /** The scanned rows, leaving the rest of the bytes here for the next ones. */
  takeRows(): ScannedRows {
    const { fields, rows, bytes, starts, ends, forms, at, length } = this;
    const next = this.#memories.take(fields);
    ({ bytes: this.bytes, starts: this.starts, ends: this.ends, forms: this.forms } = next);
    this.length = this.at = this.rows = 0;
    this.append(bytes.subarray(at, length));
    let mine = true;
    const release = (): void => {
      if (mine) this.#memories.give({ bytes, starts, ends, forms });
      mine = false;
    };
    return { fields, rows, bytes: bytes.subarray(0, at), starts, ends, forms, release };
  }

  /** Gives the memory back that the next block would have had. Of no more use afterwards. */
  end(): void {
    const { bytes, starts, ends, forms } = this;
    this.#memories.give({ bytes, starts, ends, forms });
  }
}

/** Rows with the bounds and forms of their fields. */
export interface ScannedRows {
  readonly fields: number;
  readonly rows: number;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly forms: Uint8Array;
  /** Gives the memory back: the buffer fills it with other rows. */
  release(): void;
}

/** Turns the wire's text of a column into the form of a block, in place; called once per block and column. */
export type ColumnRule = (cells: ColumnCells) => void;

/** One column of a block while it is made. Cell `i` of the column is at `first + i * step`. */
export interface ColumnCells {
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly forms: Uint8Array;
  readonly first: number;
  readonly step: number;
  readonly rows: number;
}

/** How rows of one result become blocks. */
export interface BlockPlan {
  readonly columns: readonly Column[];
  /** By column; absent = the text is right as it is. */
  readonly rules: readonly (ColumnRule | undefined)[];
  readonly key: readonly KeyColumn[];
  readonly keyPlaces: readonly number[];
}

/** A block of the scanned rows, hidden fields left out of it and kept for its keys. */
export function makeBlock(scanned: ScannedRows, plan: BlockPlan): KeyedBlock {
  const { rows, bytes, release } = scanned;
  const { columns, rules } = plan;
  const keyOf = keysOf(scanned, plan);
  if (scanned.fields > columns.length) hideFields(scanned, columns.length);
  const cells = rows * columns.length;
  const starts = scanned.starts.subarray(0, cells);
  const ends = scanned.ends.subarray(0, cells);
  const forms = scanned.forms.subarray(0, cells);
  for (const [column, rule] of rules.entries()) {
    rule?.({ bytes, starts, ends, forms, first: column, step: columns.length, rows });
  }
  const block: RowBlock = { columns, rowCount: rows, bytes, starts, ends, forms };
  return { block, keyOf, release };
}

/** Closes the gaps behind the first `width` fields of each row, in place. */
function hideFields({ starts, ends, forms, rows, fields }: ScannedRows, width: number): void {
  for (let row = 1; row < rows; row++) {
    const from = row * fields;
    starts.copyWithin(row * width, from, from + width);
    ends.copyWithin(row * width, from, from + width);
    forms.copyWithin(row * width, from, from + width);
  }
}

/** Where the key of a row is: field `i` of it at `starts[row * step + places[i]]`. */
interface KeyFields {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly step: number;
  readonly places: readonly number[];
}

/** Key fields are places of the wire whose bytes no rule changes; bounds that do not stay as they are, are kept apart. */
function keysOf(scanned: ScannedRows, { key, keyPlaces, columns, rules }: BlockPlan): (row: number) => Tuple {
  const { bytes, starts, ends, fields } = scanned;
  const stay = fields === columns.length && keyPlaces.every((place) => rules[place] === undefined);
  const from: KeyFields = stay
    ? { starts, ends, step: fields, places: keyPlaces }
    : apart(scanned, keyPlaces);
  return (row) =>
    key.map(({ kind }, i) => {
      const field = row * from.step + from.places[i]!;
      return bytes.toString(kind === 'bytes' ? 'hex' : 'utf8', from.starts[field]!, from.ends[field]!);
    });
}

function apart({ starts, ends, rows, fields }: ScannedRows, keyPlaces: readonly number[]): KeyFields {
  const step = keyPlaces.length;
  const kept = { starts: new Uint32Array(rows * step), ends: new Uint32Array(rows * step) };
  for (let row = 0, to = 0; row < rows; row++) {
    for (let i = 0; i < step; i++, to++) {
      const field = row * fields + keyPlaces[i]!;
      kept.starts[to] = starts[field]!;
      kept.ends[to] = ends[field]!;
    }
  }
  return { ...kept, step, places: keyPlaces.map((_, i) => i) };
}
