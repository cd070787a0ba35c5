/**
 * The answer to COPY … TO STDOUT in text format (https://www.postgresql.org/docs/current/protocol-message-formats.html,
 * https://www.postgresql.org/docs/current/sql-copy.html). What a row looks like says core/kernels/assembly/copy-rows.ts.
 *
 *   message  1 byte type · 4 bytes length, big-endian, itself included · body
 *   answer   H CopyOutResponse · d CopyData, one per row · c CopyDone · C CommandComplete · Z ReadyForQuery
 *            or E ErrorResponse · Z; N notices and S parameters may come at any time
 *   E        per field 1 byte code (C SQLSTATE, M message) and a text ended by NUL; NUL ends the fields
 */
import { SyncError } from '../../../errors/index.ts';
import { Kernel } from '../../../kernels/kernel.ts';
import { WASM } from '../../../kernels/wasm/copy-rows.ts';
import { BLOCK_BYTES, BLOCK_ROWS } from '../../../relational/read/block-memories.ts';
import { MAX_ROW_BYTES, type RowBuffer, type Scanner } from '../../../relational/read/row-buffer.ts';
import { ServerFault } from '../errors.ts';

const HEADER_BYTES = 5;
/** The length counts itself. */
const LENGTH_BYTES = 4;
const COPY_DATA = 0x64;
const COPY_OUT_RESPONSE = 0x48;
const COPY_DONE = 0x63;
const COMMAND_COMPLETE = 0x43;
const READY = 0x5a;
const ERROR = 0x45;
const NOTICE = 0x4e;
const PARAMETER = 0x53;

const kernel = new Kernel<{
  scan(
    input: number,
    end: number,
    enough: number,
    origin: number,
    rows: number,
    fields: number,
    starts: number,
    ends: number,
    forms: number,
  ): number;
  reached(): number;
  rowCount(): number;
  escaped(): number;
}>(WASM);

/** By what the kernel returns. */
const DAMAGE = [
  undefined,
  'a row has fewer fields than columns',
  'a row has more fields than columns',
  'a row is not what COPY writes',
] as const;

/** Finds the rows of one COPY in the bytes of a buffer. */
export class CopyScanner implements Scanner {
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
    while (!this.#ended && !buffer.full) {
      const { bytes, at, length } = buffer;
      if (length - at < HEADER_BYTES) return;
      const end = at + 1 + messageLength(bytes, at);
      if (end > length) return;
      if (bytes[at] === COPY_DATA) this.#rows();
      else {
        this.#message(bytes[at]!, at + HEADER_BYTES, end);
        buffer.at = end;
      }
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

  /** Takes the rows up to another message, to one that is not here as a whole, or to the end of the block. */
  #rows(): void {
    const buffer = this.#buffer;
    const { bytes, at, length, rows, fields } = buffer;
    const size = length - at;
    // A field takes one byte at least.
    const most = Math.min(BLOCK_ROWS - rows, Math.ceil(size / (HEADER_BYTES + fields)));
    const cells = most * fields;
    const list = cells * Uint32Array.BYTES_PER_ELEMENT;
    const [input = 0, starts = 0, ends = 0, forms = 0] = kernel.layOut(size, list, list, cells);
    const { bytes: memory, functions } = kernel;
    memory.set(bytes.subarray(at, length), input);
    const enough = input + BLOCK_BYTES - at;
    const end = input + size;
    const damage = DAMAGE[functions.scan(input, end, enough, input - at, most, fields, starts, ends, forms)];
    if (damage !== undefined) throw broken(damage);
    const found = functions.rowCount();
    if (found === 0) throw broken('a message has no row');
    const places = found * fields;
    buffer.starts.set(new Uint32Array(memory.buffer, starts, places), rows * fields);
    buffer.ends.set(new Uint32Array(memory.buffer, ends, places), rows * fields);
    buffer.forms.set(memory.subarray(forms, forms + places), rows * fields);
    const reached = functions.reached();
    if (functions.escaped() > 0) bytes.set(memory.subarray(input, reached), at);
    buffer.at = at + reached - input;
    buffer.rows = rows + found;
  }
}

/** What the message says its length is. */
function messageLength(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at + 1);
  if (length < LENGTH_BYTES) throw broken('a message is shorter than its length');
  if (length <= MAX_ROW_BYTES) return length;
  throw new SyncError('SRC-2026', 'config', `a row has more than ${MAX_ROW_BYTES / 1024 / 1024} MiB`);
}

const broken = (what: string): SyncError => new SyncError('SRC-2005', 'transient', what);

function serverFault(body: Buffer): ServerFault {
  const fields: Record<string, string> = {};
  for (const part of body.toString('utf8').split('\0')) {
    if (part !== '') fields[part[0]!] = part.slice(1);
  }
  return new ServerFault(fields.C ?? '', fields.M ?? 'an error without a message');
}
