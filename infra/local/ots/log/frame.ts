import { ByteWriter } from '../wire/byte-writer.ts';
import { crc32 } from './crc32.ts';

/**
 * The unit of durability: everything that one flush writes is one frame, so a crash can tear only the last.
 *
 *     file   := magic "MROTSLG1"  frame*
 *     frame  := u32 MARK  u32 n  u32 crc32(payload)  u32 crc32(first 12 bytes)  payload[n]
 *     payload:= (u32 length  record[length])*          records: `record.ts`
 */
export const FILE_MAGIC = Buffer.from('MROTSLG1', 'latin1');
export const FRAME_HEADER_BYTES = 16;
const MARK = 0x314d5246;
const CHECKED_HEADER_BYTES = 12;

/** Collects records of one frame behind room for its header. */
export class FrameBuilder {
  readonly #out = new ByteWriter(4096);

  constructor() {
    this.#out.length = FRAME_HEADER_BYTES;
  }

  get payloadBytes(): number {
    return this.#out.length - FRAME_HEADER_BYTES;
  }

  /** Appends one record that `write` encodes. */
  add(write: (out: ByteWriter) => void): void {
    const out = this.#out;
    out.u32(0);
    const start = out.length;
    write(out);
    out.setU32(start - 4, out.length - start);
  }

  /** The finished frame; the builder must not be used afterwards. */
  finish(): Buffer {
    const frame = this.#out.view();
    frame.writeUInt32LE(MARK, 0);
    frame.writeUInt32LE(this.payloadBytes, 4);
    frame.writeUInt32LE(crc32(frame, FRAME_HEADER_BYTES, frame.length), 8);
    frame.writeUInt32LE(crc32(frame, 0, CHECKED_HEADER_BYTES), 12);
    return frame;
  }
}

/** The payload of the frame at `at`, or `undefined` when there is no whole and sound frame. */
export function readFrame(file: Buffer, at: number): Buffer | undefined {
  if (at + FRAME_HEADER_BYTES > file.length || file.readUInt32LE(at) !== MARK) return undefined;
  if (file.readUInt32LE(at + 12) !== crc32(file, at, at + CHECKED_HEADER_BYTES)) return undefined;
  const start = at + FRAME_HEADER_BYTES;
  const end = start + file.readUInt32LE(at + 4);
  if (end > file.length || file.readUInt32LE(at + 8) !== crc32(file, start, end)) return undefined;
  return file.subarray(start, end);
}

/** True when a sound frame begins anywhere behind `at`: then the damage before it is no torn tail. */
export function hasFrameAfter(file: Buffer, at: number): boolean {
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(MARK);
  for (let next = file.indexOf(mark, at + 1); next >= 0; next = file.indexOf(mark, next + 1)) {
    if (readFrame(file, next)) return true;
  }
  return false;
}

/** Calls `visit` for each record of a payload. */
export function forEachRecord(payload: Buffer, visit: (record: Buffer) => void): void {
  for (let at = 0; at < payload.length; ) {
    const start = at + 4;
    at = start + payload.readUInt32LE(at);
    visit(payload.subarray(start, at));
  }
}
