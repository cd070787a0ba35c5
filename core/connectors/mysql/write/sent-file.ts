/**
 * The content of a file that the server asked for (LOAD DATA LOCAL), sent straight from the memory that holds it: the
 * driver would copy each piece of a stream behind a header of its own.
 *
 *   packet   u24 length of the bytes, u8 sequence number, bytes; an empty one ends the file
 *
 * https://mariadb.com/kb/en/local_infile-packet/
 */
import { Readable } from 'node:stream';
import type { Connection } from 'mysql2';

const PIECE_BYTES = 64 * 1024;
const HEAD_BYTES = 4;

/** What this needs of the driver: it counts packets. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  writePacket(packet: Head): void;
  write(bytes: Buffer): void;
}

/**
 * The stream that the driver is given in place of the file. It is empty: when the driver begins to read it, the bytes
 * have gone out, and the driver writes the packet that ends them. They must stay as they are until the server has
 * answered.
 */
export const sentFile = (driver: Connection, file: Buffer): Readable =>
  new Readable({
    read() {
      send(driver as unknown as Wire, file);
      this.push(null);
    },
  });

function send(wire: Wire, file: Buffer): void {
  wire.stream.cork();
  for (let at = 0; at < file.length; at += PIECE_BYTES) {
    const piece = file.subarray(at, at + PIECE_BYTES);
    wire.writePacket(new Head(piece.length));
    wire.write(piece);
  }
  wire.stream.uncork();
}

/** The head of a packet, for the driver a whole one. */
class Head {
  readonly buffer = Buffer.alloc(HEAD_BYTES);
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  length(): number {
    return HEAD_BYTES + this.#size;
  }

  writeHeader(sequence: number): void {
    this.buffer.writeUIntLE(this.#size, 0, 3);
    this.buffer[3] = sequence;
  }
}
