import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWriter } from '../wire/byte-writer.ts';
import { VARIANT } from '../wire/plain-format.ts';
import { compareBytes, writeKeyColumn } from './key-encoding.ts';
import { type LocalValue, writeVariant } from './value.ts';

type Bound = LocalValue | 'min' | 'max';
interface Boxed {
  readonly value: Bound;
}

const box = (value: Bound): Boxed => ({ value });

const variant = ({ value }: Boxed, isText: boolean): Uint8Array => {
  if (!isText && value === 'min') return Uint8Array.of(VARIANT.INF_MIN);
  if (!isText && value === 'max') return Uint8Array.of(VARIANT.INF_MAX);
  const out = new ByteWriter();
  writeVariant(out, value as LocalValue);
  return out.toBytes();
};

const encode = (values: readonly Uint8Array[]): Uint8Array => {
  const out = new ByteWriter();
  for (const value of values) writeKeyColumn(out, value);
  return out.toBytes();
};

const order = (a: Uint8Array, b: Uint8Array): number =>
  Math.sign(compareBytes(a, 0, a.length, b, 0, b.length));

const int64 = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc.constantFrom(-(1n << 63n), -256n, -1n, 0n, 1n, 255n, 256n, (1n << 63n) - 1n),
);
const bytes = fc
  .uint8Array({ maxLength: 6 })
  .map((all) => all.map((byte) => [0, 1, 254, 255][byte % 4] as number));
const text = fc.string({
  unit: fc.constantFrom('\u0000', '\u0001', 'a', 'ÿ', '\uffff', '\u{10000}'),
  maxLength: 5,
});

const sign = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

test('integers keep their order', () => {
  fc.assert(
    fc.property(int64, int64, (a, b) => {
      expect(order(encode([variant(box(a), false)]), encode([variant(box(b), false)]))).toBe(sign(a, b));
    }),
  );
});

test('binaries and text keep the order of their bytes', () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      expect(order(encode([variant(box(a), true)]), encode([variant(box(b), true)]))).toBe(
        Buffer.compare(a, b),
      );
    }),
  );
  fc.assert(
    fc.property(text, text, (a, b) => {
      const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(order(encode([variant(box(a), true)]), encode([variant(box(b), true)]))).toBe(expected);
    }),
  );
});

test('several columns compare one after the other', () => {
  fc.assert(
    fc.property(text, int64, bytes, text, int64, bytes, (a1, a2, a3, b1, b2, b3) => {
      const expected =
        Buffer.compare(Buffer.from(a1), Buffer.from(b1)) || sign(a2, b2) || Buffer.compare(a3, b3);
      const key = (values: readonly LocalValue[]) => encode(values.map((value) => variant(box(value), true)));
      expect(order(key([a1, a2, a3]), key([b1, b2, b3]))).toBe(expected);
    }),
  );
});

test('infinite bounds enclose every value', () => {
  const min = encode([variant(box('min'), false)]);
  const max = encode([variant(box('max'), false)]);
  fc.assert(
    fc.property(fc.oneof(int64, bytes), (value) => {
      const key = encode([variant(box(value), false)]);
      expect([order(min, key), order(key, max)]).toEqual([-1, -1]);
    }),
  );
});
