import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ShardOutput, Writer } from '../../../core/connectors/contract.ts';
import { oss } from '../../../core/connectors/oss/index.ts';
import { BUCKET, type OssTarget, quickContext, startOssTarget } from '../../contract/writers/oss-target.ts';
import { blockOf, columns, noisyRows, run, task, writeShard } from './rows.ts';

let target: OssTarget;
const writers: Writer[] = [];
const open = (params: Record<string, unknown> = {}): Writer => {
  const writer = target.openWith(params);
  writers.push(writer);
  return writer;
};

beforeEach(async () => {
  target = await startOssTarget({ object: 'd/part' });
});
afterEach(async () => {
  for (const writer of writers.splice(0)) await writer.close();
  await target.close();
});

const dataKeys = async (): Promise<string[]> =>
  (await target.keys()).filter((key) => !key.includes('_millrace/'));
const twoShards = async (writer: Writer, of = run): Promise<ShardOutput[]> => [
  await writeShard(writer, [[1n, `a of ${of.runId}`]], task('00000', 1, of)),
  await writeShard(writer, [[2n, 'b']], task('00001', 1, of)),
];

describe('write modes', () => {
  it('truncate deletes whatever begins with the prefix, and nothing else, after the commit', async () => {
    const old = ['d/part__x', 'd/partition.csv', 'd/part/deeper/y'];
    const kept = ['d/par', 'd/other', 'd/_millrace/part/earlier/manifest.json'];
    for (const key of [...old, ...kept]) await target.put(key, 'old');
    const writer = open({ writeMode: 'truncate' });
    await writer.prepare(run, columns);
    const outputs = await twoShards(writer);
    expect(await dataKeys()).toEqual(expect.arrayContaining(old));
    await writer.commit(run, outputs);
    const keys = await target.keys();
    expect(keys).toEqual(expect.arrayContaining(kept));
    expect(keys.filter((key) => old.includes(key))).toEqual([]);
    expect(keys.filter((key) => key.startsWith('d/part__'))).toHaveLength(2);
  });

  it('truncate replaces the output of the run before', async () => {
    const first = open({ writeMode: 'truncate' });
    await first.commit(run, await twoShards(first));
    const before = await dataKeys();
    const next = { ...run, runId: 'r2' };
    const second = open({ writeMode: 'truncate' });
    await second.commit(next, await twoShards(second, next));
    const after = await dataKeys();
    expect(after).toHaveLength(2);
    expect(after.filter((key) => before.includes(key))).toEqual([]);
  });

  it('a belated commit of an older run removes nothing of a newer one', async () => {
    const first = open({ writeMode: 'truncate' });
    const outputs = await twoShards(first);
    await first.commit(run, outputs);
    const next = { ...run, runId: 'r2' };
    const second = open({ writeMode: 'truncate' });
    await second.commit(next, await twoShards(second, next));
    await target.put('d/partner.csv', 'came later');
    const after = await dataKeys();
    await open({ writeMode: 'truncate' }).commit(run, outputs);
    expect(await dataKeys()).toEqual(after);
  });

  it('a repeated commit does not remove a key that came back', async () => {
    await target.put('d/part_latest.csv', 'old');
    const writer = open({ writeMode: 'truncate' });
    const outputs = await twoShards(writer);
    await writer.commit(run, outputs);
    expect(await dataKeys()).not.toContain('d/part_latest.csv');
    await target.put('d/part_latest.csv', 'new');
    await writer.commit(run, outputs);
    expect(await dataKeys()).toContain('d/part_latest.csv');
  });

  it('truncate removes more keys than fit one deletion', async () => {
    const many = Array.from({ length: 1003 }, (_, i) => `d/part-${i}`);
    for (let i = 0; i < many.length; i += 50) {
      await Promise.all(many.slice(i, i + 50).map((key) => target.put(key, 'x')));
    }
    const writer = open({ writeMode: 'truncate' });
    await writer.commit(run, await twoShards(writer));
    expect(await dataKeys()).toHaveLength(2);
  });

  it('truncate by three at once deletes the old objects and keeps the new ones', async () => {
    for (const key of ['d/part__x', 'd/part__y']) await target.put(key, 'old');
    const outputs = await twoShards(open({ writeMode: 'truncate' }));
    const three = [1, 2, 3].map(() => open({ writeMode: 'truncate' }));
    await Promise.all(three.map((writer) => writer.commit(run, outputs)));
    const keys = await dataKeys();
    expect(keys).toHaveLength(2);
    expect(keys).not.toContain('d/part__x');
  });

  it('append leaves the old objects', async () => {
    await target.put('d/part__x', 'old');
    const writer = open({ writeMode: 'append' });
    await writer.prepare(run, columns);
    await writer.commit(run, await twoShards(writer));
    expect(await dataKeys()).toHaveLength(3);
  });

  it('nonConflict refuses a prefix in use, but not because of its own run', async () => {
    const writer = open({ writeMode: 'nonConflict' });
    await writer.prepare(run, columns);
    await writer.commit(run, await twoShards(writer));
    await writer.prepare(run, columns);
    await expect(writer.prepare({ ...run, runId: 'r2' }, columns)).rejects.toMatchObject({
      code: 'DST-4006',
    });
    await target.put('d/part__x', 'foreign');
    await expect(writer.prepare(run, columns)).rejects.toMatchObject({ code: 'DST-4006' });
  });
});

