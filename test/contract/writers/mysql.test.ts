import { createConnection, type RowDataPacket as Row } from 'mysql2/promise';
import { mysqlWriter } from '../../../core/connectors/mysql/write/index.ts';
import { startMariadb } from '../../support/servers/mariadb.ts';
import { describeRelationalContract, hastyContext, type RelationalHarness } from './relational-contract.ts';

async function start(): Promise<RelationalHarness> {
  const server = await startMariadb();
  const { host, port, username: user, password, database } = server;
  const client = await createConnection({ host, port, user, password, database });
  let made: boolean | undefined;
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
      const config = mysqlWriter.schema.parse({
        host,
        port: through,
        username: user,
        password,
        database,
        table: 'target',
        column: ['id', 'name'],
        ...parameters,
      });
      return mysqlWriter.open(config, context);
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
