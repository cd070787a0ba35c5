import type { EncodedRows } from '../../../relational/write/encoded-rows.ts';
import type { RowLoader } from '../../../relational/write/session.ts';
import type { LoadLayout } from '../../../relational/write/target.ts';
import type { PostgresSession } from './session.ts';
import { copyInto, copyIntoStage, createStage, isDirect, mergeStage } from './statements.ts';

/** Loads rows by COPY, through the stage where they may meet rows of the same key. */
export class CopyLoader implements RowLoader {
  readonly #session: PostgresSession;
  readonly #copy: string;
  readonly #merge: string | undefined;
  /** The transaction is begun by the message that brings its first rows: an exchange less for each block. */
  #begins = false;

  private constructor(session: PostgresSession, copy: string, merge: string | undefined) {
    this.#session = session;
    this.#copy = copy;
    this.#merge = merge;
  }

  /** The loader of a session; creates the stage if the rule needs one. */
  static async open(session: PostgresSession, table: string, layout: LoadLayout): Promise<CopyLoader> {
    if (isDirect(layout.rule)) return new CopyLoader(session, copyInto(table, layout), undefined);
    await session.run(createStage(table, layout));
    return new CopyLoader(session, copyIntoStage(layout), mergeStage(table, layout));
  }

  async load(rows: EncodedRows, from: number, to: number): Promise<void> {
    const copy = this.#begins ? `BEGIN; ${this.#copy}` : this.#copy;
    this.#begins = false;
    await this.#session.copy(copy, rows.bytes.subarray(rows.start(from), rows.start(to)));
    if (this.#merge !== undefined) await this.#session.run(this.#merge, [from, to]);
  }

  /** Strictly, checks that would wait for the commit are made by each statement. */
  async begin(strict: boolean): Promise<void> {
    this.#begins = !strict;
    if (!strict) return;
    await this.#session.run('BEGIN');
    await this.#session.run('SET CONSTRAINTS ALL IMMEDIATE');
  }
}
