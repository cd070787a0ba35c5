import type { RowFault } from '../connectors/contract.ts';
import type { RowBlock } from '../types/index.ts';
import type { ByteBuffer } from './byte-buffer.ts';

/** Turns rows into the bytes of a file. */
export interface RowEncoder {
  /** Appends rows `fromRow` up to (not including) `toRow`. Refused rows are returned and leave no bytes. */
  encode(block: RowBlock, fromRow: number, toRow: number, out: ByteBuffer): readonly RowFault[];
  /** The bytes at the top of each file; empty without a header. */
  header(): Buffer;
}
