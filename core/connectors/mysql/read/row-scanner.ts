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
import type { RowBuffer, Scanner } from '../../../relational/read/row-buffer.ts';
import { Form } from '../../../types/index.ts';
import { ServerFault } from '../errors.ts';
import { formOf } from './field-kind.ts';
import { takePlainRows } from './plain-rows.ts';

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
export class RowScanner implements Scanner {
  readonly #buffer: RowBuffer;
  readonly #kinds: Uint8Array;
  #part: Part = 'count';

  /** `kinds`: a FieldKind for each field of a row. */
  constructor(buffer: RowBuffer, kinds: Uint8Array) {
    this.#buffer = buffer;
    this.#kinds = kinds;
  }

  /** Whether the whole answer was scanned. */
  get ended(): boolean {
    return this.#part === 'end';
  }

  /** Scans until the block is full, the bytes or the answer are over. Throws a ServerFault for an ERR packet. */
  scan(): void {
    const buffer = this.#buffer;
    while (this.#part !== 'end' && !buffer.full) {
      if (this.#part === 'rows' && takePlainRows(buffer, this.#kinds) > 0) continue;
      if (!this.#one()) return;
    }
  }

  /** Takes one packet, whatever it is. False = not all of it is here. */
  #one(): boolean {
    const { bytes, at, length } = this.#buffer;
    if (length - at < HEADER_BYTES) return false;
    const payload = bytes.readUIntLE(at, 3);
    if (payload === LONGEST_PAYLOAD) return this.#joined();
    if (length - at - HEADER_BYTES < payload) return false;
    this.#packet(at + HEADER_BYTES, payload);
    return true;
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
    const { bytes, starts, ends, forms, fields, rows } = this.#buffer;
    let at = start;
    for (let field = 0, i = rows * fields; field < fields; field++, i++) {
      const size = fieldSize(bytes, at);
      at += lengthBytes(bytes[at]!);
      const stop = at + (size ?? 0);
      const form = size === undefined ? Form.null : formOf(this.#kinds[field]!, bytes, at, stop);
      starts[i] = at;
      ends[i] = form === Form.null ? at : stop;
      forms[i] = form;
      at = stop;
      if (at > end) break;
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

/** Bytes of a value; `undefined` = it is a null. */
function fieldSize(bytes: Buffer, at: number): number | undefined {
  const first = bytes[at]!;
  switch (first) {
    case NULL_FIELD:
      return undefined;
    case LENGTH_2:
      return bytes.readUInt16LE(at + 1);
    case LENGTH_3:
      return bytes.readUIntLE(at + 1, 3);
    case LENGTH_8:
      return Number(bytes.readBigUInt64LE(at + 1));
    case ERR:
      throw broken('a field has no length');
    default:
      return first;
  }
}

/** Bytes of the length itself. */
const lengthBytes = (first: number): number =>
  first === LENGTH_2 ? 3 : first === LENGTH_3 ? 4 : first === LENGTH_8 ? 9 : 1;

const broken = (what: string): SyncError => new SyncError('SRC-2005', 'transient', what);

/** An ERR packet taken apart. */
function serverFault(packet: Buffer): ServerFault {
  const errno = packet.readUInt16LE(1);
  const hasState = packet[3] === 0x23;
  const state = hasState ? packet.toString('latin1', 4, 9) : '';
  return new ServerFault(errno, state, packet.toString('utf8', hasState ? 9 : 3));
}
