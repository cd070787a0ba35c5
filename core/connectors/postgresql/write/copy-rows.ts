/**
 * `COPY … FROM STDIN` as one query of the driver: rows go out in messages small enough that the server works on the first
 * while the others are on their way, straight from the memory that holds them.
 *
 *   CopyData   'd', u32 length (itself and the bytes), bytes
 *   CopyDone   'c', u32 4
 *
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY
 */
import type { Socket } from 'node:net';
import type pg from 'pg';

const PIECE_BYTES = 64 * 1024;
const COPY_DATA = 0x64;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);
const LENGTH_BYTES = 4;

/** What this needs of the driver's connection. */
interface Wire {
  readonly stream: Socket;
  query(text: string): void;
}

/** Sends the statement and the bytes. Resolves when the server has taken them and waits for the next statement. */
export const copyRows = (driver: pg.Client, sql: string, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    driver.query(new CopyRows(sql, bytes, resolve, reject) as unknown as pg.Submittable);
  });

/** The side of a query that the driver calls. The bytes must stay as they are until the server has answered. */
class CopyRows {
  readonly #sql: string;
  readonly #bytes: Buffer;
  readonly #resolve: () => void;
  readonly #reject: (error: Error) => void;

  constructor(sql: string, bytes: Buffer, resolve: () => void, reject: (error: Error) => void) {
    this.#sql = sql;
    this.#bytes = bytes;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(wire: Wire): void {
    wire.query(this.#sql);
  }

  handleCopyInResponse({ stream }: Wire): void {
    stream.cork();
    for (let at = 0; at < this.#bytes.length; at += PIECE_BYTES) {
      const piece = this.#bytes.subarray(at, at + PIECE_BYTES);
      stream.write(headOf(piece.length));
      stream.write(piece);
    }
    stream.write(COPY_DONE);
    stream.uncork();
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#resolve();
  }

  /** After this the driver gives the connection to the next statement. */
  handleError(error: Error): void {
    this.#reject(error);
  }
}

const WHOLE_HEAD = makeHead(PIECE_BYTES);

const headOf = (length: number): Buffer => (length === PIECE_BYTES ? WHOLE_HEAD : makeHead(length));

function makeHead(length: number): Buffer {
  const head = Buffer.alloc(1 + LENGTH_BYTES);
  head[0] = COPY_DATA;
  head.writeUInt32BE(length + LENGTH_BYTES, 1);
  return head;
}
