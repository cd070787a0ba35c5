/** The kernel that makes pages: ids, runs and bounds, against a reader that is not ours and plain JavaScript. */
import fc from 'fast-check';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { describe, expect, it } from 'vitest';
import { ByteBuffer } from '../../../../core/formats/byte-buffer.ts';
import {
  bitWidth,
  type Dictionary,
  makePage,
  type Page,
  type ValueShape,
} from '../../../../core/formats/parquet/page-kernel.ts';

function bufferOf(bytes: Uint8Array): ByteBuffer {
  const buffer = new ByteBuffer(16);
  buffer.append(bytes);
  return buffer;
}

const dictionaryOf = (): Dictionary => ({ entries: new ByteBuffer(16), count: 0 });

/** A page without levels, its bytes copied. */
function pageOf(shape: ValueShape, values: Uint8Array, rows: number, dictionary?: Dictionary): Page {
  const levels = bufferOf(new Uint8Array(rows).fill(1));
  const page = makePage(shape, { values: bufferOf(values), levels, nulls: 0, isRequired: true }, dictionary);
  return { ...page, bytes: Buffer.from(page.bytes) };
}

function runLengths(bytes: Uint8Array, from: number, width: number, count: number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const read = new Int32Array(count);
  readRleBitPackedHybrid({ view, offset: from }, width, read, bytes.length - from);
  return [...read];
}

const words = (values: readonly number[]): Buffer => Buffer.from(Int32Array.from(values).buffer);
const int32: ValueShape = { size: 4, order: 'signed' };

const runs = fc
  .array(fc.tuple(fc.integer(), fc.integer({ min: 1, max: 40 })), { maxLength: 60 })
  .map((given) => given.flatMap(([value, times]) => new Array<number>(times).fill(value)));

describe('ids', () => {
  it('and their dictionary give the values back, over several pages', () => {
    fc.assert(
      fc.property(fc.array(runs, { minLength: 1, maxLength: 4 }), (pages) => {
        const dictionary = dictionaryOf();
        for (const values of pages) {
          const before = dictionary.count;
          const page = pageOf(int32, words(values), values.length, dictionary);
          if (page.kind === 'plain') {
            expect(Buffer.from(page.bytes).equals(words(values))).toBe(true);
            expect(dictionary.count).toBe(before);
            continue;
          }
          const entries = Array.from({ length: dictionary.count }, (_, i) =>
            dictionary.entries.bytes.readInt32LE(4 * i),
          );
          expect(new Set(entries).size).toBe(entries.length);
          const width = page.bytes[0]!;
          expect(width).toBe(bitWidth(entries.length - 1));
          expect(runLengths(page.bytes, 1, width, values.length).map((id) => entries[id])).toEqual(values);
        }
      }),
    );
  });

  it.each([
    ['long, many', 8],
    ['strings', 0],
    ['of 3 bytes', 3],
    ['of 17 bytes', 17],
  ])('number values that are %s in the order of their appearance', (_, size) => {
    const distinct = 9_000;
    const values = Array.from({ length: 30_000 }, (_, i) => bytesFor(Math.imul(i, 7919) % distinct, size));
    const known = new Map<string, number>();
    for (const value of values)
      if (!known.has(value.toString('latin1'))) known.set(value.toString('latin1'), known.size);
    const dictionary = dictionaryOf();
    const shape: ValueShape = { size, order: size === 8 ? 'unsigned' : 'bytes' };
    const page = pageOf(shape, Buffer.concat(values), values.length, dictionary);
    expect(page.kind).toBe('ids');
    expect(runLengths(page.bytes, 1, page.bytes[0]!, values.length)).toEqual(
      values.map((value) => known.get(value.toString('latin1'))),
    );
    const entries = Buffer.from(dictionary.entries.bytes.subarray(0, dictionary.entries.length));
    expect(entries.toString('latin1')).toBe([...known.keys()].join(''));
  });

  it('are given up where most values differ', () => {
    const values = Array.from({ length: 40_000 }, (_, i) => i);
    const dictionary = dictionaryOf();
    expect(pageOf(int32, words(values), values.length, dictionary).kind).toBe('plain');
    expect(dictionary).toMatchObject({ count: 0 });
  });

  it('end where the dictionary is full', () => {
    const shape: ValueShape = { size: 0, order: 'bytes' };
    const dictionary = dictionaryOf();
    const page = (first: number): Page => {
      const values = Array.from({ length: 1000 }, (_, i) => bytesFor(first + (i % 500), 0, 700));
      return pageOf(shape, Buffer.concat(values), values.length, dictionary);
    };
    expect([page(0).kind, page(500).kind, page(1000).kind, page(0).kind]).toEqual([
      'ids',
      'ids',
      'plain',
      'ids',
    ]);
    expect(dictionary.entries.length).toBeLessThanOrEqual(1024 * 1024);
  });

  function bytesFor(number: number, size: number, length = 1 + (number % 30)): Buffer {
    if (size > 0) {
      const value = Buffer.alloc(size, number % 251);
      value.writeUIntLE(number, 0, 3);
      return value;
    }
    const text = `${number}${'x'.repeat(length)}`;
    const value = Buffer.alloc(4 + text.length);
    value.writeUInt32LE(text.length);
    value.write(text, 4, 'latin1');
    return value;
  }
});

