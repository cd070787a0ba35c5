import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LEAF_MAX_BYTES, LEAF_MAX_ROWS } from './leaf.ts';
import { OrderedRows } from './ordered-rows.ts';

const TRAITS = { oldestMs: 5, multiVersion: false };

const keyOf = (number: number): Uint8Array => {
  const key = Buffer.alloc(1 + (number % 3));
  key[0] = number;
  return key;
};

const contents = (rows: OrderedRows): [string, string][] =>
  rows.leaves.flatMap((leaf) =>
    Array.from({ length: leaf.count }, (_, i): [string, string] => [
      Buffer.from(leaf.key(i)).toString('hex'),
      Buffer.from(leaf.row(i)).toString('hex'),
    ]),
  );

test('puts, replacements and removals agree with a sorted map', () => {
  const change = fc.record({
    key: fc.integer({ min: 0, max: 255 }),
    bytes: fc.option(fc.integer({ min: 0, max: 3000 })),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 600 }), (changes) => {
      const rows = new OrderedRows();
      const model = new Map<string, string>();
      for (const { key, bytes } of changes) {
        const keyBytes = keyOf(key);
        const name = Buffer.from(keyBytes).toString('hex');
        if (bytes === null) expect(rows.remove(keyBytes)).toBe(model.delete(name));
        else {
          const row = Buffer.alloc(bytes, key);
          rows.put(keyBytes, row, TRAITS);
          model.set(name, row.toString('hex'));
        }
        expect(rows.get(keyBytes) && Buffer.from(rows.get(keyBytes) as Uint8Array).toString('hex')).toBe(
          model.get(name),
        );
      }
      expect(contents(rows)).toEqual([...model.entries()].sort(([a], [b]) => (a < b ? -1 : 1)));
      expect(rows.size).toBe(model.size);
      expect(rows.bytes).toBe([...model.values()].reduce((sum, row) => sum + row.length / 2, 0));
    }),
    { numRuns: 30 },
  );
});

const bigEndian = (number: number): Uint8Array => {
  const key = Buffer.alloc(4);
  key.writeUInt32BE(number);
  return key;
};

test.each([
  ['ascending', (i: number) => i],
  ['descending', (i: number) => 9999 - i],
  ['scattered', (i: number) => (i * 7919) % 10_000],
])('%s inserts stay sorted in leaves of bounded size', (_what, place) => {
  const rows = new OrderedRows();
  for (let i = 0; i < 10_000; i++) rows.put(bigEndian(place(i)), Buffer.alloc(100), TRAITS);
  expect(contents(rows).map(([key]) => Number.parseInt(key, 16))).toEqual(
    Array.from({ length: 10_000 }, (_, i) => i),
  );
  for (const leaf of rows.leaves) {
    expect(leaf.count).toBeGreaterThan(0);
    expect(leaf.count).toBeLessThanOrEqual(LEAF_MAX_ROWS);
  }
});

test('ascending inserts fill leaves; large rows split earlier', () => {
  const rows = new OrderedRows();
  for (let i = 0; i < 1280; i++) rows.put(bigEndian(i), Buffer.alloc(10), TRAITS);
  expect(rows.leaves.length).toBe(10);
  const large = new OrderedRows();
  for (let i = 0; i < 10; i++) large.put(bigEndian(i), Buffer.alloc(LEAF_MAX_BYTES), TRAITS);
  expect(large.leaves.length).toBe(10);
});

test('lowerBound finds the first key that is not smaller', () => {
  const rows = new OrderedRows();
  for (let i = 0; i < 1000; i++) rows.put(bigEndian(2 * i), Buffer.alloc(10), TRAITS);
  for (const wanted of [0, 1, 2, 255, 256, 257, 511, 512, 1997, 1998]) {
    const { leaf, index } = rows.lowerBound(bigEndian(wanted));
    const flat = rows.leaves.slice(0, leaf).reduce((sum, { count }) => sum + count, 0) + index;
    expect(flat).toBe(Math.ceil(wanted / 2));
  }
});
