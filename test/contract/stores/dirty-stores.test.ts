import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOssFolder } from '../../../core/connectors/oss/object-folder.ts';
import { ObjectDirtyStore } from '../../../core/dirty/object-store.ts';
import { TableDirtyStore } from '../../../core/dirty/table-store.ts';
import type { ObjectFolder } from '../../../core/ports/index.ts';
import { MemoryFolder } from '../../../core/ports/object-folder.ts';
import { systemClock, systemRandom } from '../../../core/ports/system.ts';
import { createStateStore, MemoryRowTable, type RowTable } from '../../../core/stores/index.ts';
import { stateCodes, TablestoreRowTable } from '../../../core/stores/tablestore-row-table.ts';
import { createTablestoreClient, type TablestoreClient } from '../../../core/tablestore/index.ts';
import { type OtsService, startOts } from '../../../infra/local/ots/index.ts';
import { collect } from '../../support/collect.ts';
import { type OssTarget, quickContext, startOssTarget } from '../writers/oss-target.ts';
import { describeDirtyStore } from './dirty-store-contract.ts';

const KEPT = 1_000;
const ROW = {
  shardId: '00000',
  ordinal: 0,
  key: 'id=0',
  column: '',
  value: 'private',
  valueType: 'string',
  targetType: 'x',
  code: 'CNV-3001',
  message: 'm',
} as const;
const COUNTED = [
  { shardId: '00000', counters: { read: 1, written: 0, dirty: 1, bytes: 0, checksum: '0'.repeat(32) } },
];

let ots: OtsService;
let client: TablestoreClient;
let oss: OssTarget;
let places = 0;

beforeAll(async () => {
  ots = await startOts({ keys: new Map([['id', 'secret']]) });
  const where = {
    endpoint: ots.endpoint,
    instanceName: 'refused',
    accessKeyId: 'id',
    accessKeySecret: 'secret',
  };
  client = createTablestoreClient({ ...where, codes: stateCodes }, { clock: systemClock });
  oss = await startOssTarget();
});

afterAll(async () => {
  client.close();
  await ots.close();
  await oss.close();
});

const tableStore = (table: RowTable): TableDirtyStore =>
  new TableDirtyStore(
    createStateStore(() => table, systemRandom),
    KEPT,
  );

function ossFolder(prefix = `dirty/${places++}`): ObjectFolder {
  const { endpoint, region, bucket, accessId, accessKey } = oss.params;
  return openOssFolder({ endpoint, region, bucket, accessId, accessKey }, prefix, quickContext());
}

describeDirtyStore('status table in memory', async () => tableStore(new MemoryRowTable()));

describeDirtyStore('status table in Tablestore', async () => {
  const table = `dirty_${places++}`;
  const key = ['scope', 'id'].map((name) => ({ name, type: 'STRING' as const }));
  await client.createTable({ table, key });
  return tableStore(new TablestoreRowTable(client, table, (call) => call()));
});

describeDirtyStore('objects in memory', async () => new ObjectDirtyStore(new MemoryFolder()));

describeDirtyStore('objects in OSS', async () => new ObjectDirtyStore(ossFolder()));

const TASK = { jobId: 'job', runId: 'run', shardId: '00000', epoch: 2 };

describe('objects of refused rows', () => {
  it('are compressed lines of JSON under a name that tells run, shard, attempt and ordinals', async () => {
    const folder = ossFolder('names');
    await new ObjectDirtyStore(folder).open(TASK).keep([ROW]);
    expect(await oss.keys('names/')).toEqual([
      'names/job/run/00000/0000000002-0000000000-0000000000-0000000001.jsonl.gz',
    ]);
    await folder.close();
  });

  it('are stored although answers are lost and calls refused, once each', async () => {
    const store = new ObjectDirtyStore(ossFolder());
    oss.faults.loseCommitAnswers(2);
    oss.faults.refuseSome(2);
    await store.open(TASK).keep([ROW]);
    expect(await collect(store.rows([TASK], COUNTED))).toEqual([ROW]);
    oss.clearFaults();
  });

  it('that somebody changed are refused, without a word of their rows; removed ones are not kept', async () => {
    const folder = new MemoryFolder();
    const store = new ObjectDirtyStore(folder);
    await store.open(TASK).keep([ROW]);
    const [[name = '', bytes] = []] = [...folder.objects];
    for (const damaged of [bytes!.subarray(0, 20), Buffer.from('private'), Buffer.alloc(0)]) {
      folder.objects.set(name, damaged);
      const fault = await collect(store.rows([TASK], COUNTED)).catch((error: unknown) => error);
      expect(fault).toMatchObject({ code: 'RUN-5022' });
      expect(JSON.stringify(fault) + String(fault)).not.toContain('private');
    }
    await store.open({ ...TASK, shardId: '00001' }).keep([{ ...ROW, shardId: '00001' }]);
    folder.objects.set(name, [...folder.objects.values()].at(-1)!);
    await expect(collect(store.rows([TASK], COUNTED))).rejects.toMatchObject({ code: 'RUN-5022' });
    folder.objects.delete(name);
    expect(await collect(store.rows([TASK], COUNTED))).toEqual([]);
  });

  it('need a bucket that is there', async () => {
    const { endpoint, region, accessId, accessKey } = oss.params;
    const where = { endpoint, region, bucket: 'no-such-bucket', accessId, accessKey };
    const store = new ObjectDirtyStore(openOssFolder(where, 'p', quickContext()));
    await expect(store.prepare()).rejects.toMatchObject({ code: 'DST-4004' });
    await expect(store.open(TASK).keep([ROW])).rejects.toMatchObject({ code: 'DST-4004' });
    await store.close();
  });
});
