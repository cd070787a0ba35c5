/** Answers that never come or trickle: the clients of the product give up in time, and a service can still be closed. */
import OSS from 'ali-oss';
import { expect, test } from 'vitest';
import { systemClock } from '../../../core/ports/system.ts';
import { stateCodes } from '../../../core/stores/index.ts';
import { createTablestoreClient } from '../../../core/tablestore/index.ts';
import { parseFaultSpec, seededFaults } from '../../../infra/faults/index.ts';
import { startLocalCloud } from '../../../infra/local/cloud.ts';
import type { FaultPoint } from '../../../infra/local/service.ts';

/** A cloud all of whose calls hang or trickle, and the calls that it saw. */
async function deadCloud(kind: 'hang' | 'slow') {
  const rule = seededFaults(
    parseFaultSpec(`seed=1,rate=1,kinds=${kind},ops=ListTable+GetBucketInfo+InvokeFunction`),
  );
  const seen: FaultPoint[] = [];
  const cloud = await startLocalCloud({
    buckets: ['bucket'],
    faults: (point) => {
      seen.push(point);
      return rule(point);
    },
  });
  return { cloud, seen };
}

const clientOf = (cloud: Awaited<ReturnType<typeof deadCloud>>['cloud'], timeoutMs?: number) =>
  createTablestoreClient(
    {
      endpoint: cloud.ots.endpoint,
      instanceName: 'inst',
      accessKeyId: cloud.accessKeyId,
      accessKeySecret: cloud.accessKeySecret,
      codes: stateCodes,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    },
    { clock: systemClock },
  );

test.each(['hang', 'slow'] as const)(
  '%s: a call ends with its own limit, as one worth repeating',
  async (kind) => {
    const { cloud } = await deadCloud(kind);
    const client = clientOf(cloud, 200);
    await createdTable(client);
    await expect(client.listTable()).rejects.toMatchObject({ code: 'RUN-5007', kind: 'transient' });
    client.close();
    await cloud.close();
  },
);

test.each(['hang', 'slow'] as const)('%s: does not hold up the end of the cloud', async (kind) => {
  const { cloud, seen } = await deadCloud(kind);
  const client = clientOf(cloud);
  await createdTable(client);
  const cut = [
    expect(client.listTable()).rejects.toMatchObject({ code: 'RUN-5007' }),
    expect(bucketOf(cloud).getBucketInfo('bucket')).rejects.toThrow(),
  ];
  const operations = () => seen.map(({ operation }) => operation);
  await expect.poll(operations).toEqual(expect.arrayContaining(['ListTable', 'GetBucketInfo']));
  await cloud.close();
  await Promise.all(cut);
  client.close();
});

const bucketOf = (cloud: Awaited<ReturnType<typeof deadCloud>>['cloud']): OSS =>
  new OSS({
    endpoint: cloud.oss.endpoint.replace('127.0.0.1', 'localhost'),
    sldEnable: true,
    region: 'oss-cn-hangzhou',
    bucket: 'bucket',
    accessKeyId: cloud.accessKeyId,
    accessKeySecret: cloud.accessKeySecret,
  } as OSS.Options);

/** So that the answer that trickles has bytes. */
const createdTable = (client: ReturnType<typeof clientOf>) =>
  client.createTable({ table: 'named', key: [{ name: 'k', type: 'STRING' }] });
