import type { EncodedRows } from '../../../relational/write/encoded-rows.ts';
import type { RowLoader } from '../../../relational/write/session.ts';
import type { LoadLayout } from '../../../relational/write/target.ts';
import type { MysqlSession } from './session.ts';
import { rowStatement } from './statements.ts';

/** Loads rows by statements with many rows each. */
export class InsertLoader implements RowLoader {
  readonly #session: MysqlSession;
  readonly #head: Buffer;
  readonly #tail: Buffer;

  constructor(session: MysqlSession, table: string, layout: LoadLayout) {
    const { head, tail } = rowStatement(table, layout);
    this.#session = session;
    this.#head = Buffer.from(head, 'utf8');
    this.#tail = Buffer.from(tail, 'utf8');
  }

  /** The comma after the last row stays out. */
  async load(rows: EncodedRows, from: number, to: number): Promise<void> {
    const values = rows.bytes.subarray(rows.start(from), rows.start(to) - 1);
    await this.#session.runBytes([this.#head, values, this.#tail]);
  }
}