describe('the manifest', () => {
  it('lists the objects with size, checksum and rows', async () => {
    const writer = open();
    const receipt = await writer.commit(run, await twoShards(writer));
    const key = receipt.manifest!.replace(`oss://${BUCKET}/`, '');
    const manifest = JSON.parse((await target.content(key)).toString()) as {
      objects: { key: string; size: number; crc64: string; rows: number }[];
    };
    expect(manifest).toMatchObject({ v: 1, jobId: 'job', runId: 'r1', bucket: BUCKET, rows: 2 });
    expect(manifest.objects.map((object) => object.key)).toEqual(await dataKeys());
    for (const object of manifest.objects) {
      const { res } = await target.client.head(object.key);
      const headers = res.headers as Record<string, string>;
      expect(String(object.size)).toBe(headers['content-length']);
      expect(object.crc64).toBe(headers['x-oss-hash-crc64ecma']);
    }
  });

  it('is enough: a repeated commit does not miss objects that were taken away since', async () => {
    const writer = open();
    const outputs = await twoShards(writer);
    const receipt = await writer.commit(run, outputs);
    await target.client.deleteMulti(await dataKeys());
    expect(await writer.commit(run, outputs)).toEqual(receipt);
    expect(await dataKeys()).toEqual([]);
  });

  it('refuses another set of objects for the same run', async () => {
    const writer = open();
    const outputs = await twoShards(writer);
    await writer.commit(run, outputs);
    await expect(writer.commit(run, outputs.slice(1))).rejects.toMatchObject({ code: 'DST-4005' });
  });
});

describe('a commit', () => {
  it('stops at an object that differs from what was sent', async () => {
    const writer = open();
    const output = await writeShard(writer, [[1n, 'a']]);
    const wrong = output.state.replace(/"(\d+)"\]\]/, '"1"]]') as typeof output.state;
    expect(wrong).not.toBe(output.state);
    await expect(writer.commit(run, [{ ...output, state: wrong }])).rejects.toMatchObject({
      code: 'DST-4005',
    });
    expect((await target.keys()).filter((key) => key.endsWith('manifest.json'))).toEqual([]);
  });

  it('makes visible what the run took over from a failed one', async () => {
    const writer = open();
    const outputs = await twoShards(writer);
    const successor = { ...run, runId: `${run.runId}.r1` };
    const receipt = await writer.commit(successor, outputs);
    expect(receipt.objects).toBe(2);
    expect(await dataKeys()).toHaveLength(2);
    await writer.commit(successor, outputs);
    expect(await dataKeys()).toHaveLength(2);
  });

  it('truncate keeps what a failed run had made visible already and this one took over', async () => {
    const outputs = await twoShards(open({ writeMode: 'truncate' }));
    await open({ writeMode: 'truncate' }).commit(run, outputs);
    await open({ writeMode: 'truncate' }).commit({ ...run, runId: `${run.runId}.r1` }, outputs);
    expect(await dataKeys()).toHaveLength(2);
  });

  it('refuses the state of another job', async () => {
    const writer = open();
    const outputs = await twoShards(writer);
    const foreign = outputs.map((output) => ({
      ...output,
      state: output.state.replaceAll('__', '-other__') as typeof output.state,
    }));
    await expect(writer.commit(run, foreign)).rejects.toMatchObject({ kind: 'bug' });
  });

  it('leaves no upload behind, not even those of overtaken attempts', async () => {
    const writer = open();
    const zombie = await writer.open(task('00000', 1), columns, undefined);
    await zombie.write(blockOf(noisyRows(0, 200, 1000)));
    await zombie.checkpoint();
    const output = await writeShard(writer, [[1n, 'a']], task('00000', 2));
    expect(await target.uploads()).toHaveLength(2);
    await writer.commit(run, [output]);
    expect(await target.uploads()).toEqual([]);
    await expect(zombie.finish()).resolves.toBeDefined();
    expect(await dataKeys()).toHaveLength(1);
  });

  it('that dies at any call is finished by the next one', async () => {
    const old = ['d/part-old-1', 'd/part-old-2'];
    for (let dies = 1; ; dies++) {
      const of = { ...run, runId: `crash-${dies}` };
      for (const key of old) await target.put(key, 'old');
      const writer = open({ writeMode: 'truncate' });
      const outputs = [...(await twoShards(writer, of)), await writeShard(writer, [], task('00002', 1, of))];
      let calls = 0;
      target.inject(
        1,
        { kind: 'refuse', status: 403, code: 'AccessDenied', message: 'x' },
        () => ++calls === dies,
      );
      const outcome = await writer.commit(of, outputs).then(
        () => 'committed',
        (error: unknown) => error,
      );
      if (outcome !== 'committed') expect(outcome).toMatchObject({ code: 'DST-4002' });
      target.clearFaults();
      await open({ writeMode: 'truncate' }).commit(of, outputs);
      const keys = await dataKeys();
      expect(keys, `died at call ${dies}`).toHaveLength(3);
      expect(await target.uploads()).toEqual([]);
      if (calls < dies) break;
      expect(dies).toBeLessThan(50);
    }
  });
});

