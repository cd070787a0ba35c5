/**
 * The four primitives that a state store is made of. Everything above (versions, lost answers, codecs) is
 * written once, in this folder, and is the same for every implementation.
 */

/** A stored column. */
export type Scalar = string | bigint | boolean;

/** Columns of a row, without its key. */
export type Columns = Readonly<Record<string, Scalar>>;

/** Key of a row: rows of one scope are listed together, in byte order of `id`. */
export interface RowKey {
  readonly scope: string;
  readonly id: string;
}

/** A row as stored. */
export interface StoredRow {
  readonly key: RowKey;
  readonly columns: Columns;
}

/** What must hold for a put: nothing, no such row yet, or the row's `ver` being exactly this. */
export type PutCondition =
  | { readonly kind: 'none' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'ver'; readonly ver: bigint };

/** Ids from `from` on and before `to`, which is greater, in byte order. */
export interface IdSpan {
  readonly from: string;
  readonly to: string;
}

/** Column that every row carries and every conditional write raises. */
export const VER = 'ver';
/** Column that names the write that made the row what it is. */
export const NONCE = 'nonce';

/** One table of rows. Reads see every write that was acknowledged before. */
export interface RowTable {
  get(key: RowKey): Promise<StoredRow | undefined>;
  /**
   * Replaces the whole row if the condition holds. A row without `ver` never fits a `ver` condition. Throws an
   * UnknownOutcomeError when the answer was lost: the row may or may not have been written.
   */
  put(row: StoredRow, condition: PutCondition): Promise<'applied' | 'refused'>;
  /** Removes the row; absent is fine. */
  remove(key: RowKey): Promise<void>;
  /**
   * Rows of a scope in byte order of `id`, at most `limit`; of all scopes, in order of scope, when absent. `span`: only
   * those of the scope with such an id.
   */
  scan(scope: string | undefined, limit: number, span?: IdSpan): Promise<readonly StoredRow[]>;
}
