// Fills the table `orders` of the running local cloud, so that the example jobs have something to read.
// Usage: node examples/orders/seed.mjs [rows]      after `millrace cloud up --detach`
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import TableStore from 'tablestore';

const BATCH_ROWS = 200;
const STATUSES = ['new', 'paid', 'sent', 'returned'];

const rows = Number(process.argv[2] ?? 20_000);
const cloud = JSON.parse(readFileSync(findCloudFile(process.cwd()), 'utf8'));
const client = new TableStore.Client({
  endpoint: cloud.endpoints.ots,
  instancename: 'shop',
  accessKeyId: cloud.accessKeyId,
  secretAccessKey: cloud.accessKeySecret,
});

await createTable();
for (let from = 0; from < rows; from += BATCH_ROWS) {
  await client.batchWriteRow({
    tables: [{ tableName: 'orders', rows: batch(from, Math.min(rows, from + BATCH_ROWS)) }],
  });
}
console.log(`${rows} orders in ${cloud.endpoints.ots}`);
process.exit(0);

function findCloudFile(folder) {
  const file = path.join(folder, '.millrace/cloud.json');
  if (existsSync(file)) return file;
  if (path.dirname(folder) === folder)
    throw new Error('no local cloud: start it with `millrace cloud up --detach`');
  return findCloudFile(path.dirname(folder));
}

async function createTable() {
  const listed = await client.listTable({});
  if ((listed.tableNames ?? listed.table_names ?? []).includes('orders')) return;
  await client.createTable({
    tableMeta: {
      tableName: 'orders',
      primaryKey: [
        { name: 'customer', type: 'STRING' },
        { name: 'order_id', type: 'INTEGER' },
      ],
    },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
  });
}

function batch(from, to) {
  return Array.from({ length: to - from }, (_, i) => order(from + i));
}

function order(n) {
  const created = new Date(Date.UTC(2025, 0, 1) + n * 60_000).toISOString().slice(0, 19).replace('T', ' ');
  return {
    type: 'PUT',
    condition: new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null),
    primaryKey: [
      { customer: `c${String((n * 7919) % 997).padStart(4, '0')}` },
      { order_id: TableStore.Long.fromNumber(n) },
    ],
    attributeColumns: [
      { status: STATUSES[n % STATUSES.length] },
      { amount: (n % 1000) / 100 },
      { created },
      ...(n % 10 === 0 ? [{ note: 'gift, "wrapped"' }] : []),
    ],
  };
}
