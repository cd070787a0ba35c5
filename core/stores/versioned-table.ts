import { UnknownOutcomeError } from '../errors/index.ts';
import type { Random } from '../ports/index.ts';
import type { StateTable, Versioned } from '../run/state.ts';
import type { RowCodec } from './codec.ts';
import {
  type IdSpan,
  NONCE,
  type PutCondition,
  type RowKey,
  type RowTable,
  type StoredRow,
  VER,
} from './row-table.ts';

/** Reads that settle a lost answer before the fault is passed on. */
const SETTLE_ROUNDS = 5;

/**
 * A table of typed rows over the four primitives. Every write raises `ver` and leaves a fresh nonce, so the
 * outcome of a write whose answer was lost can be read from the row:
 *
 *   nonce is ours            → it happened
 *   row as it was before     → it did not happen (yet): write again under the same condition, same nonce
 *   anything else            → somebody else was first: refused
 */
export class VersionedTable<K, T> implements StateTable<K, T> {
  readonly #table: RowTable;
  readonly #codec: RowCodec<T>;
  readonly #keyOf: (key: K) => RowKey;
  readonly #random: Random;

  constructor(table: RowTable, codec: RowCodec<T>, keyOf: (key: K) => RowKey, random: Random) {
    this.#table = table;
    this.#codec = codec;
    this.#keyOf = keyOf;
    this.#random = random;
  }

  async get(key: K): Promise<Versioned<T> | undefined> {
    const row = await this.#table.get(this.#keyOf(key));
    return row && this.#decode(row);
  }

  async insert(key: K, value: T): Promise<'created' | 'exists'> {
    const written = await this.#write(this.#keyOf(key), value, 1n, { kind: 'absent' });
    return written ? 'created' : 'exists';
  }

  async replace(key: K, current: Versioned<T>, next: T): Promise<Versioned<T> | undefined> {
    const ver = current.ver + 1n;
    const written = await this.#write(this.#keyOf(key), next, ver, { kind: 'ver', ver: current.ver });
    return written ? { value: next, ver } : undefined;
  }

  remove(key: K): Promise<void> {
    return this.#table.remove(this.#keyOf(key));
  }

  /** Rows of a scope in key order. */
  async list(scope: string | undefined, limit: number, span?: IdSpan): Promise<readonly Versioned<T>[]> {
    return (await this.#table.scan(scope, limit, span)).map((row) => this.#decode(row));
  }

  async #write(key: RowKey, value: T, ver: bigint, condition: PutCondition): Promise<boolean> {
    const nonce = this.#random.nonce();
    const row: StoredRow = { key, columns: { ...this.#codec.encode(value), [VER]: ver, [NONCE]: nonce } };
    for (let round = 0; ; round++) {
      try {
        const outcome = await this.#table.put(row, condition);
        // A refusal after a lost answer may be the echo of our own success.
        return outcome === 'applied' || (round > 0 && (await this.#isOurs(key, nonce)));
      } catch (error) {
        if (!(error instanceof UnknownOutcomeError) || round >= SETTLE_ROUNDS) throw error;
        if (await this.#isOurs(key, nonce)) return true;
      }
    }
  }

  async #isOurs(key: RowKey, nonce: string): Promise<boolean> {
    return (await this.#table.get(key))?.columns[NONCE] === nonce;
  }

  #decode(row: StoredRow): Versioned<T> {
    return { value: this.#codec.decode(row.columns), ver: BigInt(row.columns[VER] ?? 0n) };
  }
}
