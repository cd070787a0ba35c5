import { quoteTable, type TableName } from '../../../relational/identifiers.ts';
import { quoteText } from '../../../relational/literals.ts';
import { LEDGER_TABLE, type LedgerDialect } from '../../../relational/write/ledger.ts';

/** The ledger beside the target table. Its layout is that of `docs/mysql-writer.md`. */
export function ledgerDialect({ schema }: TableName): LedgerDialect {
  const table = quoteTable('mysql', { ...(schema !== undefined && { schema }), name: LEDGER_TABLE });
  return {
    table,
    exists:
      `SELECT 1 FROM information_schema.tables WHERE table_name = '${LEDGER_TABLE}' AND table_schema = ` +
      (schema === undefined ? 'DATABASE()' : quoteText('mysql', schema)),
    create:
      `CREATE TABLE IF NOT EXISTS ${table} (run_key char(64) NOT NULL, shard varchar(64) NOT NULL, ` +
      'run_name text NOT NULL, generation int NOT NULL, epoch bigint NOT NULL, nonce varchar(32) NOT NULL, ' +
      'mark longtext, row_count bigint NOT NULL DEFAULT 0, byte_count bigint NOT NULL DEFAULT 0, ' +
      'block_count bigint NOT NULL DEFAULT 0, updated datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, ' +
      'PRIMARY KEY (run_key, shard)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
    // The lock of the run, or its own key, keeps two from inserting the same row: only a doubled row is ignored.
    insert:
      `INSERT IGNORE INTO ${table} (run_key, shard, run_name, generation, epoch, nonce) ` +
      'VALUES (?, ?, ?, ?, ?, ?)',
    olderThan: (days) => `updated < CURRENT_TIMESTAMP - INTERVAL ${days} DAY`,
  };
}
