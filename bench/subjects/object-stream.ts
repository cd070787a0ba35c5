/** The peer: a table to CSV in OSS as one writes it with mysql2, row by row, csv-stringify and ali-oss. */
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { createConnection } from 'mysql2';
import { bucketClient } from '../../test/support/export-check.ts';
import { serveSubject } from '../child.ts';
import { COLUMNS } from '../relational/table.ts';
import type { RelationalInput } from '../relational.ts';

serveSubject<RelationalInput>(async ({ address, mariadb, prefix }) => {
  const oss = bucketClient({ ...address, endpoint: address.oss, bucket: 'exports' });
  const { host, port, username: user, password, database } = mariadb;
  const connection = createConnection({ host, port, user, password, database, dateStrings: true });
  return async () => {
    let rows = 0;
    const lines = stringify({ columns: [...COLUMNS] });
    const body = new PassThrough();
    const put = oss.putStream(`${prefix}/all.csv`, body);
    const found = connection.query(`SELECT ${COLUMNS} FROM lineitem`).on('result', () => {
      rows++;
    });
    await pipeline(found.stream(), lines, body);
    await put;
    connection.destroy();
    return { rows, bytes: 0 };
  };
});
