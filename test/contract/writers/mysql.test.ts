import { createConnection, type RowDataPacket as Row } from 'mysql2/promise';
import type { MysqlWriterConfig } from '../../../core/connectors/mysql/write/config.ts';
import { mysqlWriter } from '../../../core/connectors/mysql/write/index.ts';
import { MysqlTarget } from '../../../core/connectors/mysql/write/target.ts';
import { RelationalWriter } from '../../../core/relational/write/relational-writer.ts';
import { startMariadb } from '../../support/servers/mariadb.ts';
import { describeRelationalContract } from './relational-contract.ts';
import { hastyContext, type RelationalHarness } from './relational-ground.ts';

class GentleTarget extends MysqlTarget {
  override async evict(): Promise<void> {}
}

async function start(): Promise<RelationalHarness> {
  const server = await startMariadb();
  const { host, port, username: user, password, database } = server;
  const client = await createConnection({ host, port, user, password, database });
  let made: boolean | undefined;
  const configOf = (through: number, parameters = {}): MysqlWriterConfig =>
    mysqlWriter.schema.parse({
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
      const [rows] = await client.query<Row[]>("SHOW TABLES LIKE 'millrace_ledger'");
      if (rows.length > 0) await client.query('DELETE FROM millrace_ledger');
    },
    open(through, parameters = {}, context = hastyContext()) {
      return mysqlWriter.open(configOf(through, parameters), context);
    },
    openGentle() {
      const config = configOf(port);
      return new RelationalWriter(new GentleTarget(config, hastyContext()), config, hastyContext(), () => {
        throw new Error('nothing is read back here');
      });
    },
    async rows() {
      const [rows] = await client.query<Row[]>('SELECT id, name FROM target ORDER BY id');
      return rows.map(({ id, name }) => `${id}:${name}`);
    },
    async execute(sql) {
      await client.query(sql);
    },
    async count(table) {
      const [rows] = await client.query<Row[]>(`SELECT count(*) AS n FROM ${table}`);
      return rows[0]?.n;
    },
    async [Symbol.asyncDispose]() {
      await client.end();
      await server[Symbol.asyncDispose]();
    },
  };
}

describeRelationalContract('mysql', start, {
  insert: [{}, { batchSize: 7 }, { loadData: false }],
  keyed: ['insert ignore', 'update', 'replace'],
});
