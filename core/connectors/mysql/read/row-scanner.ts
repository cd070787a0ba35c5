/**
 * The text protocol's result set (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset.html).
 *
 *   packet   3 bytes payload length, little-endian · 1 byte sequence · payload; a payload of 0xffffff bytes goes on in
 *            the next packet
 *   answer   column count · column definitions · EOF · rows · EOF
 *   ERR      ff · 2 bytes number · '#' · 5 bytes SQLSTATE · message
 *   EOF      fe · 2 bytes warnings · 2 bytes status; payload below 9 bytes
 *   row      per column a length-encoded text, or fb for null
 *   length   below fb: itself · fc: 2 bytes · fd: 3 bytes · fe: 8 bytes
 *   column   six length-encoded texts (catalog, schema, table, original table, name, original name) · 0c ·
 *            2 bytes charset · 4 bytes length · 1 byte type · 2 bytes flags · 1 byte decimals · 2 bytes filler
 */
import { SyncError } from '../../../errors/index.ts';
import type { RowBuffer } from '../../../relational/read/row-buffer.ts';
import { ServerFault } from '../errors.ts';

const HEADER_BYTES = 4;
const LONGEST_PAYLOAD = 0xffffff;
const NULL_FIELD = 0xfb;
const LENGTH_2 = 0xfc;
const LENGTH_3 = 0xfd;
const LENGTH_8 = 0xfe;
const ERR = 0xff;
const EOF = 0xfe;
const EOF_BELOW = 9;

type Part = 'count' | 'definitions' | 'rows' | 'end';

/** Finds the rows of one answer in the bytes of a buffer. */
export class RowScanner {
  readonly #buffer: RowBuffer;
  #part: Part = 'count';

  constructor(buffer: RowBuffer) {
    this.#buffer = buffer;
  }

  /** Whether the whole answer was scanned. */
  get ended(): boolean {
    return this.#part === 'end';
  }

  /** Scans until the block is full, the bytes or the answer are over. Throws a ServerFault for an ERR packet. */
  scan(): void {
    const buffer = this.#buffer;
    while (this.#part !== 'end' && !buffer.full) {
      const { bytes, at, length } = buffer;
      if (length - at < HEADER_BYTES) return;
      const payload = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
      const start = at + HEADER_BYTES;
      if (payload === LONGEST_PAYLOAD) {
        if (!this.#joined()) return;
        continue;
      }
      if (length - start < payload) return;
      this.#packet(start, payload);
    }
  }

  #packet(start: number, payload: number): void {
    const buffer = this.#buffer;
    const first = buffer.bytes[start];
    buffer.at = start + payload;
    if (first === ERR) throw serverFault(buffer.bytes.subarray(start, start + payload));
    if (this.#part === 'count') this.#count(start, first);
    else if (first === EOF && payload < EOF_BELOW) this.#part = this.#part === 'rows' ? 'end' : 'rows';
    else if (this.#part === 'rows') this.#row(start, start + payload);
  }

  #count(start: number, first: number | undefined): void {
    const { bytes, fields } = this.#buffer;
    const count = first === LENGTH_2 ? bytes.readUInt16LE(start + 1) : first;
    if (count !== fields) throw broken(`the answer has ${count} columns instead of ${fields}`);
    this.#part = 'definitions';
  }

  #row(start: number, end: number): void {
    const { bytes, starts, ends, fields, rows } = this.#buffer;
    let at = start;
    const last = (rows + 1) * fields;
    for (let i = rows * fields; i < last; i++) {
      let size = bytes[at++]!;
      if (size >= NULL_FIELD) {
        if (size === NULL_FIELD) {
          starts[i] = 1;
          ends[i] = 0;
          continue;
        }
        if (size === LENGTH_2) {
          size = bytes[at]! | (bytes[at + 1]! << 8);
          at += 2;
        } else if (size === LENGTH_3) {
          size = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
          at += 3;
        } else if (size === LENGTH_8) {
          size = bytes.readUInt32LE(at);
          at += 8;
        } else throw broken('a field has no length');
      }
      starts[i] = at;
      at += size;
      ends[i] = at;
    }
    if (at !== end) throw broken('a row is longer or shorter than its packet');
    this.#buffer.rows = rows + 1;
  }

  /** Takes the inner headers out of a row that spans packets, once all of them are there. False = not yet. */
  #joined(): boolean {
    const buffer = this.#buffer;
    const { bytes, at, length } = buffer;
    let from = at;
    for (;;) {
      if (length - from < HEADER_BYTES) return false;
      const payload = bytes.readUIntLE(from, 3);
      if (length - from - HEADER_BYTES < payload) return false;
      from += HEADER_BYTES + payload;
      if (payload < LONGEST_PAYLOAD) break;
    }
    let to = at + HEADER_BYTES + LONGEST_PAYLOAD;
    for (let header = to; header < from; ) {
      const payload = bytes.readUIntLE(header, 3);
      bytes.copyWithin(to, header + HEADER_BYTES, header + HEADER_BYTES + payload);
      to += payload;
      header += HEADER_BYTES + payload;
    }
    this.#row(at + HEADER_BYTES, to);
    buffer.at = from;
    return true;
  }
}

const broken = (what: string): SyncError => new SyncError('SRC-2005', 'transient', what);

/** An ERR packet taken apart. */
function serverFault(packet: Buffer): ServerFault {
  const errno = packet.readUInt16LE(1);
  const hasState = packet[3] === 0x23;
  const state = hasState ? packet.toString('latin1', 4, 9) : '';
  return new ServerFault(errno, state, packet.toString('utf8', hasState ? 9 : 3));
}
