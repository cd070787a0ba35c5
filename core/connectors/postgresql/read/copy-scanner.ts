/**
 * The answer to COPY … TO STDOUT in text format (https://www.postgresql.org/docs/current/protocol-message-formats.html,
 * https://www.postgresql.org/docs/current/sql-copy.html).
 *
 *   message  1 byte type · 4 bytes length, big-endian, itself included · body
 *   answer   H CopyOutResponse · d CopyData, one per row · c CopyDone · C CommandComplete · Z ReadyForQuery
 *            or E ErrorResponse · Z; N notices and S parameters may come at any time
 *   row      fields with tabs between them and a line feed at the end; \N is null; a backslash begins one of
 *            \b \f \n \r \t \v \\, any other character after it stands for itself
 *   E        per field 1 byte code (C SQLSTATE, M message) and a text ended by NUL; NUL ends the fields
 */
import { SyncError } from '../../../errors/index.ts';
import type { RowBuffer } from '../../../relational/read/row-buffer.ts';
import { ServerFault } from '../errors.ts';

const HEADER_BYTES = 5;
const COPY_DATA = 0x64;
const COPY_OUT_RESPONSE = 0x48;
const COPY_DONE = 0x63;
const COMMAND_COMPLETE = 0x43;
const READY = 0x5a;
const ERROR = 0x45;
const NOTICE = 0x4e;
const PARAMETER = 0x53;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const BACKSLASH = 0x5c;
const CAPITAL_N = 0x4e;

/** What letters after a backslash stand for. */
const ESCAPES = new Uint8Array(256).map((_, i) => i);
for (const [letter, byte] of [
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
] as const) {
  ESCAPES[letter.charCodeAt(0)] = byte;
}

/** Finds the rows of one COPY in the bytes of a buffer. */
export class CopyScanner {
  readonly #buffer: RowBuffer;
  #ended = false;
  #fault: ServerFault | undefined;

  constructor(buffer: RowBuffer) {
    this.#buffer = buffer;
  }

  /** Whether the whole answer was scanned, up to the server being ready again. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Scans until the block is full, the bytes or the answer are over. Throws the server's fault when it is ready again. */
  scan(): void {
    const buffer = this.#buffer;
    const { bytes, length } = buffer;
    while (!this.#ended && !buffer.full) {
      const { at } = buffer;
      if (length - at < HEADER_BYTES) return;
      const size = bytes.readUInt32BE(at + 1);
      const end = at + 1 + size;
      if (end > length) return;
      if (bytes[at] === COPY_DATA) this.#row(at + HEADER_BYTES, end);
      else this.#message(bytes[at]!, at + HEADER_BYTES, end);
      buffer.at = end;
    }
  }

  #message(type: number, start: number, end: number): void {
    switch (type) {
      case ERROR:
        this.#fault = serverFault(this.#buffer.bytes.subarray(start, end));
        return;
      case READY:
        if (this.#fault) throw this.#fault;
        this.#ended = true;
        return;
      case COPY_OUT_RESPONSE:
      case COPY_DONE:
      case COMMAND_COMPLETE:
      case NOTICE:
      case PARAMETER:
        return;
      default:
        throw broken(`a message of type ${type} does not belong here`);
    }
  }

  #row(start: number, end: number): void {
    const { bytes, starts, ends, fields, rows } = this.#buffer;
    let cell = rows * fields;
    const beyond = cell + fields;
    let from = start;
    let at = start;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte > BACKSLASH) continue;
      if (byte === TAB || byte === LINE_FEED) {
        if (cell >= beyond) throw broken('a row has more fields than columns');
        starts[cell] = from;
        ends[cell++] = at;
        from = at + 1;
      } else if (byte === BACKSLASH) {
        if (bytes[at + 1] === CAPITAL_N && at === from) {
          starts[cell] = 1;
          ends[cell++] = 0;
          at += 2;
          from = at + 1;
        } else {
          if (cell >= beyond) throw broken('a row has more fields than columns');
          starts[cell] = from;
          const stop = fieldEnd(bytes, at, end);
          ends[cell++] = withoutEscapes(bytes, at, stop);
          at = stop;
          from = at + 1;
        }
      }
    }
    if (cell !== beyond || from !== end) throw broken('a row has fewer fields than columns');
    this.#buffer.rows = rows + 1;
  }
}

/** Position of the tab or line feed that ends the field; inside a field both are escaped. */
function fieldEnd(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== TAB && bytes[at] !== LINE_FEED) at++;
  return at;
}

/** Replaces the escapes of a field in place from its first one on; returns the new end. */
function withoutEscapes(bytes: Buffer, from: number, end: number): number {
  let to = from;
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!;
    bytes[to++] = byte === BACKSLASH ? ESCAPES[bytes[++at]!]! : byte;
  }
  return to;
}

const broken = (what: string): SyncError => new SyncError('SRC-2005', 'transient', what);

function serverFault(body: Buffer): ServerFault {
  const fields: Record<string, string> = {};
  for (const part of body.toString('utf8').split('\0')) {
    if (part !== '') fields[part[0]!] = part.slice(1);
  }
  return new ServerFault(fields.C ?? '', fields.M ?? 'an error without a message');
}
