import { describe, expect, it } from 'vitest';
import { allRows, shardRows, startBucket } from './source-bucket.ts';

const names = (rows: readonly (readonly string[])[]): string[] => rows.map(([first]) => first ?? '');

describe('which objects are read', () => {
  it('follows wildcards: a star for any run, a question mark for one character', async () => {
    await using bucket = await startBucket();
    for (const key of ['a/1.csv', 'a/.csv', 'a/12.csv', 'a/b/3.csv', 'a/1xcsv', 'b/1.csv']) {
      await bucket.put(key, `${key}\n`);
    }
    await bucket.put('a/_millrace/x/manifest.csv', 'never\n');
    await bucket.put('a/folder/', '');
    const read = async (object: string | string[]) => names(await allRows(bucket.open({ object })));
    expect(await read('a/?.csv')).toEqual(['a/1.csv']);
    expect(await read('a/*.csv')).toEqual(['a/.csv', 'a/1.csv', 'a/12.csv', 'a/b/3.csv']);
    expect(await read(['b/1.csv', 'a/1*', 'a/?.csv'])).toEqual(['b/1.csv', 'a/1.csv', 'a/12.csv', 'a/1xcsv']);
    expect(await read('*')).toHaveLength(6);
  });

  it('lists more than a page', async () => {
    await using bucket = await startBucket();
    const keys = Array.from({ length: 1203 }, (_, i) => `p/${String(i).padStart(5, '0')}`);
    await Promise.all(keys.map((key) => bucket.put(key, `${key}\n`)));
    const { shards } = await bucket.open({ object: 'p/*' }).plan(4);
    expect(shards.map(({ range }) => (JSON.parse(range) as { key: string }).key)).toEqual(keys);
  });

  it('faults when there is none, unless that is allowed', async () => {
    await using bucket = await startBucket();
    await bucket.put('a/1.csv', 'x\n');
    const column = [{ index: 0, type: 'string' }];
    for (const object of ['nope/*', 'nope.csv', ['a/1.csv', 'nope.csv']]) {
      await expect(bucket.open({ object, column }).plan(1)).rejects.toMatchObject({ code: 'SRC-2012' });
    }
    const allowed = { column, successOnNoObject: true };
    expect(await allRows(bucket.open({ object: ['a/1.csv', 'nope.csv'], ...allowed }))).toEqual([['x']]);
    const reader = bucket.open({ object: 'nope/*', ...allowed });
    const plan = await reader.plan(3);
    expect(plan.shards).toHaveLength(1);
    expect(plan.notes.map(({ level }) => level)).toContain('warning');
    expect(await shardRows(reader, plan.shards[0]!)).toEqual([]);
  });

  it('refuses archived objects', async () => {
    await using bucket = await startBucket();
    await bucket.put('cold.csv', 'x\n', { 'x-oss-storage-class': 'Archive' });
    for (const object of ['cold.csv', 'c*']) {
      await expect(bucket.open({ object }).plan(1)).rejects.toMatchObject({ code: 'SRC-2014' });
    }
  });

  it('refuses a bucket that is not there, and wrong credentials', async () => {
    await using bucket = await startBucket();
    await bucket.put('a.csv', 'x\n');
    const wrong = bucket.open({ object: 'a.csv', accessKey: 'other' });
    await expect(wrong.plan(1)).rejects.toMatchObject({ code: 'SRC-2002', kind: 'auth' });
    await expect(bucket.open({ object: 'a*', bucket: 'other' }).plan(1)).rejects.toMatchObject({
      code: 'SRC-2004',
    });
  });
});

describe('objects that change', () => {
  it.each([
    ['overwritten', 'put'],
    ['deleted', 'delete'],
  ])('are noticed when %s after the plan', async (_, how) => {
    await using bucket = await startBucket();
    await bucket.put('a.csv', 'old,row\n');
    const reader = bucket.open({ object: 'a.csv' });
    const { shards } = await reader.plan(1);
    if (how === 'put') await bucket.put('a.csv', 'new,row\n');
    else await bucket.client.delete('a.csv');
    await expect(shardRows(reader, shards[0]!)).rejects.toMatchObject({ code: 'SRC-2013', kind: 'lost' });
  });
});

describe('headers and columns', () => {
  it('must be those of the first object', async () => {
    await using bucket = await startBucket();
    await bucket.put('a.csv', 'id,name\n1,x\n');
    await bucket.put('b.csv', 'name,id\ny,2\n');
    const reader = bucket.open({ object: '?.csv', skipHeader: true });
    const { shards, columns } = await reader.plan(1);
    expect(columns.map(({ name }) => name)).toEqual(['id', 'name']);
    expect(await shardRows(reader, shards[0]!)).toEqual([['1', 'x']]);
    await expect(shardRows(reader, shards[1]!)).rejects.toMatchObject({ code: 'SRC-2018' });
  });

  it('give records that are none as refused rows, with their place', async () => {
    await using bucket = await startBucket();
    await bucket.put('a.csv', 'a,b\nonly\nc,d\n');
    const reader = bucket.open({ object: 'a.csv' });
    const { shards } = await reader.plan(1);
    for await (const { block, refused, keyOf } of reader.read(shards[0]!, undefined)) {
      expect(block.rowCount).toBe(3);
      expect(refused).toMatchObject([{ row: 1, column: -1, error: { code: 'CNV-3021', kind: 'data' } }]);
      expect(keyOf(1)).toBe('oss://bucket-a/a.csv byte 4');
    }
  });
});
