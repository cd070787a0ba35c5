import type { TargetType } from '../../../convert/index.ts';
import { SyncError } from '../../../errors/index.ts';
import type { EncodedColumn } from '../../../relational/write/encoded-column.ts';
import type { EncodedRows } from '../../../relational/write/encoded-rows.ts';
import type { RowLoader } from '../../../relational/write/session.ts';
import type { LoadLayout } from '../../../relational/write/target.ts';
import { valueLists } from './file-notation.ts';
import type { MysqlSession } from './session.ts';
import { loadStatement, rowStatement } from './statements.ts';

/** Loads rows by statements with many rows each. The rows are value lists, each with a comma behind it. */
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

  async begin(): Promise<void> {
    await this.#session.run('BEGIN');
  }

  async load(rows: EncodedRows, from: number, to: number): Promise<void> {
    const values = rows.bytes.subarray(rows.start(from), rows.start(to) - 1);
    await this.#session.runBytes([this.#head, values, this.#tail]);
  }
}

/**
 * Loads rows by LOAD DATA LOCAL while the server takes them as they are. A local file makes it pass over doubled keys
 * and fit values with no more than a warning: then, and in strict transactions, the rows come as an INSERT.
 */
export class FileLoader implements RowLoader {
  readonly #session: MysqlSession;
  readonly #load: string;
  readonly #head: Buffer;
  readonly #targets: readonly TargetType[];
  #strict = false;

  constructor(session: MysqlSession, table: string, columns: readonly EncodedColumn[], layout: LoadLayout) {
    this.#session = session;
    this.#load = loadStatement(table, columns, layout);
    this.#head = Buffer.from(rowStatement(table, layout).head, 'utf8');
    this.#targets = columns.map(({ target }) => target);
  }

  async begin(strict: boolean): Promise<void> {
    this.#strict = strict;
    await this.#session.run('BEGIN');
  }

  async load(rows: EncodedRows, from: number, to: number): Promise<void> {
    const file = rows.bytes.subarray(rows.start(from), rows.start(to));
    if (this.#strict) {
      await this.#session.runBytes([this.#head, valueLists(file, this.#targets)]);
      return;
    }
    const { affected, warnings } = await this.#session.runWithFile(this.#load, file);
    if (affected !== to - from || warnings > 0)
      throw new SyncError('DST-4027', 'data', 'the server did not take every row as it is', { warnings });
  }
}
