import { SyncError } from '../../errors/index.ts';
import { crc64 } from '../../formats/index.ts';
import type { ObjectStore } from './object-store.ts';
import type { PartRecord, UploadRecord } from './sink-state.ts';

/** Least size of a part that is not the last of its object, bytes: a rule of OSS. */
export const MIN_PART_BYTES = 100 * 1024;
/** Size of the first parts, bytes. Memory of a sink is about this times (MAX_IN_FLIGHT + 1). */
export const PART_BYTES = 4 * 1024 * 1024;
/** Parts that OSS allows in an object. */
const MAX_PARTS = 10_000;
/** After this many parts the part size doubles, so that 100 GB need about 7,200. */
const PARTS_PER_SIZE = 2_000;
/** Parts on their way at once. */
const MAX_IN_FLIGHT = 2;
/** Tries of a part whose checksum came back wrong. */
const MAX_CHECKSUM_TRIES = 3;

/** One object that is being uploaded in parts. Calls never overlap. */
export class ObjectUpload {
  readonly #store: ObjectStore;
  readonly #key: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #release: (bytes: Buffer) => void;
  #uploadId: string | undefined;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #sentBytes = 0;
  #started = 0;
  readonly #parts: PartRecord[] = [];
  readonly #inFlight = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;
  /** Rows whose bytes were added. */
  rows = 0;

  /** `release` is given added bytes once they are stored. */
  constructor(
    store: ObjectStore,
    key: string,
    headers: Readonly<Record<string, string>>,
    release: (bytes: Buffer) => void = () => undefined,
  ) {
    this.#store = store;
    this.#key = key;
    this.#headers = headers;
    this.#release = release;
  }

  /** Bytes added so far. */
  get bytes(): number {
    return this.#sentBytes + this.#tailBytes;
  }

  /** Bytes added and not yet on their way. */
  get tailBytes(): number {
    return this.#tailBytes;
  }

  /** Size that the next part should have, bytes. */
  get partBytes(): number {
    return PART_BYTES * 2 ** Math.floor(this.#started / PARTS_PER_SIZE);
  }

  /** Takes bytes over; sends a part when enough are together, waiting while too many are on their way. */
  async add(bytes: Buffer): Promise<void> {
    this.#tail.push(bytes);
    this.#tailBytes += bytes.length;
    if (this.#tailBytes >= this.partBytes) await this.#send();
  }

  /** Sends what is left and waits until every part is stored. */
  async flush(): Promise<void> {
    if (this.#tailBytes > 0) await this.#send();
    await Promise.all(this.#inFlight);
    this.#throwFailure();
  }

  /** What is stored; call it after `flush`. */
  record(): UploadRecord {
    const parts = this.#parts.toSorted(([a], [b]) => a - b);
    return { key: this.#key, uploadId: this.#uploadId ?? '', parts, bytes: this.#sentBytes, rows: this.rows };
  }

  /**
   * Stores what was added so far and then `end`, as a part that only the returned record lists: the object may go on
   * and end otherwise.
   */
  async recordEndingWith(end: Buffer): Promise<UploadRecord> {
    await this.flush();
    this.#uploadId ??= await this.#store.initUpload(this.#key, this.#headers);
    const last = await this.#sendPart(this.#nextNumber(), end, this.#uploadId);
    const { parts, bytes, ...record } = this.record();
    return { ...record, parts: [...parts, last], bytes: bytes + end.length };
  }

  async #send(): Promise<void> {
    this.#uploadId ??= await this.#store.initUpload(this.#key, this.#headers);
    while (this.#inFlight.size >= MAX_IN_FLIGHT) await Promise.race(this.#inFlight);
    this.#throwFailure();
    const body = this.#takeTail();
    this.#sentBytes += body.length;
    const sending: Promise<void> = this.#sendPart(this.#nextNumber(), body, this.#uploadId)
      .then((part) => this.#stored(part, body))
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#inFlight.delete(sending));
    this.#inFlight.add(sending);
  }

  #takeTail(): Buffer {
    const tail = this.#tail;
    const body = tail.length === 1 ? tail[0]! : Buffer.concat(tail, this.#tailBytes);
    if (tail.length > 1) tail.forEach(this.#release);
    this.#tail = [];
    this.#tailBytes = 0;
    return body;
  }

  #nextNumber(): number {
    const number = ++this.#started;
    if (number > MAX_PARTS) {
      throw new SyncError('DST-4008', 'config', `an object would need more than ${MAX_PARTS} parts`);
    }
    return number;
  }

  async #sendPart(number: number, body: Buffer, uploadId: string): Promise<PartRecord> {
    const crc = String(crc64(body));
    for (let tries = 1; ; tries++) {
      const stored = await this.#store.uploadPart({ key: this.#key, uploadId }, number, body);
      if (stored.crc64 === undefined || stored.crc64 === crc) {
        return [number, stored.etag, body.length, crc];
      }
      if (tries >= MAX_CHECKSUM_TRIES) {
        throw new SyncError(
          'DST-4005',
          'transient',
          'a part was stored with another checksum than it was sent',
          {
            part: number,
          },
        );
      }
    }
  }

  #stored(part: PartRecord, body: Buffer): void {
    this.#parts.push(part);
    this.#release(body);
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
