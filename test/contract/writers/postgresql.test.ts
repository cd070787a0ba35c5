import pg from 'pg';
import type { PostgresWriterConfig } from '../../../core/connectors/postgresql/write/config.ts';
import { postgresWriter } from '../../../core/connectors/postgresql/write/index.ts';
import { PostgresTarget } from '../../../core/connectors/postgresql/write/target.ts';
import { RelationalWriter } from '../../../core/relational/write/relational-writer.ts';
import { startPostgres } from '../../support/servers/postgres.ts';
import { describeRelationalContract } from './relational-contract.ts';
import { hastyContext, type RelationalHarness } from './relational-ground.ts';

class GentleTarget extends PostgresTarget {
  override async evict(): Promise<void> {}
}

async function start(): Promise<RelationalHarness> {
  const server = await startPostgres();
  const { host, port, username: user, password, database } = server;
  const client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  let made: boolean | undefined;
  const configOf = (through: number, parameters = {}): PostgresWriterConfig =>
    postgresWriter.schema.parse({
      host,
      port: through,
      username: user,
      password,
      database,
      table: 'target',
      column: ['id', 'name'],
      ...parameters,
    });
  return {
    port,
    async reset(keyed) {
      if (made === keyed) await client.query('DELETE FROM target');
      else {
        await client.query('DROP TABLE IF EXISTS target');
        await client.query(`CREATE TABLE target (id bigint ${keyed ? 'PRIMARY KEY' : ''}, name text)`);
      }
      made = keyed;
      const { rows } = await client.query(`SELECT 1 WHERE to_regclass('millrace_ledger') IS NOT NULL`);
      if (rows.length > 0) await client.query('DELETE FROM millrace_ledger');
    },
    open(through, parameters = {}, context = hastyContext()) {
      return postgresWriter.open(configOf(through, parameters), context);
    },
    openGentle() {
      const config = configOf(port);
      return new RelationalWriter(new GentleTarget(config, hastyContext()), config, hastyContext(), () => {
        throw new Error('nothing is read back here');
      });
    },
    async rows() {
      const { rows } = await client.query('SELECT id, name FROM target ORDER BY id');
      return rows.map(({ id, name }) => `${id}:${name}`);
    },
    async execute(sql) {
      await client.query(sql);
    },
    async count(table) {
      const { rows } = await client.query(`SELECT count(*)::int AS n FROM ${table}`);
      return rows[0].n;
    },
    async [Symbol.asyncDispose]() {
      await client.end();
      await server[Symbol.asyncDispose]();
    },
  };
}

describeRelationalContract('postgresql', start, {
  insert: [{}, { batchSize: 7 }, { writeMode: 'copy' }],
  keyed: ['insert ignore', 'update', 'upsert', 'replace'],
});
