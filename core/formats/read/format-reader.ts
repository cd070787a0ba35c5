import type { RowFault } from '../../connectors/contract.ts';
import type { Column, RowBlock } from '../../types/index.ts';

/** The bytes of one object, unchanging while it is read. */
export interface ObjectBytes {
  /** For messages: `oss://bucket/key`. */
  readonly name: string;
  readonly size: number;
  /** The bytes `[from, to)` in order, in pieces of any size. Ends early if the consumer leaves. */
  stream(from: number, to: number): AsyncIterable<Buffer>;
}

/** What the rows of an object are made of. */
export interface FormatLayout {
  readonly columns: readonly Column[];
  /** What each column is in the file, for the type map of `plan`. */
  readonly sourceTypes: readonly string[];
  /** JSON text that `read` gets back: what the first object says about the columns of all. */
  readonly text: string;
}

/** Rows in the order of the file, with the position after them. */
export interface FormatBatch {
  readonly block: RowBlock;
  /** Rows of the block that are no rows: ragged, malformed, or with a cell that cannot be what it should. */
  readonly refused: readonly RowFault[];
  /** JSON text; reading from here yields exactly the rows after this batch. */
  readonly position: string;
  /** Where in the object a row stands, in plain words. */
  readonly placeOf: (row: number) => string;
}

/** A part of an object: rows that begin at the bytes `[from, to)`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** Reads the rows of objects of one format. Holds no state between calls. */
export interface FormatReader {
  /** The columns, as the parameters or the first object say; without any object as far as the parameters say. */
  layout(first: ObjectBytes | undefined): Promise<FormatLayout>;
  /** Whether objects can be cut at any byte: the rows that begin in a range are found without what is before it. */
  readonly cuttable: boolean;
  /** The byte at which a position stands, for cuttable formats. */
  byteOf?(position: string): number;
  /** All rows of a range after `from`, which is a position of an earlier batch of the same range. */
  read(
    object: ObjectBytes,
    layout: FormatLayout,
    range: ByteRange,
    from: string | undefined,
  ): AsyncIterable<FormatBatch>;
}
