import { afterAll, beforeAll } from 'vitest';
import { systemClock } from '../../../core/ports/system.ts';
import { MemoryRowTable } from '../../../core/stores/index.ts';
import { stateCodes, TablestoreRowTable } from '../../../core/stores/tablestore-row-table.ts';
import { createTablestoreClient, type TablestoreClient } from '../../../core/tablestore/index.ts';
import { type OtsService, startOts } from '../../../infra/local/ots/index.ts';
import { describeRowTable } from './row-table-contract.ts';

let ots: OtsService;
let client: TablestoreClient;
let tables = 0;

beforeAll(async () => {
  ots = await startOts({ keys: new Map([['id', 'secret']]) });
  const where = {
    endpoint: ots.endpoint,
    instanceName: 'contract',
    accessKeyId: 'id',
    accessKeySecret: 'secret',
  };
  client = createTablestoreClient({ ...where, codes: stateCodes }, { clock: systemClock });
});

afterAll(async () => {
  client.close();
  await ots.close();
});

describeRowTable('memory', async () => new MemoryRowTable());

describeRowTable('Tablestore', async () => {
  const table = `rows_${tables++}`;
  const key = [
    { name: 'scope', type: 'STRING' as const },
    { name: 'id', type: 'STRING' as const },
  ];
  await client.createTable({ table, key });
  return new TablestoreRowTable(client, table, (call) => call());
});