describe('discard', () => {
  it('aborts the uploads of its run only and deletes nothing committed', async () => {
    const writer = open();
    const other = { ...run, runId: 'r2' };
    await twoShards(writer);
    const theirs = await twoShards(writer, other);
    await writer.discard(run);
    expect(await target.uploads()).toHaveLength(2);
    await writer.commit(other, theirs);
    await writer.discard(other);
    expect(await dataKeys()).toHaveLength(2);
  });
});

describe('faults of the target', () => {
  it('a missing bucket is DST-4004, a wrong secret DST-4002', async () => {
    await expect(open({ bucket: 'no-such-bucket' }).prepare(run, columns)).rejects.toMatchObject({
      code: 'DST-4004',
    });
    const wrong = open({ accessKey: 'wrong' });
    const fault = await wrong.prepare(run, columns).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'DST-4002', kind: 'auth' });
    expect(JSON.stringify(fault)).not.toContain('wrong');
  });

  it('parts whose answers are lost are sent again', async () => {
    const writer = open();
    target.inject(2, { kind: 'lose-answer' }, ({ operation }) => operation === 'UploadPart');
    target.inject(1, { kind: 'reset' }, ({ operation }) => operation === 'InitiateMultipartUpload');
    const output = await writeShard(writer, noisyRows(0, 9000, 1000));
    await writer.commit(run, [output]);
    const [key] = await dataKeys();
    expect((await target.content(key!)).toString().trimEnd().split('\n')).toHaveLength(9000);
  });

  it('a sink whose part is refused for good throws, and goes on throwing', async () => {
    const writer = open();
    target.inject(
      99,
      { kind: 'refuse', status: 403, code: 'AccessDenied', message: 'x' },
      ({ operation }) => operation === 'UploadPart',
    );
    const sink = await writer.open(task(), columns, undefined);
    await sink.write(blockOf(noisyRows(0, 200, 1000)));
    await expect(sink.checkpoint()).rejects.toMatchObject({ code: 'DST-4002' });
    await expect(sink.finish()).rejects.toMatchObject({ code: 'DST-4002' });
    await sink.close();
  });

  it('a bucket that keeps versions is refused', async () => {
    const server = createServer((_request, response) => {
      response.end(
        '<BucketInfo><Bucket><Name>bucket-a</Name><Versioning>Enabled</Versioning></Bucket></BucketInfo>',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const writer = open({ endpoint: `http://127.0.0.1:${port}` });
    await expect(writer.prepare(run, columns)).rejects.toMatchObject({ code: 'DST-4007' });
    await writer.close();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('conn test', () => {
  it('says that the bucket can be reached', async () => {
    const { endpoint, region, bucket, accessId, accessKey } = target.params;
    const connection = { endpoint, region, bucket, accessId, accessKey };
    expect(await oss.test!(connection, quickContext())).toBe('bucket bucket-a can be reached');
    const wrong = oss.test!({ ...connection, accessKey: 'wrong' }, quickContext());
    await expect(wrong).rejects.toMatchObject({ code: 'DST-4002' });
  });

  it('says what a data source lacks, without its values', async () => {
    const fault = await oss.test!({ accessKey: 'secret-x', bucket: 5 }, quickContext()).catch(
      (e: unknown) => e,
    );
    expect(fault).toMatchObject({ code: 'DST-4004', kind: 'config', detail: { path: 'bucket' } });
    const noKey = oss.test!({ endpoint: 'http://localhost:1', bucket: 'bucket-a' }, quickContext());
    await expect(noKey).rejects.toMatchObject({ code: 'DST-4004', detail: { path: 'accessId' } });
    expect(JSON.stringify(fault)).not.toContain('secret-x');
  });
});
