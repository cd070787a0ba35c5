import { quoteTable, type TableName } from '../../../relational/identifiers.ts';
import { LEDGER_TABLE, type LedgerDialect } from '../../../relational/write/ledger.ts';

/** The ledger beside the target table. Its layout is that of `docs/postgresql-writer.md`. */
export function ledgerDialect({ schema }: TableName): LedgerDialect {
  const table = quoteTable('postgresql', { ...(schema !== undefined && { schema }), name: LEDGER_TABLE });
  return {
    table,
    exists: `SELECT 1 WHERE to_regclass('${table.replaceAll("'", "''")}') IS NOT NULL`,
    create:
      `CREATE TABLE IF NOT EXISTS ${table} (run_key char(64) NOT NULL, shard varchar(64) NOT NULL, ` +
      'run_name text NOT NULL, generation int NOT NULL, epoch bigint NOT NULL, nonce varchar(32) NOT NULL, ' +
      'mark text, row_count bigint NOT NULL DEFAULT 0, byte_count bigint NOT NULL DEFAULT 0, block_count bigint NOT NULL DEFAULT 0, ' +
      'updated timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (run_key, shard))',
    insert:
      `INSERT INTO ${table} (run_key, shard, run_name, generation, epoch, nonce) VALUES (?, ?, ?, ?, ?, ?) ` +
      'ON CONFLICT DO NOTHING',
    olderThan: (days) => `updated < CURRENT_TIMESTAMP - interval '${days} days'`,
  };
}
