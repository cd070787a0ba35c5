import { describe, expect, it } from 'vitest';
import { startProxy } from './meddling-proxy.ts';
import { allRows, startBucket } from './source-bucket.ts';

const LINES = 6_000;
const content = Array.from({ length: LINES }, (_, i) => `${i},${'q'.repeat(990)}\n`).join('');
const expected = Array.from({ length: LINES }, (_, i) => String(i));

describe('a connection that meddles', () => {
  it('is ridden out when it cuts bodies in the middle', async () => {
    await using bucket = await startBucket();
    await bucket.put('a.csv', content);
    let cuts = 0;
    await using proxy = await startProxy(String(bucket.params.endpoint), (piece, connection, before) => {
      if (connection % 2 === 0 || before < 100_000) return piece;
      cuts++;
      return undefined;
    });
    const rows = await allRows(bucket.open({ object: 'a.csv', endpoint: proxy.endpoint }));
    expect(rows.map(([id]) => id)).toEqual(expected);
    expect(cuts).toBeGreaterThan(0);
  });

  it('is noticed when it changes a byte', async () => {
    await using bucket = await startBucket();
    await bucket.put('a.csv', content);
    let changed = false;
    await using proxy = await startProxy(String(bucket.params.endpoint), (piece) => {
      const at = changed ? -1 : piece.indexOf('qqqq');
      if (at < 0) return piece;
      changed = true;
      const copy = Buffer.from(piece);
      copy[at] = 0x51;
      return copy;
    });
    // The columns are known, so that the first read is that of the rows.
    const column = [{ index: 0, type: 'string' }];
    const reader = bucket.open({ object: 'a.csv', endpoint: proxy.endpoint, column });
    await expect(allRows(reader)).rejects.toMatchObject({ code: 'SRC-2015', kind: 'lost' });
    expect(changed).toBe(true);
  });
});