describe('levels', () => {
  it('tell rows with a value from those without', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 30 })), { maxLength: 40 }),
        (given) => {
          const levels = given.flatMap(([has, times]) => new Array<number>(times).fill(Number(has)));
          const nulls = levels.filter((level) => level === 0).length;
          const values = words(new Array<number>(levels.length - nulls).fill(7));
          const content = {
            values: bufferOf(values),
            levels: bufferOf(Uint8Array.from(levels)),
            nulls,
            isRequired: false,
          };
          const bytes = Buffer.from(makePage(int32, content, undefined).bytes);
          if (levels.length === 0) return;
          const length = bytes.readUInt32LE();
          expect(runLengths(bytes.subarray(4, 4 + length), 0, 1, levels.length)).toEqual(levels);
          expect(bytes.subarray(4 + length).equals(values)).toBe(true);
        },
      ),
    );
  });
});

describe('bounds', () => {
  const shapes: readonly [ValueShape, (values: readonly bigint[]) => Buffer, (bytes: Buffer) => bigint][] = [
    [
      { size: 4, order: 'signed' },
      (v) => Buffer.from(Int32Array.from(v, Number).buffer),
      (b) => BigInt(b.readInt32LE()),
    ],
    [
      { size: 4, order: 'unsigned' },
      (v) => Buffer.from(Uint32Array.from(v, Number).buffer),
      (b) => BigInt(b.readUInt32LE()),
    ],
    [
      { size: 8, order: 'signed' },
      (v) => Buffer.from(BigInt64Array.from(v).buffer),
      (b) => b.readBigInt64LE(),
    ],
    [
      { size: 8, order: 'unsigned' },
      (v) => Buffer.from(BigUint64Array.from(v).buffer),
      (b) => b.readBigUInt64LE(),
    ],
  ];

  it.each(shapes)('of %o are the lowest and the highest', (shape, encode, decode) => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1 }),
        (given) => {
          const bytes = encode(given);
          const all = Array.from({ length: given.length }, (_, i) => decode(bytes.subarray(shape.size * i)));
          for (const dictionary of [undefined, dictionaryOf()]) {
            const { bounds } = pageOf(shape, bytes, given.length, dictionary);
            if (typeof bounds === 'string') throw new Error(bounds);
            expect(all.every((value) => decode(bounds.min) <= value && value <= decode(bounds.max))).toBe(
              true,
            );
            expect([all.includes(decode(bounds.min)), all.includes(decode(bounds.max))]).toEqual([
              true,
              true,
            ]);
          }
        },
      ),
    );
  });

  it('of byte strings are those of memcmp', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.stringMatching(/^a{0,20}b?$/).map((s) => Buffer.from(s)),
    );
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 20 }), (values) => {
        const plain = values.flatMap((value) => [words([value.length]), Buffer.from(value)]);
        const { bounds } = pageOf({ size: 0, order: 'bytes' }, Buffer.concat(plain), values.length);
        const sorted = values.map((value) => Buffer.from(value)).sort(Buffer.compare);
        expect(bounds).toEqual({ min: sorted[0], max: sorted.at(-1) });
      }),
    );
  });

  it('of decimals in bytes are those of the numbers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: -(2n ** 79n), max: 2n ** 79n - 1n }), { minLength: 1 }),
        (values) => {
          const hex = (value: bigint): string => BigInt.asUintN(80, value).toString(16).padStart(20, '0');
          const { bounds } = pageOf(
            { size: 10, order: 'number' },
            Buffer.from(values.map(hex).join(''), 'hex'),
            values.length,
          );
          const sorted = [...values]
            .sort((a, b) => (a < b ? -1 : 1))
            .map((value) => Buffer.from(hex(value), 'hex'));
          expect(bounds).toEqual({ min: sorted[0], max: sorted.at(-1) });
        },
      ),
    );
  });

  it('do not exist among numbers that are none', () => {
    const doubles = (...values: number[]): Buffer => Buffer.from(Float64Array.from(values).buffer);
    const shape: ValueShape = { size: 8, order: 'float' };
    expect(pageOf(shape, doubles(1, Number.NaN), 2).bounds).toBe('unordered');
    expect(pageOf(shape, doubles(1, -Infinity), 2).bounds).toEqual({
      min: doubles(-Infinity),
      max: doubles(1),
    });
    expect(pageOf(shape, doubles(), 0).bounds).toBe('empty');
  });
});
