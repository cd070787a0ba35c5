import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Writer } from '../../../core/connectors/contract.ts';
import { type OssTarget, startOssTarget } from '../../contract/writers/oss-target.ts';
import { blockOf, columns, noise, noisyRows, run, task, writeShard } from './rows.ts';

let target: OssTarget;
const writers: Writer[] = [];
const open = (params: Record<string, unknown> = {}): Writer => {
  const writer = target.openWith(params);
  writers.push(writer);
  return writer;
};

beforeEach(async () => {
  target = await startOssTarget();
});
afterEach(async () => {
  for (const writer of writers.splice(0)) await writer.close();
  await target.close();
});

const outputs = (): Promise<string[]> => target.keys('out/part');
const text = async (key: string): Promise<string> => (await target.content(key)).toString('utf8');

describe('objects of the OSS writer', () => {
  it('are one per shard, named as DataX users expect, with the header on top', async () => {
    const writer = open({ suffix: 'csv', header: ['id', 'te,xt'] });
    const shards = [
      await writeShard(writer, [[1n, 'a']], task('00000')),
      await writeShard(writer, [[2n, null]], task('00001')),
    ];
    const receipt = await writer.commit(run, shards);
    const keys = await outputs();
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key).toMatch(/^out\/part__[0-9a-f]{32}(_\d+)?\.csv$/);
    expect(await text(keys[0]!)).toBe('id,"te,xt"\n1,a\n');
    expect(await text(keys[1]!)).toBe('id,"te,xt"\n2,null\n');
    expect(receipt).toMatchObject({ location: 'oss://bucket-a/out/part', objects: 2, bytes: 33 });
  });

  it('roll at maxFileSize, each with the header, every row once', async () => {
    const writer = open({ maxFileSize: 1, header: ['id', 'text'] });
    const rows = noisyRows(0, 3000, 1000);
    await writer.commit(run, [await writeShard(writer, rows)]);
    const keys = await outputs();
    expect(keys.map((key) => key.slice(key.indexOf('__') + 34))).toEqual(['', '_1', '_2']);
    const contents = await Promise.all(keys.map(text));
    for (const content of contents) {
      expect(content.startsWith('id,text\n')).toBe(true);
      expect(content.length).toBeLessThan(1.5 * 1024 * 1024);
    }
    const ids = contents.flatMap((content) => content.trimEnd().split('\n').slice(1));
    expect(ids).toEqual(rows.map((row) => row.join(',')));
  });

  it.each([
    ['', []],
    [', also when some are sent again', ['lose-answer', 'reset'] as const],
  ])('go up in several parts with the right checksum, in bounded memory%s', async (_, faults) => {
    for (const kind of faults) target.inject(2, { kind }, ({ operation }) => operation === 'UploadPart');
    const writer = open();
    const sink = await writer.open(task(), columns, undefined);
    const expected = createHash('sha256');
    const filler = noise(1, 9_990);
    for (let block = 0; block < 30; block++) {
      const rows = Array.from({ length: 100 }, (_, i) => [BigInt(block * 100 + i), filler] as const);
      for (const [id] of rows) expected.update(`${id},${filler}\n`);
      await sink.write(blockOf(rows));
    }
    const state = await sink.finish();
    const [object] = (JSON.parse(state) as { objects: { parts: unknown[][]; rows: number }[] }).objects;
    expect(object?.parts.length).toBeGreaterThan(3);
    expect(object?.rows).toBe(3000);
    await writer.commit(run, [{ shardId: '00000', epoch: 1, state }]);
    const [key] = await outputs();
    const stored = await target.content(key!);
    expect(createHash('sha256').update(stored).digest('hex')).toBe(expected.digest('hex'));
  });

  it('are gzip files whose members end where parts may end', async () => {
    const writer = open({ compress: 'gzip', suffix: '.csv.gz' });
    const sink = await writer.open(task(), columns, undefined);
    await sink.write(blockOf(noisyRows(0, 300, 1000)));
    const durable = await sink.checkpoint();
    expect(durable).toBeDefined();
    await sink.close();
    const rest = await writeShard(writer, noisyRows(300, 320, 1000), task('00000', 2), durable);
    await writer.commit(run, [rest]);
    const keys = await outputs();
    expect(keys).toHaveLength(2);
    const lines = await Promise.all(
      keys.map(async (key) => gunzipSync(await target.content(key)).toString()),
    );
    expect(lines.join('').trimEnd().split('\n')).toEqual(noisyRows(0, 320, 1000).map((row) => row.join(',')));
  });

  it('exist for a shard without rows unless generateEmptyFile is false', async () => {
    const writer = open();
    await writer.commit(run, [await writeShard(writer, [])]);
    const [empty] = await outputs();
    expect(await text(empty!)).toBe('');
    const headed = open({ object: 'head/part', header: ['id'] });
    await headed.commit(run, [await writeShard(headed, [])]);
    expect(await text((await target.keys('head/part'))[0]!)).toBe('id\n');
    const none = open({ object: 'none/part', generateEmptyFile: false });
    const receipt = await none.commit(run, [await writeShard(none, [])]);
    expect(await target.keys('none/part')).toEqual([]);
    expect(receipt).toMatchObject({ objects: 0, bytes: 0 });
  });

  it('ask for encryption on the server when told to', async () => {
    const writer = open({ encrypt: true });
    await writer.commit(run, [await writeShard(writer, [[1n, 'a']])]);
    const [key] = await outputs();
    const { res } = await target.client.head(key!);
    expect((res.headers as Record<string, string>)['x-oss-server-side-encryption']).toBe('AES256');
  });

  it('leave refused rows out and say which they were', async () => {
    const writer = open({ encoding: 'GBK' });
    const sink = await writer.open(task(), columns, undefined);
    const faults = await sink.write(
      blockOf([
        [1n, '中'],
        [2n, '🙂'],
        [3n, 'c'],
      ]),
    );
    expect(faults).toMatchObject([{ row: 1, column: 1, error: { code: 'CNV-3002' } }]);
    const state = await sink.finish();
    await writer.commit(run, [{ shardId: '00000', epoch: 1, state }]);
    expect((await target.content((await outputs())[0]!)).toString('latin1')).toBe('1,\xd6\xd0\n3,c\n');
  });

  it('numbers refused rows by their place in the block, also far down', async () => {
    const writer = open({ encoding: 'US-ASCII' });
    const sink = await writer.open(task(), columns, undefined);
    const rows = Array.from({ length: 1000 }, (_, i) => [BigInt(i), i === 777 ? 'é' : 'e'] as const);
    expect((await sink.write(blockOf(rows))).map(({ row }) => row)).toEqual([777]);
    await sink.finish();
  });
});

describe('checkpoints', () => {
  it('stand still while too little is buffered for a part', async () => {
    const writer = open();
    const sink = await writer.open(task(), columns, undefined);
    expect(JSON.parse((await sink.checkpoint())!)).toEqual({ v: 1, objects: [] });
    await sink.write(blockOf([[1n, 'a']]));
    expect(await sink.checkpoint()).toBeUndefined();
    await sink.write(blockOf(noisyRows(0, 110, 1000)));
    expect(await sink.checkpoint()).toBeDefined();
    await sink.write(blockOf([[2n, 'b']]));
    expect(await sink.checkpoint()).toBeUndefined();
    const state = await sink.finish();
    await writer.commit(run, [{ shardId: '00000', epoch: 1, state }]);
    const content = await text((await outputs())[0]!);
    expect(content.split('\n')).toHaveLength(113);
  });
});
